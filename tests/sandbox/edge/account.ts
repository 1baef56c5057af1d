import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { permissionGroups } from "../../../sandbox/clouds/cloudflare/permissions";
import { clouds, home } from "../start";
import { zoneId } from "./world";

/** A rate limit of one token. */
export interface RateLimit {
  readonly requests: number;
  readonly seconds: number;
}

/** Cloudflare's own rate limit. */
export const usualLimit: RateLimit = { requests: 1200, seconds: 300 };

/** Limits the calls of every token of the emulated Cloudflare. */
export async function limitCalls(rateLimit: RateLimit): Promise<void> {
  const answer = await fetch(new URL("/sandbox/seed", clouds.cloudflareUrl), {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ cloudflare: { tokens: [], zones: [], rateLimit } }),
  });
  assert.equal(answer.status, 200, await answer.text());
}

/** Takes one permission from the stack's token; without an argument it has all of them again. */
export async function takeFromToken(permission?: string): Promise<void> {
  const { hetzner, cloudflare } = clouds.accounts();
  const rest = permissionGroups.map(({ name }) => name).filter((name) => name !== permission);
  const narrowed = permission !== undefined && { cloudflarePermissions: rest };
  const text = JSON.stringify({ hetzner, cloudflare, ...narrowed });
  fs.writeFileSync(path.join(home, "accounts.json"), text, { mode: 0o600 });
  await clouds.seed({ hetzner: { networks: [], servers: [] }, cloudflare: { zones: [] } });
}

/** A call of the emulated Cloudflare API below the zone as the dashboard sends it: with the account's own token. */
export async function inDashboard<T>(method: string, below: string, body?: object): Promise<T> {
  const answer = await fetch(new URL(`zones/${zoneId}/${below}`, clouds.cloudflareUrl), {
    method,
    headers: {
      authorization: `Bearer ${clouds.accounts().cloudflare}`,
      "content-type": "application/json",
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const { result, errors } = (await answer.json()) as { readonly result: T; readonly errors: unknown };
  assert.ok(answer.ok, `${method} ${below}: ${JSON.stringify(errors)}`);
  return result;
}
