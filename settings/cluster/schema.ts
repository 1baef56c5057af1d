import { z } from "zod";

import { networkRange, podRange } from "../formats/ip-ranges";
import { label, port } from "../formats/names";

export const cluster = z.strictObject({
  /** A name for this cluster that never changes: it tells Pulumi that a new address is not a new cluster. */
  identifier: label,
  /** How many nodes it has; three or more make every controller run in more than one copy. */
  nodes: z.int().min(1),
  /** The private network of the nodes. */
  nodeCidr: networkRange,
  /** As k3s was started with. */
  podCidr: podRange.default("10.42.0.0/16"),
  serviceCidr: podRange.default("10.43.0.0/16"),
  /** Where each node reaches the API server without kube-proxy. */
  apiServer: z
    .strictObject({ host: z.string().min(1).default("127.0.0.1"), port: port.default(6444) })
    .prefault({}),
});
