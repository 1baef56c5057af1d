import { z } from "zod";

import { hostName, label } from "../formats/names";
import { optionalSection } from "../formats/optional-section";

/** Records that external-dns makes, inside the cluster. */
export const externalDns = optionalSection(
  z.strictObject({
    /** The names at and below which it may make records. */
    domains: z.array(hostName).min(1),
    /** `upsert-only` never deletes a record, `sync` does, `create-only` never changes one. */
    policy: z.enum(["upsert-only", "sync", "create-only"]).default("upsert-only"),
    /** Marks its records as this cluster's; it never changes. Absence means `cluster.identifier`. */
    ownerId: label.optional(),
    /** The kinds of objects whose hosts get records. */
    sources: z
      .array(z.enum(["ingress", "service"]))
      .min(1)
      .default(["ingress"]),
  }),
);
