import { z } from "zod";

import { networkRange, podRange } from "../formats/ip-ranges";
import { label, port } from "../formats/names";

export const cluster = z.strictObject({
  /**
   * A name for this cluster that never changes. By it Pulumi recognizes the cluster after a change of its address.
   *
   * @change Replaces every object in the cluster: Pulumi takes it for another cluster.
   */
  identifier: label,
  /** The number of nodes. With three or more, every controller has more than one replica. */
  nodes: z.int().min(1),
  /** The private network of the nodes. */
  nodeCidr: networkRange,
  /** The range of pod addresses, with which k3s was started. */
  podCidr: podRange.default("10.42.0.0/16"),
  /** The range of Service addresses, with which k3s was started. */
  serviceCidr: podRange.default("10.43.0.0/16"),
  /** The address of the API server from each node, without kube-proxy. */
  apiServer: z
    .strictObject({
      /** The host of the API server. Default: k3s's own load balancer on each node. */
      host: z.string().min(1).default("127.0.0.1"),
      /** The port of the API server. */
      port: port.default(6444),
    })
    .prefault({}),
});
