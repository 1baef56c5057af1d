import * as assert from "node:assert/strict";

import { at } from "./components/ingress/args";
import { changed, runProgram, stackConfig } from "./config";
import { find, type Recorded, type Values } from "./harness";
import { serviceAddresses, serviceStatus, throughService } from "./through-service";

/** The prod stack whose load balancer the cloud controller manager makes. */
const byManager = changed(throughService(stackConfig("prod")), {
  "ingress.gatewayApi": "installed",
  // With Gateway API, Traefik asks for no client certificate.
  originLock: { clientCertificate: false, allowList: false },
});

const behind = { traefik: "traefik", gateway: "traefik", nginx: "ingress-nginx" } as const;

describe("the way in through node ports", () => {
  const timing = { interval: 15, timeout: 10, retries: 3 };
  const asked = (port: number, path: string) => {
    const http = { path, domain: "", statusCodes: ["200"], response: "", tls: false };
    return { protocol: "http", port, http, ...timing };
  };

  for (const [controller, check] of [
    ["traefik", asked(30080, "/ping")],
    ["gateway", asked(30080, "/ping")],
    ["nginx", asked(31254, "/healthz")],
  ] as const)
    it(`has ${controller} checked where it answers`, async () => {
      const { resources } = await runProgram(
        changed(stackConfig("prod"), {
          "ingress.controller": controller,
          "ingress.gatewayApi": "installed",
          originLock: { clientCertificate: false, allowList: false },
        }),
      );
      const checkOf = (role: string) =>
        find(resources, ":LoadBalancerService", `load-balancer-${role}`).inputs.healthCheck;
      assert.deepEqual([checkOf("http"), checkOf("https")], [check, check]);
    });

  for (const [ips, believed] of [
    [[], ["10.0.0.3/32"]],
    [["10.0.1.10"], ["10.0.0.3/32"]],
    [
      ["10.0.1.10", "95.216.10.20"],
      ["10.0.0.3/32", "203.0.113.7/32"],
    ],
  ] as const)
    it(`believes ${believed.join(" and ")} with targets at ${ips.join(", ") || "no other addresses"}`, async () => {
      const { resources } = await runProgram(
        changed(stackConfig("prod"), { "ingress.controller": "traefik", "loadBalancer.ips": ips }),
      );
      const { inputs } = find(resources, ":Release", "traefik-chart");
      for (const entryPoint of ["web", "websecure"])
        assert.deepEqual(at(inputs, `values.ports.${entryPoint}.proxyProtocol.trustedIPs`), believed);
    });
});

const values = (resources: readonly Recorded[], release: string) =>
  JSON.stringify(find(resources, ":Release", `${release}-chart`).inputs.values);

describe("the way in through a Service of type LoadBalancer", () => {
  for (const [controller, release] of Object.entries(behind))
    describe(`to ${controller}`, () => {
      let resources: readonly Recorded[];
      before(async () => {
        const config = changed(byManager, { "ingress.controller": controller });
        ({ resources } = await runProgram(config, { answers: serviceStatus }));
      });

      it("makes nothing at Hetzner", () => {
        const types = resources.map(({ type }) => type);
        assert.deepEqual(
          types.filter((type) => type.startsWith("hcloud:")),
          [],
        );
      });

      it("has the Service where the controller's pods are, after them, and guards it", () => {
        const service = find(resources, ":Service", "load-balancer");
        const { metadata, spec } = service.inputs as { metadata: Values; spec: Values };
        assert.equal(metadata.namespace, release);
        assert.deepEqual(spec.selector, { "app.kubernetes.io/name": release });
        assert.ok(service.dependencies.includes(`kubernetes:helm.sh/v3:Release ${release}-chart`));
        assert.equal(service.protect, true);
      });

      it("has the addresses of that Service in DNS, and the controller shows the same", () => {
        const contents = new Set(
          resources
            .filter(
              ({ type, inputs }) =>
                type.endsWith(":DnsRecord") && (inputs.type === "A" || inputs.type === "AAAA"),
            )
            .map(({ inputs }) => inputs.content),
        );
        assert.deepEqual([...contents].sort(), Object.values(serviceAddresses));
        const told = controller === "gateway" ? '"name":"k3s-lb"' : `"pathOverride":"${release}/k3s-lb"`;
        assert.ok(values(resources, release).includes(told));
        assert.ok(!values(resources, release).includes(serviceAddresses.ipv4));
      });

      it("makes each app when that Service is there", () => {
        const apps = resources.filter(({ type }) => type.endsWith(":AppService"));
        assert.equal(apps.length, 6);
        for (const { dependencies } of apps)
          assert.ok(dependencies.includes("kubernetes:core/v1:Service load-balancer"));
      });

      it("opens no node port beside the Service's own", () =>
        assert.doesNotMatch(values(resources, release), /nodePort/i));
    });
});
