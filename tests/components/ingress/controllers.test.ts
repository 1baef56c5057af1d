import * as assert from "node:assert/strict";

import {
  healthCheckFor,
  controllers,
  ingressServiceAccounts,
  ingressClassNames,
  ingressPods,
  nginxNodePorts,
  nodePortsFor,
  type ControllerName,
} from "../../../components/ingress/controllers";

const settings = { nodePorts: { http: 30180, https: 30543, nginxHealth: 31255 } };

describe("controllers", () => {
  for (const [controller, namespace, className, chart] of [
    ["traefik", "traefik", "traefik", "traefik"],
    ["nginx", "ingress-nginx", "nginx", "ingress-nginx"],
    ["gateway", "traefik", "traefik", "traefik"],
  ] as const)
    it(`finds ${controller} in ${namespace}, as the class ${className}`, () => {
      const { name, ingressClassName, podSelector, ...identity } = controllers[controller];
      assert.deepEqual([name, ingressClassName, identity.chart], [namespace, className, chart]);
      assert.deepEqual(podSelector, { namespace, app: namespace });
    });

  it("are one installation where Traefik reads Ingress objects or HTTPRoutes", () =>
    assert.equal(controllers.gateway, controllers.traefik));

  it("are known each by its pods and its class, for while one takes over from the other", () => {
    const all = new Set(Object.values(controllers));
    assert.deepEqual(new Set(ingressPods), new Set([...all].map(({ podSelector }) => podSelector)));
    assert.deepEqual(
      new Set(ingressClassNames),
      new Set([...all].map(({ ingressClassName }) => ingressClassName)),
    );
    assert.deepEqual([ingressPods.length, ingressClassNames.length], [all.size, all.size]);
    // As their charts name a ServiceAccount: after the release.
    assert.deepEqual(ingressServiceAccounts, [
      { namespace: "traefik", name: "traefik" },
      { namespace: "ingress-nginx", name: "ingress-nginx" },
    ]);
  });
});

describe("nodePortsOf", () => {
  for (const [controller, ports] of [
    ["traefik", { http: 30180, https: 30543, health: 30180 }],
    ["gateway", { http: 30180, https: 30543, health: 30180 }],
    ["nginx", { http: 31080, https: 31443, health: 31255 }],
  ] as const satisfies readonly (readonly [ControllerName, unknown])[])
    it(`puts ${controller} on ${ports.http} and ${ports.https}`, () =>
      assert.deepEqual(nodePortsFor(controller, settings), ports));

  it("lets ingress-nginx and Traefik stand side by side at the ports that the settings have by themselves", () => {
    const ports = [nginxNodePorts.http, nginxNodePorts.https, 30080, 30443];
    assert.equal(new Set(ports).size, 4);
    for (const port of ports) assert.ok(port >= 30000 && port <= 32767);
  });
});

describe("checkOf", () => {
  const timing = { intervalSeconds: 5, timeoutSeconds: 3, retries: 2 };
  const checked = (controller: ControllerName) =>
    healthCheckFor(controller, { ...settings, healthCheck: timing });

  for (const [controller, port, path] of [
    ["traefik", 30180, "/ping"],
    ["gateway", 30180, "/ping"],
    ["nginx", 31255, "/healthz"],
  ] as const)
    it(`asks ${controller} by HTTP at ${port}, and takes no redirect for an answer`, () => {
      const http = { path, statusCodes: ["200"] };
      assert.deepEqual(checked(controller), { protocol: "http", port, http, ...timing });
    });
});
