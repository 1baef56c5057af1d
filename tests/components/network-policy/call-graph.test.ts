import * as assert from "node:assert/strict";

import fc from "fast-check";

import { buildNetworkPolicy, type GraphApp } from "../../../components/network-policy/call-graph";
import type {
  EgressRule,
  IngressRule,
  NetworkPolicySpec,
} from "../../../components/custom-resources/cilium-resources";

const ingress = { namespace: "traefik", app: "traefik" };

/** A graph of up to six apps, each with its own port, calling any of each other and itself. */
const graphs: fc.Arbitrary<GraphApp[]> = fc
  .uniqueArray(fc.constantFrom("a", "b", "c", "d", "e", "f"), { minLength: 1 })
  .chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc.record({
          name: fc.constant(name),
          port: fc.integer({ min: 1, max: 65535 }),
          meshed: fc.boolean(),
          routes: fc.array(fc.constant({}), { maxLength: 2 }),
          calls: fc.subarray(names),
        }),
      ),
    ),
  );

const policiesOf = (apps: readonly GraphApp[]): Map<string, NetworkPolicySpec> =>
  new Map(
    apps.flatMap((app) => {
      const policy = buildNetworkPolicy(app, { apps, ingress: [ingress], namespace: "production" });
      return policy === undefined ? [] : [[app.name, policy]];
    }),
  );

type Rule = IngressRule & EgressRule;

/** The app of the same namespace that a rule selects. */
const peerOf = ({ fromEndpoints, toEndpoints }: Rule): string | undefined => {
  const labels = (fromEndpoints ?? toEndpoints)?.[0]?.matchLabels ?? {};
  return Object.keys(labels).length === 1 ? labels.app : undefined;
};

const about = (rules: readonly Rule[] | undefined, app: string): readonly Rule[] =>
  (rules ?? []).filter((rule) => peerOf(rule) === app);

const namespaceOf = ({ fromEndpoints, toEndpoints }: Rule): string | undefined =>
  (fromEndpoints ?? toEndpoints)?.[0]?.matchLabels?.["k8s:io.kubernetes.pod.namespace"];

const portsOf = (rules: readonly Rule[]): string[] =>
  rules.flatMap(({ toPorts = [] }) =>
    toPorts.flatMap(({ ports }) => ports.map((each) => `${each.protocol} ${each.port}`)),
  );

const tcp = (...ports: number[]) => [
  { ports: ports.map((port) => ({ port: String(port), protocol: "TCP" as const })) },
];

