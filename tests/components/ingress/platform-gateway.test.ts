import * as assert from "node:assert/strict";

import {
  gatewayClassName,
  platformGateway,
  buildGatewaySpec,
  traefikGatewayClass,
} from "../../../components/ingress/controllers/gateway/platform-gateway";
import {
  traefikPorts,
  buildTraefikValues,
} from "../../../components/ingress/controllers/traefik/traefik-values";
import { at, resolved, valuesArgs } from "./args";

const { listeners, ...spec } = buildGatewaySpec("wildcard-tls", ["production"]);

describe("the platform's Gateway", () => {
  it("is of Traefik's class", () => {
    assert.deepEqual(spec, { gatewayClassName });
    assert.deepEqual(traefikGatewayClass, { controllerName: "traefik.io/gateway-controller" });
  });

  it("stands beside Traefik, where its certificate is", () =>
    assert.equal(platformGateway.namespace, "traefik"));

  it("listens for HTTP and HTTPS on the ports of Traefik's container, those that the mesh leaves alone", async () => {
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

  it("ends TLS with the one certificate where HTTPRoutes attach, for every host", () => {
    const [http, https] = listeners;
    assert.equal(https?.name, platformGateway.sectionName);
    assert.deepEqual(https.tls, { mode: "Terminate", certificateRefs: [{ name: "wildcard-tls" }] });
    assert.equal(http && "tls" in http, false);
    assert.equal(https.hostname, undefined);
  });

  it("takes HTTPRoutes of the apps' namespace, and nothing else", () => {
    for (const { allowedRoutes } of listeners)
      assert.deepEqual(allowedRoutes, {
        namespaces: {
          from: "Selector",
          selector: { matchLabels: { "kubernetes.io/metadata.name": "production" } },
        },
        kinds: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute" }],
      });
  });

  it("takes those of further namespaces as well, where Services stand that are another's", () => {
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
