import * as assert from "node:assert/strict";

import type { GraphApp } from "../../components/network-policy/call-graph";
import type { Circumstances } from "./declared";
import { engineForSuite } from "./engine";
import { replaceSpec, allowLess, allowMore, type Mutation } from "./mutations";
import { differences, buildWorld } from "./world";

const app = (name: string, more: Partial<GraphApp> = {}): GraphApp => ({
  name,
  port: 8080,
  meshed: true,
  routes: [],
  calls: [],
  ...more,
});

/** Something of everything. */
const apps: readonly GraphApp[] = [
  app("api", {
    ports: { metrics: 9090 },
    routes: [{}],
    calls: ["users", "audit", "old", "grafana"],
    canary: {},
  }),
  app("users", { calls: ["audit", "users"] }),
  app("audit", { meshed: false, port: 3000 }),
  app("web", { meshed: false, exposed: true, routes: [{}], calls: ["api"] }),
  app("old", { existing: true, podLabels: { tier: "old" }, calls: ["audit"] }),
  app("grafana", {
    existing: true,
    namespace: "monitoring",
    port: 3000,
    routes: [{}],
    calls: ["users", "prometheus"],
  }),
  app("prometheus", { existing: true, namespace: "monitoring", meshed: false, port: 9090 }),
];

const closed: Circumstances = {
  namespace: "production",
  clusterDefaultDeny: true,
  allowLocalhost: "policy",
};

describe("The comparison of the policies with the graph", () => {
  const engine = engineForSuite();
  const world = buildWorld(apps, closed);
  const differing = ({ policies }: Pick<Mutation, "policies">, circumstances = closed) =>
    differences(engine, buildWorld(apps, circumstances, policies));

  it("finds no difference without a mutation", async () => {
    assert.deepEqual(await differing(world), []);
  });

  it("sees any rule that is missing, and any peer or port of one: none is there for no reason", async () => {
    const mutations = allowLess(world.policies);
    assert.ok(mutations.length > 60, `only ${mutations.length} were tried`);
    for (const mutation of mutations) {
      const found = await differing(mutation);
      assert.ok(found.length > 0, `nobody has seen that ${mutation.mistake}`);
      assert.ok(
        found.every((line) => line.endsWith("Cilium: denied, graph: allowed")),
        found[0],
      );
    }
  });

  it("sees any rule that says too little of whom and what it lets pass", async () => {
    const mutations = allowMore(world.policies);
    assert.ok(mutations.length > 60, `only ${mutations.length} were tried`);
    for (const mutation of mutations) {
      const found = await differing(mutation);
      assert.ok(found.length > 0, `nobody has seen that ${mutation.mistake}`);
    }
  });

  it("sees an empty list where an empty rule has to be: it closes nothing", async () => {
    const open = { ...closed, clusterDefaultDeny: false };
    const with_ = (spec: object) => replaceSpec(buildWorld(apps, open).policies, "default-deny", () => spec);
    assert.deepEqual(await differing(buildWorld(apps, open), open), []);
    for (const [half, spec] of [
      ["ingress", { endpointSelector: {}, ingress: [], egress: [{}] }],
      ["egress", { endpointSelector: {}, ingress: [{}], egress: [] }],
    ] as const) {
      const found = await differing({ policies: with_(spec) }, open);
      assert.ok(found.length > 0);
      assert.ok(found.every((line) => line.startsWith(half)));
    }
    await assert.rejects(
      differing({ policies: with_({ endpointSelector: {}, ingress: [], egress: [] }) }, open),
      /"default-deny": .*must have at least one of Ingress/,
    );
  });

  it("sees a port of the Service in place of the pod's, and a canary that nobody speaks of", async () => {
    const replace = (from: string, to: string) =>
      JSON.parse(JSON.stringify(world.policies).replaceAll(from, to)) as typeof world.policies;
    for (const [from, to] of [
      [`"port":"3000"`, `"port":"80"`],
      [`"values":["api","api-canary"]`, `"values":["api"]`],
    ] as const) {
      const policies = replace(from, to);
      assert.notDeepEqual(policies, world.policies);
      assert.ok((await differing({ policies })).length > 0);
    }
  });

  it("sees another team's app closed to its own team, and one of our own that is left open", async () => {
    const open = { ...closed, clusterDefaultDeny: false };
    const { policies } = buildWorld(apps, open);
    const closing = replaceSpec(policies, "grafana-policy", (spec) => ({
      ...spec,
      enableDefaultDeny: undefined,
    }));
    assert.match((await differing({ policies: closing }, open)).join("\n"), /from a stranger to grafana/);
    const leftOpen = policies.filter(({ metadata }) => metadata.name !== "default-deny");
    assert.match((await differing({ policies: leftOpen }, open)).join("\n"), /from a stranger to old/);
  });
});
