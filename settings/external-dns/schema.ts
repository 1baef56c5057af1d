import { z } from "zod";

import { hostName, label } from "../formats/names";
import { optionalSection } from "../formats/optional-section";

/** external-dns, which creates records from inside the cluster. */
export const externalDns = optionalSection(
  z.strictObject({
    /** The domains in which it may create records. */
    domains: z.array(hostName).min(1),
    /** `upsert-only` never deletes a record, `sync` does, `create-only` never changes one. */
    policy: z.enum(["upsert-only", "sync", "create-only"]).default("upsert-only"),
    /** The ID that marks its records as this cluster's. It must never change. Default: `cluster.identifier`. */
    ownerId: label.optional(),
    /** The kinds of objects whose hosts get records. */
    sources: z
      .array(z.enum(["ingress", "service"]))
      .min(1)
      .default(["ingress"]),
  }),
);
