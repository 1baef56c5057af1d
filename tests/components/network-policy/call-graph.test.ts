import * as assert from "node:assert/strict";

import {
  buildNetworkPolicy,
  type CallGraph,
  type GraphApp,
} from "../../../components/network-policy/call-graph";
import type { NetworkPolicySpec } from "../../../components/custom-resources/cilium-resources";
import type { EgressTarget } from "../../../components/network-policy/network-rules";
import { graphApp as app } from "./graph-apps";

const ingress = [{ namespace: "traefik", app: "traefik" }];

/** The policy of one of these apps, if it has any. */
const build = (name: string, apps: readonly GraphApp[], around: Partial<CallGraph> = {}) => {
  const app = apps.find((each) => each.name === name);
  assert.ok(app);
  return buildNetworkPolicy(app, { apps, ingress, namespace: "production", ...around });
};

const policyOf = (name: string, ...apps: GraphApp[]): NetworkPolicySpec => {
  const policy = build(name, apps);
  assert.ok(policy, `${name} has no policy`);
  return policy;
};

const tcp = (...ports: number[]) => [
  { ports: ports.map((port) => ({ port: String(port), protocol: "TCP" as const })) },
];

const labelled = (...labels: string[]) => labels.map((name) => ({ matchLabels: { app: name } }));

const namespaceLabel = "k8s:io.kubernetes.pod.namespace";

const dnsPorts = [
  { port: "53", protocol: "UDP" as const },
  { port: "53", protocol: "TCP" as const },
];
const dnsPods = [{ matchLabels: { [namespaceLabel]: "kube-system", "k8s-app": "kube-dns" } }];
const dns = { toEndpoints: dnsPods, toPorts: [{ ports: dnsPorts }] };
/** DNS with inspection by Cilium. */
const inspectedDns = {
  toEndpoints: dnsPods,
  toPorts: [{ ports: dnsPorts, rules: { dns: [{ matchPattern: "*" }] } }],
};

describe("a call in the graph", () => {
  for (const [caller, callee, ports] of [
    [true, true, tcp(8080, 4143)],
    [false, true, tcp(8080)],
    [true, false, tcp(8080)],
    [false, false, tcp(8080)],
  ] as const)
    it(`allows the proxy's inbound port only between two proxies: caller ${caller}, callee ${callee}`, () => {
      const apps = [app("a", { meshed: caller, calls: ["b"] }), app("b", { meshed: callee })];
      assert.deepEqual(policyOf("a", ...apps).egress[0], { toEndpoints: labelled("b"), toPorts: ports });
      assert.deepEqual(policyOf("b", ...apps).ingress[0], { fromEndpoints: labelled("a"), toPorts: ports });
    });

  it("allows callers to all ports, and the ingress to the first port only", () => {
    const ports = { metrics: 9090, admin: 8081 };
    const apps = [app("a", { calls: ["b"] }), app("b", { ports, routes: [{}] })];
    const { ingress: into } = policyOf("b", ...apps);
    assert.deepEqual(
      into.map(({ toPorts }) => toPorts),
      [tcp(8080, 4143), tcp(8080, 8081, 9090, 4143), tcp(8080, 8081, 9090, 4191), tcp(4191, 4190)],
    );
    assert.deepEqual(policyOf("a", ...apps).egress[0]?.toPorts, tcp(8080, 8081, 9090, 4143));
  });

  it("splits ports into rules of at most 40", () => {
    const numbers = Array.from({ length: 45 }, (_, index) => 9000 + index);
    const ports = Object.fromEntries(numbers.map((port) => [`p${port}`, port]));
    const rules = policyOf("b", app("a", { calls: ["b"] }), app("b", { ports })).ingress[0]?.toPorts ?? [];
    assert.deepEqual(
      rules.map((rule) => rule.ports.length),
      [40, 7],
    );
    assert.deepEqual(
      rules.flatMap((rule) => rule.ports.map(({ port }) => Number(port))),
      [8080, ...numbers, 4143],
    );
  });
});

describe("a canary in the graph", () => {
  const both = { matchExpressions: [{ key: "app", operator: "In", values: ["b", "b-canary"] }] };
  const apps = [app("a", { calls: ["b"] }), app("b", { canary: { weight: 10 }, calls: ["c"] }), app("c")];

  it("is selected with its app, as receiver and as callee", () => {
    assert.deepEqual(policyOf("b", ...apps).endpointSelector, both);
    assert.deepEqual(policyOf("a", ...apps).egress[0]?.toEndpoints, [both]);
  });

  it("is selected with its app as caller", () =>
    assert.deepEqual(policyOf("c", ...apps).ingress[0]?.fromEndpoints, [both]));
});

