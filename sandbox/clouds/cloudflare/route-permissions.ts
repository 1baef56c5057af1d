import type { Context, MiddlewareHandler } from "hono";
import { z } from "zod";

import { ErrorResponse } from "./api";
import { hasPermission } from "./permissions";

/**
 * Lets calls of a zone pass whose token has the permission for it: `<subject> Read` for GET, else `<subject> Write`.
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
const phases: ReadonlyMap<string, string> = new Map([
  ["http_request_firewall_managed", "Zone WAF"],
  ["http_request_firewall_custom", "Zone WAF"],
  ["http_ratelimit", "Zone WAF"],
  ["http_request_cache_settings", "Cache Settings"],
  ["http_request_dynamic_redirect", "Dynamic URL Redirects"],
  ["http_response_headers_transform", "Zone Transform Rules"],
]);

/**
 * {@link requirePermission} for rulesets: what is needed depends on the phase. A call that names no phase, as the list of them, or
 * one that is not known here, passes with the permission for any.
 *
 * @param phaseOf the phase of a ruleset that exists.
 */
export function requirePhasePermission(
  phaseOf: (zone: string, ruleset: string) => string | undefined,
): MiddlewareHandler {
  return async (c, next) => {
    const phase = await findPhase(c, phaseOf);
    const subject = phases.get(phase ?? "");
    requireOneOf(c, subject === undefined ? [...new Set(phases.values())] : [subject]);
    await next();
  };
}

async function findPhase(
  c: Context,
  phaseOf: (zone: string, ruleset: string) => string | undefined,
): Promise<string | undefined> {
  const [, zone = "", of, phase] = /\/zones\/([^/]+)\/rulesets\/([^/]+)(?:\/([^/]+))?/.exec(c.req.path) ?? [];
  if (of === "phases") return phase;
  if (of !== undefined) return phaseOf(zone, of);
  return c.req.method === "POST" ? parsePhase(await c.req.text()) : undefined;
}

const phaseBody = z.looseObject({ phase: z.string() });

function parsePhase(text: string): string | undefined {
  try {
    return phaseBody.safeParse(JSON.parse(text)).data?.phase;
  } catch {
    // The route reports invalid JSON itself.
    return undefined;
  }
}

function requireOneOf(c: Context, subjects: readonly string[]): void {
  const right = c.req.method === "GET" ? "Read" : "Write";
  const zone = c.req.param("zone");
  if (!subjects.some((subject) => hasPermission(c, `${subject} ${right}`, zone)))
    throw new ErrorResponse(403, [{ code: 10000, message: "Authentication error" }]);
}

/** Lets calls of the user's tokens pass whose own token has `API Tokens Read`, or `Write` for all but GET. */
export const requireTokenPermission: MiddlewareHandler = async (c, next) => {
  if (!hasPermission(c, c.req.method === "GET" ? "API Tokens Read" : "API Tokens Write"))
    throw new ErrorResponse(403, [{ code: 9109, message: "Unauthorized to access requested resource" }]);
  await next();
};