describe("buildNetworkPolicy", () => {
  it("allows every ingress controller in one rule", () => {
    const other = { namespace: "ingress-nginx", app: "ingress-nginx" };
    const app = { name: "a", port: 3000, meshed: false, routes: [{}], calls: [] };
    const policy = buildNetworkPolicy(app, {
      apps: [app],
      ingress: [ingress, other],
      namespace: "production",
    });
    assert.deepEqual(policy?.ingress[0], {
      fromEndpoints: [ingress, other].map((each) => ({
        matchLabels: {
          "k8s:io.kubernetes.pod.namespace": each.namespace,
          "app.kubernetes.io/name": each.app,
        },
      })),
      toPorts: tcp(3000),
    });
  });

  it("allows only the own port of an unmeshed app", () => {
    const apps = [{ name: "a", port: 3000, meshed: false, routes: [{}], calls: [] }];
    const policy = policiesOf(apps).get("a") as NetworkPolicySpec;
    assert.equal(policy.enableDefaultDeny, undefined, "an app of the stack has default deny");
    assert.deepEqual(
      policy.ingress.map(({ toPorts }) => toPorts),
      [tcp(3000), tcp(3000)],
    );
    assert.deepEqual(
      policy.egress.map((rule) => namespaceOf(rule)),
      ["kube-system"],
    );
  });

  it("allows each declared call, and no other, by one rule at each end with the same ports", () => {
    fc.assert(
      fc.property(graphs, (apps) => {
        const policies = policiesOf(apps);
        for (const caller of apps)
          for (const callee of apps) {
            const out = about(policies.get(caller.name)?.egress, callee.name);
            const into = about(policies.get(callee.name)?.ingress, caller.name);
            const declared = caller.calls.includes(callee.name) ? 1 : 0;
            assert.deepEqual([out.length, into.length], [declared, declared]);
            assert.deepEqual(portsOf(out), portsOf(into));
            if (declared === 1) assert.ok(portsOf(out).includes(`TCP ${callee.port}`));
          }
      }),
    );
  });

  it("refers only to apps of the graph, DNS, the node, the ingress and Linkerd", () => {
    fc.assert(
      fc.property(graphs, (apps) => {
        const names = new Set(apps.map(({ name }) => name));
        for (const { ingress: into, egress } of policiesOf(apps).values())
          for (const rule of [...into, ...egress] as Rule[]) {
            const peer = peerOf(rule) ?? namespaceOf(rule) ?? rule.fromEntities?.join();
            assert.ok(
              names.has(peer ?? "") ||
                ["kube-system", "host", "traefik", "linkerd", "linkerd-viz"].includes(peer ?? ""),
            );
            assert.ok(portsOf([rule]).length > 0, "a rule without ports would let every port pass");
          }
      }),
    );
  });

  it("always allows DNS and probes, Linkerd if meshed, and the ingress if there are routes", () => {
    fc.assert(
      fc.property(graphs, (apps) => {
        const policies = policiesOf(apps);
        for (const { name, port, meshed, routes } of apps) {
          const { ingress: into, egress } = policies.get(name) as NetworkPolicySpec;
          const from = (namespace: string) => portsOf(into.filter((rule) => namespaceOf(rule) === namespace));
          const to = (namespace: string) => portsOf(egress.filter((rule) => namespaceOf(rule) === namespace));
          const probes = portsOf(into.filter(({ fromEntities }) => fromEntities?.includes("host")));
          assert.deepEqual(to("kube-system"), ["UDP 53", "TCP 53"]);
          assert.deepEqual(probes, [`TCP ${port}`, ...(meshed ? ["TCP 4191"] : [])]);
          assert.deepEqual(to("linkerd"), meshed ? ["TCP 8080", "TCP 8086", "TCP 8090"] : []);
          assert.deepEqual(from("linkerd-viz"), meshed ? ["TCP 4191", "TCP 4190"] : []);
          const arrival = [`TCP ${port}`, ...(meshed ? ["TCP 4143"] : [])];
          assert.deepEqual(from("traefik"), routes.length > 0 ? arrival : []);
        }
      }),
    );
  });

  it("does not depend on the order of apps or calls", () => {
    const shuffled = graphs.chain((apps) =>
      fc.tuple(
        fc.constant(apps),
        fc
          .shuffledSubarray(apps, { minLength: apps.length })
          .map((others) => others.map((app) => ({ ...app, calls: app.calls.toReversed() }))),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([apps, others]) => {
        const policies = policiesOf(others);
        for (const [name, policy] of policiesOf(apps)) assert.deepEqual(policies.get(name), policy);
      }),
    );
  });

  it("changes only the policies of a new app, its callers and its callees", () => {
    fc.assert(
      fc.property(graphs, (apps) => {
        const [added, ...rest] = apps;
        if (added === undefined) return;
        const others = rest.map((app) => ({
          ...app,
          calls: app.calls.filter((each) => each !== added.name),
        }));
        const before = policiesOf(others);
        const after = policiesOf(apps);
        const neighbours = new Set([
          ...added.calls,
          ...rest.filter(({ calls }) => calls.includes(added.name)).map(({ name }) => name),
        ]);
        for (const { name } of others)
          if (!neighbours.has(name)) assert.deepEqual(after.get(name), before.get(name));
      }),
    );
  });
});