describe("an existing app in the graph", () => {
  const grafana = app("grafana", {
    port: 3000,
    meshed: false,
    existing: true,
    namespace: "monitoring",
    podLabels: { "app.kubernetes.io/name": "grafana" },
    routes: [{}],
    calls: ["api"],
  });
  const apps = [grafana, app("api", { calls: ["grafana"] })];

  it("gets a policy that allows declared flows without default deny", () =>
    assert.deepEqual(policyOf("grafana", ...apps), {
      endpointSelector: { matchLabels: { "app.kubernetes.io/name": "grafana" } },
      enableDefaultDeny: { ingress: false, egress: false },
      ingress: [
        {
          fromEndpoints: [
            { matchLabels: { [namespaceLabel]: "traefik", "app.kubernetes.io/name": "traefik" } },
          ],
          toPorts: tcp(3000),
        },
        {
          fromEndpoints: [{ matchLabels: { [namespaceLabel]: "production", app: "api" } }],
          toPorts: tcp(3000),
        },
      ],
      egress: [
        {
          toEndpoints: [{ matchLabels: { [namespaceLabel]: "production", app: "api" } }],
          toPorts: tcp(8080),
        },
      ],
    }));

  it("selects a callee with canary by its namespace", () => {
    const { egress } = policyOf("grafana", grafana, app("api", { canary: { weight: 5 } }));
    assert.deepEqual(egress[0]?.toEndpoints, [
      {
        matchLabels: { [namespaceLabel]: "production" },
        matchExpressions: [{ key: "app", operator: "In", values: ["api", "api-canary"] }],
      },
    ]);
  });

  it("has no policy in another namespace without declared flows", () => {
    const lone = app("old", { existing: true, namespace: "legacy" });
    assert.equal(build("old", [lone]), undefined);
  });
});

describe("destinations outside the cluster", () => {
  const star: EgressTarget = { host: "*.example.org", ports: [443], protocol: "TCP" };
  const stripe: EgressTarget = { host: "api.stripe.com", ports: [443, 8443], protocol: "TCP" };
  const range: EgressTarget = { cidr: "203.0.113.0/24", ports: [5432], protocol: "TCP" };
  const ntp: EgressTarget = { cidr: "2001:db8::/32", ports: [123], protocol: "UDP" };

  it("are allowed by name or range with ports and protocol, meshed or not", () => {
    for (const meshed of [true, false]) {
      const { egress } = policyOf("a", app("a", { meshed, egress: [range, star, ntp, stripe] }));
      assert.deepEqual(egress.slice(0, 4), [
        { toFQDNs: [{ matchPattern: "*.example.org" }], toPorts: tcp(443) },
        { toCIDR: ["2001:db8::/32"], toPorts: [{ ports: [{ port: "123", protocol: "UDP" }] }] },
        { toCIDR: ["203.0.113.0/24"], toPorts: tcp(5432) },
        { toFQDNs: [{ matchName: "api.stripe.com" }], toPorts: tcp(443, 8443) },
      ]);
    }
  });

  it("need DNS inspection if they are names, otherwise not", () => {
    for (const [egress, expected] of [
      [[stripe], inspectedDns],
      [[star], inspectedDns],
      [[range], dns],
      [undefined, dns],
    ] as const) {
      const rules = policyOf("a", app("a", { meshed: false, egress })).egress;
      assert.deepEqual(rules.at(-1), expected);
    }
  });

  it("may be an external app: its callers may connect to both names, and it has no policy", () => {
    const payments = app("payments", { port: 443, external: "api.stripe.com" });
    const apps = [app("a", { meshed: false, calls: ["payments"] }), payments];
    assert.deepEqual(policyOf("a", ...apps).egress, [
      {
        toFQDNs: [{ matchName: "api.stripe.com" }, { matchName: "payments.production.svc.cluster.local" }],
        toPorts: tcp(443),
      },
      inspectedDns,
    ]);
    assert.equal(build("payments", apps), undefined);
  });

  it("may connect to all ports of an app with a NodePort or LoadBalancer Service", () => {
    const { ingress: into } = policyOf("a", app("a", { exposed: true, ports: { tls: 8443 } }));
    assert.deepEqual(into[0], { fromEntities: ["world", "remote-node"], toPorts: tcp(8080, 8443) });
  });
});
