import * as assert from "node:assert/strict";

import {
  buildIngressPolicy,
  buildNetworkPolicy,
  type CallGraph,
  type GraphApp,
} from "../../../components/network-policy/call-graph";
import type { NetworkPolicySpec } from "../../../components/custom-resources/cilium-resources";
import { graphApp as app } from "./graph-apps";

/** The policy of one of these apps, if it has any. */
const build = (name: string, apps: readonly GraphApp[], around: Partial<CallGraph> = {}) => {
  const app = apps.find((each) => each.name === name);
  assert.ok(app);
  return buildNetworkPolicy(app, { apps, namespace: "production", ...around });
};

const policyOf = (name: string, ...apps: GraphApp[]): NetworkPolicySpec => {
  const policy = build(name, apps);
  assert.ok(policy, `${name} has no policy`);
  return policy;
};

const tcp = (...ports: number[]) => [
  { ports: ports.map((port) => ({ port: String(port), protocol: "TCP" as const })) },
];

const namespaceLabel = "k8s:io.kubernetes.pod.namespace";

describe("a call in the graph", () => {
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

describe("UDP ports", () => {
  const dns = { port: 53, protocol: "udp" } as const;
  const udp = (port: string) => [{ ports: [{ port, protocol: "UDP" as const }] }];
  const portsOf = (of: GraphApp) =>
    policyOf("b", app("a", { calls: ["b"] }), of).ingress.map((rule) => rule.toPorts);

  it("are open to callers beside the TCP ports, not to the kubelet", () =>
    assert.deepEqual(portsOf(app("b", { ports: { dns } })).slice(0, 2), [
      [...tcp(8080, 4143), ...udp("53")],
      tcp(8080, 4191),
    ]));

  it("alone open no TCP port, that of the proxy neither", () =>
    assert.deepEqual(portsOf(app("b", { protocol: "udp", exposed: true })).slice(0, 3), [
      udp("8080"),
      udp("8080"),
      tcp(4191),
    ]));
});

describe("the Kubernetes API", () => {
  const toApi = { toEntities: ["kube-apiserver"], toPorts: tcp(6443) };

  it("is open to the pods of an app with kubernetesApi only", () => {
    const calls = (more: object) =>
      policyOf("a", app("a", more)).egress.filter(({ toEntities }) => toEntities !== undefined);
    assert.deepEqual([calls({}), calls({ kubernetesApi: {} })], [[], [toApi]]);
  });

  it("connects to the ports of webhooks only", () => {
    const ports = { hook: 9443, metrics: 9090 };
    assert.deepEqual(policyOf("a", app("a", { ports, webhooks: ["hook"] })).ingress[0], {
      fromEntities: ["host", "remote-node", "kube-apiserver"],
      toPorts: tcp(9443),
    });
  });

  it("is open to a database that an operator runs, whose pods call each other", () => {
    const database = {
      existing: true,
      meshed: false,
      ports: { status: 8000 },
      podLabels: { "cnpg.io/cluster": "main" },
    };
    const operator = { existing: true, meshed: false, namespace: "cnpg-system", port: undefined };
    const apps = [
      app("db", { ...database, calls: ["db"], kubernetesApi: {} }),
      app("operator", { ...operator, calls: ["db"] }),
    ];
    const own = { matchLabels: { "cnpg.io/cluster": "main" } };
    const from = (selector: object) => ({ fromEndpoints: [selector], toPorts: tcp(8080, 8000) });
    const policy = build("db", apps);
    assert.deepEqual(policy?.ingress.slice(0, 2), [
      from(own),
      from({ matchLabels: { [namespaceLabel]: "cnpg-system", app: "operator" } }),
    ]);
    assert.deepEqual(policy.egress.slice(0, 2), [{ toEndpoints: [own], toPorts: tcp(8080, 8000) }, toApi]);
  });
});

describe("the policies of a graph", () => {
  const byName = { host: "a.example.org", ports: [443], protocol: "TCP" } as const;
  const byRange = { cidr: "203.0.113.0/24", ports: [443], protocol: "TCP" } as const;

  it("inspect DNS for destinations by name, not for ranges", () => {
    const inspects = (target: typeof byName | typeof byRange) =>
      JSON.stringify(policyOf("a", app("a", { egress: [target] }))).includes('"matchPattern":"*"');
    assert.deepEqual([inspects(byName), inspects(byRange)], [true, false]);
  });

  it("cut link-local addresses and the cluster's own ranges out of an egress to all addresses", () => {
    const egress = ["0.0.0.0/0", "::/0", "203.0.113.0/24"].map((cidr) => ({ ...byRange, cidr }));
    const ranges = (ownRanges?: readonly string[]) =>
      build("a", [app("a", { egress })], { ownRanges })?.egress.flatMap(({ toCIDR = [], toCIDRSet = [] }) => [
        ...toCIDR,
        ...toCIDRSet,
      ]);
    const own = ["10.0.0.0/16", "10.42.0.0/16"];
    const expected = (v4: readonly string[]) => [
      { cidr: "0.0.0.0/0", except: v4 },
      "203.0.113.0/24",
      { cidr: "::/0", except: ["fe80::/10"] },
    ];
    assert.deepEqual(ranges(own), expected(["169.254.0.0/16", ...own]));
    assert.deepEqual(ranges(), expected(["169.254.0.0/16"]));
  });

  it("do not depend on the order of the apps, nor of their calls, ports and targets", () => {
    const policiesIn = (order: <T>(list: readonly T[]) => T[]) => {
      const api = app("api", {
        calls: order(["db", "web"]),
        ports: Object.fromEntries(order([["a", 9001] as const, ["b", 9000] as const])),
        egress: order([byName, { ...byName, host: "b.example.org" }, byRange]),
      });
      const apps = order([api, app("db", { calls: ["api"] }), app("web", { calls: ["api"] })]);
      return apps.map(({ name }) => [name, build(name, apps)]).sort();
    };
    assert.deepEqual(
      policiesIn((list) => list.toReversed()),
      policiesIn((list) => [...list]),
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

  it("gets a policy without default deny for its routes", () =>
    assert.deepEqual(buildIngressPolicy(grafana, { namespace: "traefik", app: "traefik" }), {
      endpointSelector: { matchLabels: { "app.kubernetes.io/name": "grafana" } },
      enableDefaultDeny: { ingress: false, egress: false },
      ingress: [
        {
          fromEndpoints: [
            { matchLabels: { [namespaceLabel]: "traefik", "app.kubernetes.io/name": "traefik" } },
          ],
          toPorts: tcp(3000),
        },
      ],
      egress: [],
    }));

  it("gets the same policy for the requests of other apps that it authenticates", () => {
    const traefik = { namespace: "traefik", app: "traefik" };
    assert.deepEqual(
      buildIngressPolicy({ ...grafana, routes: [], authenticates: true }, traefik),
      buildIngressPolicy(grafana, traefik),
    );
    assert.equal(buildIngressPolicy({ ...grafana, routes: [] }, traefik), undefined);
  });

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
