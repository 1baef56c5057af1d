import * as assert from "node:assert/strict";

import { changed, runProgram, stackConfig } from "./config";
import { find, type Recorded } from "./harness";
import { serviceStatus, throughService } from "./through-service";

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
    });
});
