import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { createAuthorization } from "../../../components/app/authorization-policies";
import { createMeshTraffic, buildMeshTraffic } from "../../../components/app/mesh-traffic";
import { buildAuthorization } from "../../../components/linkerd/authorization";
import { buildNetworkPolicy } from "../../../components/network-policy/call-graph";
import { networkPolicy } from "../../../components/custom-resources/cilium-resources";
import { egress } from "../../../settings/apps/egress";
import { serviceProfile, traffic } from "../../../settings/apps/traffic";
import { crdSchema } from "../../fixtures/upstream";
import { run, type Recorded } from "../../harness";
import { faultsOf } from "../../json-schema";
import { graphApp as app } from "../network-policy/graph-apps";
import { providers } from "../providers";

const kinds = [
  "Server",
  "AuthorizationPolicy",
  "MeshTLSAuthentication",
  "NetworkAuthentication",
  "ServiceProfile",
  "HTTPRoute",
  "CiliumNetworkPolicy",
] as const;

/** The errors of an object by the CRD of its kind, including a version that is deprecated or not served. */
function findErrors(kind: (typeof kinds)[number], { inputs }: Recorded): string[] {
  const schema = crdSchema(inputs.apiVersion as string, kind);
  if (!schema) return [`${JSON.stringify(inputs.apiVersion)} is not served, or is deprecated`];
  return faultsOf(inputs, schema, { root: schema, closed: true });
}

/** Apps with every feature that creates an object. */
const apps = [
  app("api", {
    calls: ["web", "grafana", "payments"],
    ports: { metrics: 9090, db: 5432 },
    routes: [{}],
    canary: {},
    exposed: true,
    egress: [
      { host: "*.example.org", ports: [443] },
      { host: "api.stripe.com", ports: [443] },
      { cidr: "203.0.113.0/24", ports: [123], protocol: "UDP" },
    ].map((each) => egress.parse(each)),
  }),
  app("web", { calls: ["api"], protocol: "grpc" }),
  app("old", { meshed: false, calls: ["api"] }),
  app("grafana", { existing: true, namespace: "monitoring", calls: ["api"] }),
  app("payments", { external: "api.stripe.com" }),
];

const around = {
  namespace: "production",
  trustDomain: "cluster.local",
  podCidrs: ["10.42.0.0/16"],
  ingress: [{ namespace: "traefik", name: "traefik" }],
};

const routes = [
  { name: "users", method: "GET", path: "/v1/users", timeouts: { request: "5s" }, retry: {} },
  { name: "health", path: "/health", pathType: "Exact" },
  { name: "orders", path: "/v1/orders/[^/]+", pathType: "RegularExpression" },
];

const profile = {
  routes: [{ name: "GET /v1/users/{id}", method: "GET", pathRegex: "/v1/users/[^/]+", isRetryable: true }],
  retryBudget: {},
};

describe("the contract with Linkerd, Gateway API and Cilium", () => {
  let resources: readonly Recorded[] = [];

  before(async () => {
    ({ resources } = await run(() => {
      const parent = new pulumi.ComponentResource("test:test:Test", "test", {}, { providers: providers() });
      const opts = { parent };
      const ingress = [{ namespace: "traefik", app: "traefik" }];
      for (const each of apps) {
        const authorization = buildAuthorization(each, apps, around);
        if (authorization) createAuthorization(authorization, "production", opts);
        const policy = buildNetworkPolicy(each, { apps, ingress, namespace: "production" });
        if (policy) networkPolicy(each.name, { name: each.name, namespace: "production" }, policy, opts);
      }
      const canary = { weight: 10 };
      const [split, old] = [
        buildMeshTraffic({ name: "api", servicePort: 80, canary, traffic: traffic.parse({ routes }) }),
        buildMeshTraffic({
          name: "web",

          servicePort: 80,
          serviceProfile: serviceProfile.parse(profile),
        }),
      ];
      createMeshTraffic("api", split, "production", opts);
      createMeshTraffic("web", old, "production", opts);
      return {};
    }));
  });

  for (const kind of kinds)
    it(`holds for every ${kind}`, () => {
      const created = resources.filter(({ type }) => type.endsWith(`:${kind}`));
      assert.ok(created.length > 0, `there is no ${kind}`);
      for (const each of created) assert.deepEqual(findErrors(kind, each), [], each.name);
    });

  it("rejects an unknown field, and a version that is not served", () => {
    const [server] = resources.filter(({ type }) => type.endsWith(":Server"));
    assert.ok(server);
    const { spec } = server.inputs as { spec: Record<string, string> };
    const misspelt = { ...server, inputs: { ...server.inputs, spec: { ...spec, accesPolicy: "deny" } } };
    assert.deepEqual(findErrors("Server", misspelt), ["value.spec.accesPolicy is not known"]);
    const gone = { ...server, inputs: { ...server.inputs, apiVersion: "policy.linkerd.io/v1beta1" } };
    assert.equal(findErrors("Server", gone).length, 1);
  });
});
