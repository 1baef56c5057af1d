import { z } from "zod";

import { matching, port } from "./names";
import { resources } from "./resources";
import { route } from "./routes";

/** One app. */
export const app = z.strictObject({
  image: matching(/^\S+[:@]\S+$/, "an image with its tag or digest, such as ghcr.io/org/api:v1.0.0"),
  port,
  /** Absence means `port`. */
  servicePort: port.optional(),
  replicas: z.int().min(0).default(2),
  meshed: z.boolean().default(true),
  healthPath: matching(/^\/\S*$/, "a path, such as /health").optional(),
  resources,
  env: z.record(matching(/^[A-Za-z_]\w*$/, "the name of a variable"), z.string()).default({}),
  /** The apps it calls. What is not declared is dropped. */
  calls: z.array(z.string()).default([]),
  routes: z.array(route).default([]),
});
