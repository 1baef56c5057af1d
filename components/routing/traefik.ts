import type * as pulumi from "@pulumi/pulumi";

import type { MiddlewareSpec } from "../custom-resources";
import type { Route } from "./route";

/** A Middleware of a route: `role` is the end of its name. */
export interface RouteMiddleware {
  readonly role: "rate-limit" | "cors" | "basic-auth";
  readonly spec: MiddlewareSpec;
}

export interface TraefikContext {
  /** Whether the host is proxied by Cloudflare, so that the client is the last entry of X-Forwarded-For. */
  readonly proxied: boolean;
  /** The Secret with the route's htpasswd lines, where it has basic auth. */
  readonly authSecretName: string;
}

/**
 * A route's Middlewares in the order in which a request meets them: the limit first, so that guessing passwords is
 * limited too; CORS before the password, since a browser's preflight never carries one.
 *
 * @see https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/overview/
 */
export function traefikMiddlewares(
  route: Route,
  { proxied, authSecretName }: TraefikContext,
): RouteMiddleware[] {
  const { rateLimit, cors, basicAuth } = route;
  const middlewares: RouteMiddleware[] = [];
  if (rateLimit) {
    const { requests: average, period, burst } = rateLimit;
    const sourceCriterion = proxied ? { sourceCriterion: { ipStrategy: { depth: 1 } } } : {};
    middlewares.push({
      role: "rate-limit",
      spec: { rateLimit: { average, period, burst, ...sourceCriterion } },
    });
  }
  if (cors) {
    middlewares.push({
      role: "cors",
      spec: {
        headers: {
          accessControlAllowOriginList: cors.origins,
          accessControlAllowMethods: cors.methods,
          accessControlAllowHeaders: cors.headers,
          accessControlMaxAge: cors.maxAgeSeconds,
          addVaryHeader: true,
        },
      },
    });
  }
  if (basicAuth) {
    // The app behind has no use for the password, so it does not get it.
    middlewares.push({
      role: "basic-auth",
      spec: { basicAuth: { secret: authSecretName, removeHeader: true } },
    });
  }
  return middlewares;
}

/** What lets nobody but the edge in to a host, as Traefik names it: `<namespace>-<name>@kubernetescrd`. */
export interface EdgeOnly {
  /** The TLSOption that asks for a client certificate. Absence asks for none. */
  readonly tlsOptions?: pulumi.Input<string>;
  /** The Middleware that refuses addresses. Absence takes all. */
  readonly middleware?: pulumi.Input<string>;
}

const prefix = "traefik.ingress.kubernetes.io/router";

/**
 * The Ingress annotations that put a router on TLS and behind Middlewares of `namespace`, and behind `edgeOnly` before
 * those.
 */
export function traefikAnnotations(
  namespace: string,
  middlewareNames: readonly string[],
  edgeOnly: pulumi.Unwrap<EdgeOnly> = {},
): Record<string, string> {
  const own = middlewareNames.map((name) => `${namespace}-${name}@kubernetescrd`);
  const middlewares = [...(edgeOnly.middleware === undefined ? [] : [edgeOnly.middleware]), ...own];
  return {
    [`${prefix}.entrypoints`]: "websecure",
    ...(middlewares.length > 0 && { [`${prefix}.middlewares`]: middlewares.join(",") }),
    ...(edgeOnly.tlsOptions !== undefined && { [`${prefix}.tls.options`]: edgeOnly.tlsOptions }),
  };
}
