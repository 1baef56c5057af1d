import type { Context, MiddlewareHandler } from "hono";

import { ErrorResponse } from "./api";
import { hasPermission } from "./permissions";

/**
 * Middleware for a zone's routes that requires the permission `<subject> Read` for GET, else `<subject> Write`.
 * Otherwise 403 with code 10000, as Cloudflare: it does not name the missing permission.
 *
 * @param subject e.g. `DNS`.
 */
export function requirePermission(subject: string): MiddlewareHandler {
  return async (c, next) => {
    requireOneOf(c, [subject]);
    await next();
  };
}

/** The permission for each phase of rulesets. */
const subjects = {
  http_request_firewall_managed: "Zone WAF",
  http_request_firewall_custom: "Zone WAF",
  http_ratelimit: "Zone WAF",
  http_request_cache_settings: "Cache Settings",
  http_request_dynamic_redirect: "Dynamic URL Redirects",
  http_response_headers_transform: "Zone Transform Rules",
} as const;

/** The phases that are emulated. Cloudflare has more, which are refused here. */
export type Phase = keyof typeof subjects;

/** The phase of this name. */
export const findPhase = (name: string): Phase | undefined =>
  (Object.keys(subjects) as Phase[]).find((phase) => phase === name);

/** {@link requirePermission} for rulesets of the phase; for undefined, as in the list of them, any phase's is enough. */
export function requirePhasePermission(c: Context, phase: Phase | undefined): void {
  requireOneOf(c, phase === undefined ? Object.values(subjects) : [subjects[phase]]);
}

function requireOneOf(c: Context, allowed: readonly string[]): void {
  const access = c.req.method === "GET" ? "Read" : "Write";
  const zone = c.req.param("zone");
  if (!allowed.some((subject) => hasPermission(c, `${subject} ${access}`, zone)))
    throw new ErrorResponse(403, [{ code: 10000, message: "Authentication error" }]);
}

/** Middleware for the user's tokens that requires `API Tokens Read`, or `Write` for all but GET. */
export const requireTokenPermission: MiddlewareHandler = async (c, next) => {
  if (!hasPermission(c, c.req.method === "GET" ? "API Tokens Read" : "API Tokens Write"))
    throw new ErrorResponse(403, [{ code: 9109, message: "Unauthorized to access requested resource" }]);
  await next();
};
