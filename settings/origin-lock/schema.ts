import { z } from "zod";

import { caBundle } from "../formats/ca-bundle";
import { optionalSection } from "../formats/optional-section";

/** Who may speak to the origin. What is not said follows from the rest of the settings. */
export const originLock = optionalSection(
  z.strictObject({
    /** Whether the ingress asks the edge for its client certificate. */
    clientCertificate: z.boolean().optional(),
    /** Whether the ingress takes connections from Cloudflare's addresses only. */
    allowList: z.boolean().optional(),
    /** Counted up by one to change the CA, by the owner of the zone. */
    generation: z.int().min(1).optional(),
    /** The CAs of the zone's owner, PEM, for its other stacks: the output `zone` has them. */
    ca: caBundle.optional(),
  }),
);
