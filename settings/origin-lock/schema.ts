import { z } from "zod";

import { caBundle } from "../formats/ca-bundle";
import { optionalSection } from "../formats/optional-section";

/** The origin lock. The defaults follow from the other settings. */
export const originLock = optionalSection(
  z.strictObject({
    /** Whether the ingress requires a client certificate from the edge. */
    clientCertificate: z.boolean().optional(),
    /** Whether the ingress accepts connections from Cloudflare's addresses only. */
    allowList: z.boolean().optional(),
    /** The generation of the CA. The owner of the zone increases it by one to rotate the CA. */
    generation: z.int().min(1).optional(),
    /** For the zone's other stacks: the CAs of its owner, PEM, from the owner's output `zone`. */
    ca: caBundle.optional(),
  }),
);
