import fc from "fast-check";

import { inboundPolicies } from "../../components/linkerd/linkerd-values";

export const clusters = fc.record(
  {
    identifier: fc.constant("k3s"),
    nodes: fc.integer({ min: 1, max: 5 }),
    nodeCidr: fc.constant("10.0.0.0/16"),
    podCidr: fc.constant("10.44.0.0/16"),
    serviceCidr: fc.constant("10.45.0.0/16"),
    apiServer: fc.constantFrom({ host: "10.0.0.9" }, { port: 6443 }),
  },
  { requiredKeys: ["identifier", "nodes", "nodeCidr"] },
);

/** Versions of Cilium, the default last: whether they are later than 1.15, and values of `upgradeCompatibility`. */
const versions = [
  { version: "1.15.0", isLater: false, installed: ["1.15"] },
  { version: "1.16.5", isLater: true, installed: ["1.15", "1.16"] },
  { version: "1.19.1", isLater: true, installed: ["1.15", "1.18"] },
  { version: undefined, isLater: true, installed: ["1.15", "1.20"] },
] as const;

/** Cilium's settings, and whether that version supports policies without default deny, which existing apps need. */
export const ciliums = fc
  .constantFrom(...versions, ...versions.slice(1))
  .chain(({ version, isLater, installed }) =>
    fc
      .record(
        {
          upgradeCompatibility: fc.constantFrom(...installed),
          encryption: fc.boolean(),
          addresses: fc.constantFrom(
            { ipam: "kubernetes" },
            { ipam: "cluster-pool", pool: ["10.200.0.0/16"] },
            { ipam: "cluster-pool", pool: ["10.200.0.0/16", "10.202.3.0/24"] },
          ),
          clusterMesh: fc.constantFrom({ id: 1, name: "prod" }, { id: 255, name: "eu-1" }),
          clusterDefaultDeny: fc.boolean(),
          metrics: fc.constantFrom(
            {},
            { allow: [{ namespace: "monitoring", labels: { app: "prometheus" } }] },
          ),
          metadata: fc.constantFrom(
            {},
            { allow: [{ namespace: "backup", labels: { app: "agent", tier: "node" } }] },
            { allow: ["agent", "restore"].map((app) => ({ namespace: "backup", labels: { app } })) },
          ),
          ...(isLater && {
            dropEvents: fc.boolean(),
            nodePortAddresses: fc.constantFrom(["10.0.0.0/16"], ["0.0.0.0/0", "::/0"]),
          }),
        },
        { requiredKeys: [] },
      )
      .map(({ addresses, ...rest }) => ({
        supportsExistingApps: isLater,
        cilium: { ...rest, ...addresses, ...(version !== undefined && { version }) },
      })),
  );

/** The mesh's settings. High availability needs three nodes, and an external Prometheus needs viz. */
export const meshes = (nodes: number) =>
  fc
    .record(
      {
        trustDomain: fc.constant("mesh.example.com"),
        ha: fc.constantFrom(false, ...(nodes >= 3 ? [true] : [])),
        defaultInboundPolicy: fc.constantFrom(...inboundPolicies, "deny"),
        viz: fc.constantFrom(true, true, false),
        cni: fc.boolean(),
        prometheus: fc.constant("http://prometheus.monitoring.svc.cluster.local:9090"),
        tracing: fc.constant({
          endpoint: "collector.monitoring:4317",
          meshIdentity: { serviceAccountName: "collector", namespace: "monitoring" },
        }),
        trustPreviousAnchor: fc.boolean(),
      },
      { requiredKeys: [] },
    )
    .map(({ prometheus, ...rest }) => ({
      ...rest,
      ...(rest.viz !== false && prometheus !== undefined && { prometheus }),
    }));
