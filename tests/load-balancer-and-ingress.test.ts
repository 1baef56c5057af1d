import * as assert from "node:assert/strict";

import { changed, runProgram, stackConfig } from "./config";
import { find, type Recorded } from "./harness";
import { serviceAddresses, serviceStatus, throughService } from "./through-service";

const values = (resources: readonly Recorded[], release: string) =>
  JSON.stringify(find(resources, ":Release", `${release}-chart`).inputs.values);

describe("a load balancer of the cloud controller manager's", () => {
  for (const [controller, release] of Object.entries({
    traefik: "traefik",
    gateway: "traefik",
    nginx: "ingress-nginx",
  }))
    describe(`for ${controller}`, () => {
      let resources: readonly Recorded[];
      before(async () => {
        const config = changed(throughService(stackConfig("prod")), {
          "ingress.gatewayApi": "installed",
          "ingress.controller": controller,
          // With Gateway API, Traefik requests no client certificate.
          originLock: { clientCertificate: false, allowList: false },
        });
        ({ resources } = await runProgram(config, { answers: serviceStatus }));
      });

      it("needs nothing at Hetzner", () =>
        assert.ok(!resources.some(({ type }) => type.startsWith("hcloud:"))));

      it("is a protected Service after the controller, before the apps", () => {
        const service = find(resources, ":Service", "load-balancer");
        assert.equal(service.protect, true);
        assert.ok(service.dependencies.includes(`kubernetes:helm.sh/v3:Release ${release}-chart`));
        const apps = resources.filter(({ type }) => type.endsWith(":AppService"));
        for (const { dependencies } of apps)
          assert.ok(dependencies.includes("kubernetes:core/v1:Service load-balancer"));
      });

      it("has its addresses published by the controller, which opens no node port", () => {
        const wanted = controller === "gateway" ? '"name":"k3s-lb"' : `"pathOverride":"${release}/k3s-lb"`;
        assert.ok(values(resources, release).includes(wanted));
        assert.ok(!values(resources, release).includes(serviceAddresses.ipv4));
        assert.doesNotMatch(values(resources, release), /nodePort/i);
      });
    });
});
