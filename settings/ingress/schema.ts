import { z } from "zod";

import { traefikVersion } from "../../components/charts";
import { controllerNames, defaultController } from "../../components/ingress/controllers";
import { integer, label, pattern } from "../formats/names";
import { resources } from "../formats/resources";

/** A file, or a URL with https, which protects the download from changes. */
const isSource = (text: string): boolean =>
  text !== "" && (text.startsWith("https://") || !text.includes("://"));

export const ingress = z.strictObject({
  /**
   * The ingress controller: Traefik with Ingress objects, ingress-nginx, or Traefik with the HTTPRoutes of Gateway API.
   *
   * @change Moves all routes to the other controller in one update, without lost requests. See docs/ingress.md.
   */
  controller: z.enum(controllerNames).default(defaultController),
  /**
   * Namespaces of other teams, whose Ingresses are served and get certificates of the platform's issuers, for all hosts but
   * those of the apps. Traefik reads the Secrets of the namespaces that it serves, and of no other. They must exist for as
   * long as they are listed: without one of them, a copy of Traefik that starts serves nothing. ingress-nginx serves every
   * namespace and reads all Secrets. Default: none.
   */
  namespaces: z.array(label).default([]),
  /** The bounds of the controller's autoscaling. */
  replicas: z
    .strictObject({
      /** The minimum number of pods. */
      min: z.int().min(1).default(3),
      /** The maximum number of pods. */
      max: z.int().min(1).default(10),
    })
    .prefault({}),
  /** The resources of each pod. */
  resources,
  /**
   * Seconds for which the controller keeps a client connection: it closes a connection that was idle for that long, and
   * asks the client to reopen one that is older. Cloudflare keeps its connections to the origin as long as it may, so this
   * is also how long they stay with the old controller after a change of `controller`: the `up` waits twice that time.
   * A lower value costs more TLS handshakes.
   *
   * @see https://developers.cloudflare.com/fundamentals/reference/connection-limits/
   */
  keepAliveSeconds: integer(10, 900).default(180),
  /**
   * Seconds within which a client must have sent its request. Traefik ends an upload or a gRPC stream that takes longer;
   * responses, server-sent events and WebSockets have no limit. Traefik has no timer for the headers alone, so this is also
   * how long a new connection that sends nothing is kept. ingress-nginx has idle timers only: there it is the time without
   * traffic in either direction. No route may set a longer timeout.
   *
   * @see https://doc.traefik.io/traefik/reference/install-configuration/entrypoints/ respondingTimeouts.readTimeout
   */
  maxRequestSeconds: integer(10, 86_400).default(3600),
  /**
   * The size up to which a header of a request passes, such as `64Ki` for cookies of an identity provider: 8Ki to 128Ki. All
   * headers of a request may have four times this size. Raises ingress-nginx' buffers, also for a response, whose headers
   * may have this size together, and Linkerd's limit for meshed apps; Traefik itself reads up to 1 MiB. Default: 8Ki with
   * ingress-nginx and 4Ki for its responses; 16Ki for all headers to a meshed app. The headers of a meshed app's
   * response have at most 16Ki.
   *
   * @see https://nginx.org/en/docs/http/ngx_http_core_module.html#large_client_header_buffers
   * @see https://github.com/linkerd/linkerd2/issues/14046
   * @change Takes effect for a meshed app when its pods restart.
   */
  maxHeaderSize: pattern(/^([89]|[1-9]\d|1[01]\d|12[0-8])Ki$/, "8Ki to 128Ki, in Ki").optional(),
  /** The version of Traefik: a tag of its image with the tested minor version. */
  traefikVersion: z.string().default(traefikVersion),
  /**
   * The source of Gateway API's definitions: a file, an https URL, or `installed` if the cluster has them. Default: upstream's,
   * or the folder of `charts`. With the key set and `controller: traefik`, Traefik also reads HTTPRoutes,
   * unless it requires client certificates, so that no host is without a route on the way back from `gateway`.
   */
  gatewayApi: z
    .string()
    .refine(isSource, { error: "installed, or upstream's standard-install.yaml as a file or an https URL" })
    .optional(),
});
