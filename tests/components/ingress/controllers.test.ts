import * as assert from "node:assert/strict";

import {
  controllerNames,
  controllers,
  ingressClassNames,
  ingressNamespaces,
  ingressServiceAccounts,
  installations,
  reservedNodePorts,
} from "../../../components/ingress/controllers";
import { healthCheckFor, nodePortsFor } from "../../../components/ingress/ingress-installation";

const settings = { nodePorts: { http: 30180, https: 30543, nginxHealth: 31255 } };

describe("controllers", () => {
  it("install Traefik once for Ingress objects and for HTTPRoutes", () => {
    assert.equal(controllers.gateway.installation.identity, controllers.traefik.installation.identity);
    assert.equal(installations.length, controllerNames.length - 1);
  });

  it("share no name, so that both can run while one replaces the other", () => {
    for (const names of [
      ingressClassNames,
      ingressNamespaces,
      ingressServiceAccounts.map(({ name }) => name),
    ])
      assert.equal(new Set(names).size, installations.length);
  });

  it("reserve node ports that no other controller has by default", () => {
    const fixed = installations.flatMap(({ nodePorts }) => Object.values(nodePorts.fixed ?? {}));
    assert.deepEqual([...reservedNodePorts.keys()], fixed);
    const ports = [...fixed, 30080, 30443];
    assert.equal(new Set(ports).size, ports.length);
    for (const port of ports) assert.ok(port >= 30000 && port <= 32767);
  });
});

describe("healthCheckFor", () => {
  const timing = { intervalSeconds: 5, timeoutSeconds: 3, retries: 2 };

  for (const [controller, http, https, health, path] of [
    ["traefik", 30180, 30543, 30180, "/ping"],
    ["gateway", 30180, 30543, 30180, "/ping"],
    ["nginx", 31080, 31443, 31255, "/healthz"],
  ] as const)
    it(`checks ${controller} at node port ${health}, and accepts no redirect`, () => {
      const { installation } = controllers[controller];
      assert.deepEqual(nodePortsFor(installation, settings), { http, https, health });
      assert.deepEqual(healthCheckFor(installation, { ...settings, healthCheck: timing }), {
        protocol: "http",
        port: health,
        http: { path, statusCodes: ["200"] },
        ...timing,
      });
    });
});
