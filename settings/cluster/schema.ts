import { z } from "zod";

import { networkRange, podRange } from "../formats/ip-ranges";
import { label, port } from "../formats/names";

export const cluster = z.strictObject({
  /**
   * A name for this cluster that never changes: it tells Pulumi that a new address is not a new cluster.
   *
   * @change Replaces every object in the cluster: Pulumi takes it for another cluster.
   */
  identifier: label,
  /** How many nodes it has; three or more make every controller run in more than one copy. */
  nodes: z.int().min(1),
  /** The private network of the nodes. */
  nodeCidr: networkRange,
  /** As k3s was started with. */
  podCidr: podRange.default("10.42.0.0/16"),
  /** The range of Service addresses, as k3s was started with. */
  serviceCidr: podRange.default("10.43.0.0/16"),
  /** Where each node reaches the API server without kube-proxy. */
  apiServer: z
    .strictObject({
      /** The host at which each node reaches the API server. The default is k3s' own load balancer on the node. */
      host: z.string().min(1).default("127.0.0.1"),
      /** The port of the API server. */
      port: port.default(6444),
    })
    .prefault({}),
});
