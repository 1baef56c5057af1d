import * as assert from "node:assert/strict";

import fc from "fast-check";

import { kinds } from "../../doctor/kinds";
import { findVerdict, toEntity, toPeer, type Peer, type Policy } from "../../doctor/policy-verdict";
import type { Flow, Pod, Question } from "./engine";
import { engineForSuite } from "./engine";
import { graphs } from "./graphs";
import { buildWorld } from "./world";

/** A policy as the doctor reads it from the cluster. */
function readPolicy(object: object): Policy {
  const { metadata, spec, specs } = kinds.networkPolicy.shape.parse(object);
  return { ...metadata, specs: [...(spec ? [spec] : []), ...specs] };
}

const readPeer = (name: string, endpoints: Question["endpoints"]): Peer => {
  const pod = endpoints[name];
  // For Cilium, the node of an API server is a remote node as well.
  if (name === "reserved:kube-apiserver")
    return { labels: { "reserved:kube-apiserver": "", "reserved:remote-node": "" } };
  if (name.startsWith("cidr:")) return toEntity("world", { address: name.slice("cidr:".length) });
  if (pod === undefined) return toEntity(name.replace("reserved:", ""));
  return toPeer({ ...pod, namespaceLabels: { "kubernetes.io/metadata.name": pod.namespace } });
};

const label = fc.constantFrom("app", "k8s:app", "any:tier", "tier");
const value = fc.constantFrom("a", "b");
const namespaceKey = fc.constantFrom(
  "k8s:io.kubernetes.pod.namespace",
  "io.kubernetes.pod.namespace",
  "k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name",
);
const namespaces = fc.constantFrom("apps", "other");
type Keys = fc.Arbitrary<string>;
const selector = (key: Keys, namespace: Keys = key) =>
  fc.record(
    {
      matchLabels: fc.dictionary(label, value, { maxKeys: 1 }),
      matchExpressions: fc.array(
        fc.oneof(
          fc.record({
            key,
            operator: fc.constantFrom("In", "NotIn"),
            values: fc.uniqueArray(value, { minLength: 1 }),
          }),
          fc.record({
            key: namespace,
            operator: fc.constantFrom("In", "NotIn"),
            values: fc.uniqueArray(namespaces, { minLength: 1 }),
          }),
          fc.record({ key: fc.oneof(key, namespace), operator: fc.constantFrom("Exists", "DoesNotExist") }),
        ),
        { maxLength: 1 },
      ),
    },
    { requiredKeys: [] },
  );
const peerSelector = fc.oneof(
  selector(label, namespaceKey),
  fc.record({ matchLabels: fc.dictionary(namespaceKey, namespaces, { maxKeys: 1 }) }),
);
const toPorts = fc.array(
  fc.record({
    ports: fc.array(
      fc.oneof(
        fc.record({
          port: fc.constantFrom("80", "8080", "0"),
          protocol: fc.constantFrom("TCP", "UDP", "ANY"),
        }),
        fc.record({
          port: fc.constant("79"),
          endPort: fc.constantFrom(79, 80, 8080),
          protocol: fc.constant("TCP"),
        }),
        fc.record({ port: fc.constant("8080") }),
      ),
      { minLength: 1, maxLength: 2 },
    ),
  }),
  { maxLength: 2 },
);
const entities = fc.array(
  fc.constantFrom("all", "world", "cluster", "host", "remote-node", "kube-apiserver", "health"),
  { maxLength: 2 },
);
const cidr = fc.constantFrom("0.0.0.0/0", "169.254.169.254/32", "169.254.0.0/16", "203.0.113.0/24");
const cidrSet = fc.constantFrom(
  [{ cidr: "0.0.0.0/0", except: ["169.254.0.0/16", "10.42.0.0/16"] }],
  [{ cidr: "203.0.112.0/20", except: ["203.0.113.0/24"] }, { cidr: "169.254.0.0/16" }],
);
const rules = (prefix: "from" | "to") =>
  fc.array(
    fc
      .tuple(
        fc.oneof(
          fc.record({ [`${prefix}Endpoints`]: fc.array(peerSelector, { maxLength: 2 }) }),
          fc.record({ [`${prefix}Entities`]: entities }),
          fc.record({ [`${prefix}CIDR`]: fc.array(cidr, { minLength: 1, maxLength: 2 }) }),
          fc.record({ [`${prefix}CIDRSet`]: cidrSet }),
          fc.constant({}),
        ),
        fc.oneof(fc.record({ toPorts }), fc.constant({})),
      )
      .map(([peers, ports]) => ({ ...peers, ...ports })),
    { maxLength: 2 },
  );
