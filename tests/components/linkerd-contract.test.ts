import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";

import { makeAuthorization } from "../../components/app/authorization";
import { makeTraffic, shapeOf } from "../../components/app/traffic";
import { authorizationOf } from "../../components/authorization";
import { withPolicies } from "../../components/call-graph";
import { networkPolicy } from "../../components/custom-resources/cilium";
import { egress } from "../../settings/schema/egress";
import { serviceProfile, traffic } from "../../settings/schema/traffic";
import { root } from "../config";
import { run, type Recorded } from "../harness";
import { faultsOf, type Schema } from "../json-schema";
import { graphApp as app } from "./graph-apps";
import { providers } from "./providers";

/** The definitions of all kinds as upstream publishes them, at the versions that are pinned. */
const reference = path.resolve(root, "../shared/reference");

const files = {
  Server: "linkerd/policy.linkerd.io_servers.yaml",
  AuthorizationPolicy: "linkerd/policy.linkerd.io_authorizationpolicies.yaml",
  MeshTLSAuthentication: "linkerd/policy.linkerd.io_meshtlsauthentications.yaml",
  NetworkAuthentication: "linkerd/policy.linkerd.io_networkauthentications.yaml",
  ServiceProfile: "linkerd/linkerd.io_serviceprofiles.yaml",
  HTTPRoute: "gateway-api/gateway.networking.k8s.io_httproutes.yaml",
  CiliumNetworkPolicy: "cilium/ciliumnetworkpolicies.yaml",
};

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly deprecated?: boolean;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

/** What is wrong with an object by the definition of its kind, a deprecated version of that among it. */
function faultsBy(kind: keyof typeof files, { inputs }: Recorded): string[] {
  const { spec } = parse(fs.readFileSync(path.join(reference, "crds", files[kind]), "utf8")) as Definition;
  const version = spec.versions.find(({ name }) => inputs.apiVersion === `${spec.group}/${name}`);
  if (version?.served !== true || version.deprecated === true)
    return [`${JSON.stringify(inputs.apiVersion)} is not served, or not for long`];
  const { openAPIV3Schema: schema } = version.schema;
  // What every object has, whether its definition tells so or not.
  const whole = { ...schema, properties: { apiVersion: {}, kind: {}, metadata: {}, ...schema.properties } };
  return faultsOf(inputs, whole, { root: schema, closed: true });
}

/** Of everything one, and more of some. */
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

  before(async function () {
    if (!fs.existsSync(reference)) {
      console.log(
        "      skipped: ../shared is not there, so nothing can be compared with upstream's own definitions",
      );
      this.skip();
    }
    ({ resources } = await run(() => {
      const parent = new pulumi.ComponentResource("test:test:Test", "test", {}, { providers: providers() });
      const opts = { parent };
      for (const each of withPolicies(apps, [{ namespace: "traefik", app: "traefik" }], "production")) {
        const authorization = authorizationOf(each, apps, around);
        if (authorization) makeAuthorization(authorization, "production", opts);
        if (each.policy)
          networkPolicy(each.name, { name: each.name, namespace: "production" }, each.policy, opts);
      }
      const canary = { weight: 10 };
      const [split, old] = [
        shapeOf({ name: "api", servicePort: 80, canary, traffic: traffic.parse({ routes }) }),
        shapeOf({
          name: "web",

          servicePort: 80,
          serviceProfile: serviceProfile.parse(profile),
        }),
      ];
      makeTraffic("api", split, "production", opts);
      makeTraffic("web", old, "production", opts);
      return {};
    }));
  });

  for (const kind of Object.keys(files) as (keyof typeof files)[])
    it(`is kept by every ${kind}`, () => {
      const made = resources.filter(({ type }) => type.endsWith(`:${kind}`));
      assert.ok(made.length > 0, `no ${kind} is made`);
      for (const each of made) assert.deepEqual(faultsBy(kind, each), [], each.name);
    });

  it("would be broken by a misspelt field, and by a version that is gone", () => {
    const [server] = resources.filter(({ type }) => type.endsWith(":Server"));
    assert.ok(server);
    const { spec } = server.inputs as { spec: Record<string, string> };
    const misspelt = { ...server, inputs: { ...server.inputs, spec: { ...spec, accesPolicy: "deny" } } };
    assert.deepEqual(faultsBy("Server", misspelt), ["value.spec.accesPolicy is not known"]);
    const gone = { ...server, inputs: { ...server.inputs, apiVersion: "policy.linkerd.io/v1beta1" } };
    assert.equal(faultsBy("Server", gone).length, 1);
  });
});
