import * as assert from "node:assert/strict";

import {
  platformGateway,
  buildGatewaySpec,
} from "../../../components/ingress/controllers/gateway/platform-gateway";
import {
  traefikPorts,
  buildTraefikValues,
} from "../../../components/ingress/controllers/traefik/traefik-values";
import { at, resolved, valuesArgs } from "./args";

const { listeners } = buildGatewaySpec("wildcard-tls", ["production"]);

describe("the platform's Gateway", () => {
  it("listens for HTTP and HTTPS on the ports of Traefik's container, which skip the mesh's proxy", async () => {
    assert.deepEqual(
      listeners.map(({ name, port, protocol }) => [name, port, protocol]),
      [
        ["http", traefikPorts.http, "HTTP"],
        ["https", traefikPorts.https, "HTTPS"],
      ],
    );
    const values = await resolved(buildTraefikValues({ ...valuesArgs, readsGateways: true }));
    assert.equal(
      at(values, "deployment.podAnnotations[config.linkerd.io/skip-inbound-ports]"),
      listeners.map(({ port }) => port).join(","),
    );
  });

  it("terminates TLS with one certificate for every host, on the listener of the HTTPRoutes", () => {
    const [http, https] = listeners;
    assert.equal(https?.name, platformGateway.sectionName);
    assert.deepEqual(https.tls, { mode: "Terminate", certificateRefs: [{ name: "wildcard-tls" }] });
    assert.equal(http && "tls" in http, false);
    assert.equal(https.hostname, undefined);
  });

  it("accepts only HTTPRoutes of the apps' namespace", () => {
    for (const { allowedRoutes } of listeners)
      assert.deepEqual(allowedRoutes, {
        namespaces: {
          from: "Selector",
          selector: { matchLabels: { "kubernetes.io/metadata.name": "production" } },
        },
        kinds: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute" }],
      });
  });

  it("accepts those of other namespaces with existing Services as well", () => {
    const several = buildGatewaySpec("wildcard-tls", ["production", "linkerd-viz", "monitoring"]);
    for (const { allowedRoutes } of several.listeners)
      assert.deepEqual(allowedRoutes?.namespaces, {
        from: "Selector",
        selector: {
          matchExpressions: [
            {
              key: "kubernetes.io/metadata.name",
              operator: "In",
              values: ["production", "linkerd-viz", "monitoring"],
            },
          ],
        },
      });
  });
});
