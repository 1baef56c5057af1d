import { z } from "zod";

import { resolveCharts } from "../../components/charts";
import { podLabels } from "../apps/workload";
import { podRange, range } from "../formats/ip-ranges";
import { integer, label, pattern } from "../formats/names";

/** Unquoted, YAML reads 1.20 as the number 1.2. */
const minorVersion = z.custom<string>((value) => typeof value === "string" && /^1\.\d{1,2}$/.test(value), {
  error: 'a minor version of Cilium in quotes, such as "1.15"',
});

const labelledPods = z.strictObject({
  /** The namespace of the pods. */
  namespace: label,
  /** The labels that a pod must have, all of them. */
  labels: podLabels,
});

export const cilium = z.strictObject({
  /** The chart's version: any minor version from 1.15 to the tested one. */
  version: pattern(/^1\.\d{1,2}\.\d{1,3}$/, "a version such as 1.15.0", [[/^v/, "it without the v"]]).default(
    resolveCharts().cilium.version,
  ),
  /** The minor version with which Cilium was first installed in this cluster, if it was upgraded since. */
  upgradeCompatibility: minorVersion.optional(),
  /**
   * Whether traffic between the nodes is encrypted with WireGuard. From Cilium 1.20 on, nodes drop packets of the tunnel that
   * are not.
   *
   * @change From false to true, traffic between the nodes is dropped until the agents of all nodes have restarted.
   */
  encryption: z.boolean().default(true),
  /**
   * The IPAM mode: the pod range of each node comes from k3s, or from Cilium's `pool`.
   *
   * @change Refused on a running cluster.
   */
  ipam: z.enum(["kubernetes", "cluster-pool"]).default("kubernetes"),
  /** The pod ranges of `cluster-pool`: each node gets a /24 of them. */
  pool: z.array(podRange).min(1).optional(),
  /** The identity of this cluster in a Cluster Mesh. */
  clusterMesh: z
    .strictObject({
      /** The number of this cluster, unique among the connected ones. */
      id: integer(1, 255),
      /** The name of this cluster, unique among the connected ones. */
      name: pattern(
        /^(?!default$)[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$/,
        "lower-case letters, digits and dashes, 32 at most, and not default",
      ),
    })
    .optional(),
  /**
   * Whether all traffic of every namespace is denied by default, except for what the platform needs. The namespaces of this
   * program and of the apps always are closed.
   */
  clusterDefaultDeny: z.boolean().default(false),
  /** The metrics of the platform's pods: cert-manager, external-dns, Linkerd, the ingress controller and their proxies. */
  metrics: z
    .strictObject({
      /**
       * The pods that may read them, such as your own Prometheus, in addition to the app that `mesh.prometheus` names. They
       * connect to the metrics ports only.
       */
      allow: z.array(labelledPods).default([]),
    })
    .prefault({}),
  /** The metadata service of Hetzner's servers, 169.254.169.254, which is denied to every pod. */
  metadata: z
    .strictObject({
      /**
       * The pods that may connect to it at port 80, in addition to Hetzner's CSI driver. They can read the user data of
       * their server, which often contains the join token of k3s, and with it all of the cluster.
       */
      allow: z.array(labelledPods).default([]),
    })
    .prefault({}),
  /**
   * The ranges of node addresses at which node ports answer. Default: `cluster.nodeCidr`, the private network. A range of
   * public addresses, such as 0.0.0.0/0, opens the node ports of the ingress controller and of apps to the internet.
   */
  nodePortAddresses: z.array(range).min(1).optional(),
  /** Whether a dropped packet creates an event of its pod. */
  dropEvents: z.boolean().default(false),
});
