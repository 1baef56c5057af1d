import { z } from "zod";

import { controllerNames, defaultController } from "../../components/ingress/controllers";
import { integer } from "../formats/names";
import { resources } from "../formats/resources";

/** A file has no scheme; what is fetched must not be changed on its way. */
const isSource = (text: string): boolean =>
  text !== "" && (text.startsWith("https://") || !text.includes("://"));

export const ingress = z.strictObject({
  /** Who routes: Traefik by Ingress objects, ingress-nginx, or Traefik by the HTTPRoutes of Gateway API. */
  controller: z.enum(controllerNames).default(defaultController),
  replicas: z.strictObject({ min: z.int().min(1).default(3), max: z.int().min(1).default(10) }).prefault({}),
  resources,
  /**
   * For how many seconds the controller keeps a connection, 10 to 900, default 180: it closes one that nobody used for
   * so long, and asks that one which is older be opened anew. Cloudflare goes on using its connections to the origin for
   * as long as it may, so this says how long those stay with a controller after the load balancer has turned to another.
   * Less costs handshakes; more has the `up` that moves the routes wait, for twice as long.
   *
   * @see https://developers.cloudflare.com/fundamentals/reference/connection-limits/
   */
  keepAliveSeconds: integer(10, 900).default(180),
  /**
   * How long a client may take to send a request, in seconds: 10 to 86400, default 3600. Traefik ends an upload or a gRPC
   * stream that the client has not ended by then; answers, server-sent events among them, and WebSockets have no such
   * limit. It has no timer for the headers alone, so this is also how long a new connection that sends nothing is kept.
   * nginx has idle timers only: there it is how long nothing may move, in either direction. No route may ask for more.
   *
   * @see https://doc.traefik.io/traefik/reference/install-configuration/entrypoints/ respondingTimeouts.readTimeout
   */
  maxRequestSeconds: integer(10, 86_400).default(3600),
  /**
   * Where the definitions of Gateway API come from: a file, an https URL, or `installed` where somebody else sees to
   * them. Absence means upstream, or the folder that `charts` names. Where it is said, Traefik reads HTTPRoutes beside
   * Ingress objects too, unless it asks for client certificates: on the way back from `gateway` no route is without a
   * rule then.
   */
  gatewayApi: z
    .string()
    .refine(isSource, { error: "installed, or upstream's standard-install.yaml as a file or an https URL" })
    .optional(),
});
