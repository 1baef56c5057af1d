import { z } from "zod";

import { resources } from "./resources";

/** A file has no scheme; what is fetched must not be changed on its way. */
const isSource = (text: string): boolean =>
  text !== "" && (text.startsWith("https://") || !text.includes("://"));

export const ingress = z.strictObject({
  /** Who routes: Traefik by Ingress objects, ingress-nginx, or Traefik by the HTTPRoutes of Gateway API. */
  controller: z.enum(["traefik", "nginx", "gateway"]).default("traefik"),
  replicas: z.strictObject({ min: z.int().min(1).default(3), max: z.int().min(1).default(10) }).prefault({}),
  resources,
  /**
   * Where the definitions of Gateway API come from: a file, an https URL, or `installed` where somebody else sees to
   * them. Absence means upstream, or the folder that `charts` names.
   */
  gatewayApi: z
    .string()
    .refine(isSource, { error: "installed, or upstream's standard-install.yaml as a file or an https URL" })
    .optional(),
});
