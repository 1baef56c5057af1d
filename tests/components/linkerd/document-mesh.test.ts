import * as assert from "node:assert/strict";

import { parse } from "yaml";

import { AppService } from "../../../components/app/app-service";
import { buildNetworkPolicy } from "../../../components/network-policy/call-graph";
import { ingressPods } from "../../../components/ingress/controllers";
import { changed } from "../../config";
import { find, run } from "../../harness";
import { prod, read } from "../../settings/configurations";
import { providers } from "../providers";

/** The resources of these apps, given as YAML, in the namespace `production`. */
async function createApps(apps: string) {
  const config = changed(prod, { namespace: "production", apps: parse(apps) as unknown });
  const { apps: all, namespace } = await read(config);
  const { resources } = await run(() => {
    const opts = { providers: providers() };
    return all.map(
      (app) =>
        new AppService(
          app.name,
          {
            ...app,
            policy: buildNetworkPolicy(app, { apps: all, ingress: ingressPods, namespace }),
            namespace,
            controller: "nginx",
            ingressClassName: "nginx",
            issuer: "letsencrypt-prod",
          },
          opts,
        ),
    );
  });
  return resources;
}

const podNamespace = "k8s:io.kubernetes.pod.namespace";

const ports = (...numbers: number[]) => [
  { ports: numbers.map((port) => ({ port: String(port), protocol: "TCP" })) },
];

describe("the document's ServiceProfile, as settings", () => {
  const settings = `
    api-gateway:
      image: ghcr.io/org/api:v1.0.0
      port: 8080
      serviceProfile:
        routes:
          - { name: "GET /v1/users/{id}", method: GET, pathRegex: "/v1/users/[^/]+", timeout: 5s, isRetryable: true }
          - { name: POST /v1/orders, method: POST, pathRegex: /v1/orders, timeout: 30s }
        retryBudget: { retryRatio: 0.2, minRetriesPerSecond: 10, ttl: 10s }
  `;

  it("has the name of the Service, both routes, and a shared retry budget", async () => {
    assert.deepEqual(find(await createApps(settings), ":ServiceProfile", "api-gateway").inputs, {
      apiVersion: "linkerd.io/v1alpha2",
      kind: "ServiceProfile",
      metadata: { name: "api-gateway.production.svc.cluster.local", namespace: "production" },
      spec: {
        routes: [
          {
            name: "GET /v1/users/{id}",
            condition: { method: "GET", pathRegex: "/v1/users/[^/]+" },
            timeout: "5s",
            // The document has a retry budget here instead, which is not a field of a route.
            isRetryable: true,
          },
          {
            // Not retryable, since it is not idempotent.
            name: "POST /v1/orders",
            condition: { method: "POST", pathRegex: "/v1/orders" },
            timeout: "30s",
          },
        ],
        retryBudget: { retryRatio: 0.2, minRetriesPerSecond: 10, ttl: "10s" },
      },
    });
  });

  it("has a Service without other annotations of the mesh, and no HTTPRoute", async () => {
    const resources = await createApps(settings);
    const { annotations = {} } = find(resources, ":Service", "api-gateway").inputs.metadata as {
      annotations?: Record<string, string>;
    };
    assert.deepEqual(
      Object.keys(annotations).filter((key) => key.includes("linkerd.io")),
      [],
    );
    assert.equal(resources.filter(({ type }) => type.endsWith(":HTTPRoute")).length, 0);
  });
});

describe("the document's network policy, as settings", () => {
  const settings = (meshed: boolean) => `
    api-gateway:
      image: ghcr.io/org/api:v1.0.0
      port: 8080
      meshed: ${meshed}
      calls: [auth-service, user-service]
      routes: [{ host: api.example.com }]
    auth-service: { image: "ghcr.io/org/auth:v1.0.0", port: 8080, meshed: ${meshed} }
    user-service: { image: "ghcr.io/org/user:v1.0.0", port: 8080, meshed: ${meshed} }
  `;

  for (const meshed of [false, true]) {
    const arrival = meshed ? ports(8080, 4143) : ports(8080);
    it(`allows ingress from the controllers, and egress to the two callees and DNS, ${meshed ? "with" : "without"} the mesh`, async () => {
      const { inputs } = find(
        await createApps(settings(meshed)),
        ":CiliumNetworkPolicy",
        "api-gateway-policy",
      );
      const { apiVersion, kind, metadata, spec } = inputs as typeof inputs & {
        spec: { endpointSelector: object; ingress: object[]; egress: object[] };
      };
      assert.deepEqual(
        { apiVersion, kind, metadata },
        {
          apiVersion: "cilium.io/v2",
          kind: "CiliumNetworkPolicy",
          metadata: { name: "api-gateway-policy", namespace: "production" },
        },
      );
      assert.deepEqual(spec.endpointSelector, { matchLabels: { app: "api-gateway" } });

      const [fromIngress, fromKubelet, ...fromMesh] = spec.ingress;
      assert.deepEqual(fromIngress, {
        // The document has no namespace here, and so allows only pods of the app's own.
        fromEndpoints: ["traefik", "ingress-nginx"].map((name) => ({
          matchLabels: { [podNamespace]: name, "app.kubernetes.io/name": name },
        })),
        toPorts: arrival,
      });
      assert.deepEqual(fromKubelet, {
        fromEntities: ["host"],
        toPorts: meshed ? ports(8080, 4191) : ports(8080),
      });
      assert.equal(fromMesh.length, meshed ? 1 : 0);

      const [toAuth, toUser, toDns, ...toMesh] = spec.egress;
      assert.deepEqual(toAuth, { toEndpoints: [{ matchLabels: { app: "auth-service" } }], toPorts: arrival });
      assert.deepEqual(toUser, { toEndpoints: [{ matchLabels: { app: "user-service" } }], toPorts: arrival });
      assert.deepEqual(toDns, {
        toEndpoints: [{ matchLabels: { [podNamespace]: "kube-system", "k8s-app": "kube-dns" } }],
        toPorts: [
          {
            // The document lacks TCP, which long responses need.
            ports: [
              { port: "53", protocol: "UDP" },
              { port: "53", protocol: "TCP" },
            ],
          },
        ],
      });
      assert.equal(toMesh.length, meshed ? 1 : 0);
    });
  }

  it("has a matching ingress rule at each callee", async () => {
    const resources = await createApps(settings(true));
    for (const callee of ["auth-service", "user-service"]) {
      const { spec } = find(resources, ":CiliumNetworkPolicy", `${callee}-policy`).inputs as {
        spec: { ingress: object[] };
      };
      assert.deepEqual(spec.ingress[0], {
        fromEndpoints: [{ matchLabels: { app: "api-gateway" } }],
        toPorts: ports(8080, 4143),
      });
    }
  });
});