const spec = fc
  .record(
    {
      // Cilium ignores a namespace in it.
      endpointSelector: selector(label),
      ingress: rules("from"),
      egress: rules("to"),
      ingressDeny: rules("from"),
      egressDeny: rules("to"),
      enableDefaultDeny: fc.record({ ingress: fc.boolean(), egress: fc.boolean() }, { requiredKeys: [] }),
    },
    { requiredKeys: ["endpointSelector"] },
  )
  // Cilium refuses a policy without rules.
  .filter(({ ingress = [], egress = [], ingressDeny = [], egressDeny = [] }) =>
    [ingress, egress, ingressDeny, egressDeny].some((each) => each.length > 0),
  );
const policies = fc
  .array(fc.tuple(spec, fc.constantFrom("apps", "other", undefined)), { minLength: 1, maxLength: 4 })
  .map((all) =>
    all.map(([each, namespace], index) => ({
      apiVersion: "cilium.io/v2",
      kind: namespace === undefined ? "CiliumClusterwideNetworkPolicy" : "CiliumNetworkPolicy",
      metadata: { name: `policy-${index}`, ...(namespace !== undefined && { namespace }) },
      spec: each,
    })),
  );

const pods: Readonly<Record<string, Pod>> = {
  "a in apps": { namespace: "apps", labels: { app: "a" } },
  "b in apps": { namespace: "apps", labels: { app: "b", tier: "a" } },
  "a in other": { namespace: "other", labels: { app: "a", tier: "b" } },
};
const everybody = [
  ...Object.keys(pods),
  ...["host", "remote-node", "kube-apiserver"].map((each) => `reserved:${each}`),
  ...["169.254.169.254", "203.0.113.9", "203.0.112.9"].map((each) => `cidr:${each}`),
];
const flows = everybody.flatMap((from) =>
  everybody.flatMap((to) =>
    [80, 8080, 9090].flatMap((port) =>
      (["TCP", "UDP"] as const).map((protocol): Flow => ({ from, to, protocol, port })),
    ),
  ),
);

describe("The doctor's verdicts about network policies", () => {
  const engine = engineForSuite();

  /** The halves of flows about which the doctor and Cilium's engine disagree. */
  async function findDisagreements(question: Omit<Question, "allowLocalhost">): Promise<string[]> {
    const decisions = await engine.ask({ ...question, allowLocalhost: "always" });
    assert.equal(decisions.length, question.flows.length);
    const read = question.policies.map(readPolicy);
    return question.flows.flatMap((flow, index) => {
      const [from, to] = [readPeer(flow.from, question.endpoints), readPeer(flow.to, question.endpoints)];
      return (["egress", "ingress"] as const).flatMap((half) => {
        const decision = decisions[index]?.[half];
        if (decision === undefined) return [];
        const [own, peer] = half === "egress" ? [from, to] : [to, from];
        const { isAllowed } = findVerdict(read, half, own, peer, { ...flow, number: flow.port });
        return isAllowed === (decision === "allowed")
          ? []
          : [`${half} from ${flow.from} to ${flow.to}, ${flow.protocol} ${flow.port}: Cilium: ${decision}`];
      });
    });
  }

  it("are those of Cilium for the policies of call graphs", async () => {
    await fc.assert(
      fc.asyncProperty(graphs(8), fc.boolean(), async (apps, clusterDefaultDeny) => {
        const around = { namespace: "production", clusterDefaultDeny, allowLocalhost: "always" } as const;
        const world = buildWorld(apps, around);
        const ends = Object.entries(world.ends).flatMap(([name, { pod }]) =>
          pod ? [[name, pod] as const] : [],
        );
        const question = { ...world, endpoints: Object.fromEntries(ends) };
        const { policies: asked, endpoints, flows: all } = question;
        assert.deepEqual(await findDisagreements({ policies: asked, endpoints, flows: all }), []);
      }),
      { numRuns: 8 },
    );
  });

  it("are those of Cilium for any policies, with deny rules and default deny of both kinds", async () => {
    await fc.assert(
      fc.asyncProperty(policies, async (asked) => {
        assert.deepEqual(await findDisagreements({ policies: asked, endpoints: pods, flows }), []);
      }),
      { numRuns: 300 },
    );
  });
});
