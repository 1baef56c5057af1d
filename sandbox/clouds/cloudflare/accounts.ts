import { createHash } from "node:crypto";

import { z } from "zod";

import type { Store } from "../store";
import { allPermissions, permissionGroups, type Caller } from "./permissions";

/** Cloudflare's plans, the cheapest first. */
export const plans = ["free", "pro", "business", "enterprise"] as const;

/** A zone's plan, which most limits depend on. */
export type Plan = (typeof plans)[number];

/** A zone of the seed. */
export interface Zone {
  readonly id: string;
  readonly name: string;
  readonly plan: Plan;
  readonly createdOn: string;
}

/** The number of calls that one token has in a span of time. */
export interface RateLimit {
  readonly requests: number;
  readonly seconds: number;
}

/** A token of the seed. A text has every permission, an object those that it lists, on all zones. */
type SeededToken = string | { readonly token: string; readonly permissions: readonly string[] };

/** The content of the user's accounts before the program runs. */
interface Accounts {
  readonly tokens: SeededToken[];
  readonly zones: Zone[];
  rateLimit?: RateLimit | undefined;
}

const tokenText = z.string().regex(/^[0-9A-Za-z_-]{40,80}$/, "an API token has 40 to 80 of 0-9 A-Z a-z - _");

const seedSchema = z.strictObject({
  tokens: z.array(
    z.union([
      tokenText,
      z.strictObject({
        token: tokenText,
        permissions: z.array(z.enum(permissionGroups.map(({ name }) => name))),
      }),
    ]),
  ),
  zones: z.array(
    z.strictObject({
      id: z.string().regex(/^[0-9a-f]{32}$/, "a zone id has 32 hexadecimal digits, in lower case"),
      name: z.string().regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+$/, "a domain in lower case"),
      plan: z.enum(plans).optional(),
    }),
  ),
  rateLimit: z.strictObject({ requests: z.int().positive(), seconds: z.int().positive() }).optional(),
});

/** Tokens and zones. The emulated API creates and deletes no zones. */
export function getAccounts(store: Store): Accounts {
  return store.section<Accounts>("cloudflare", () => ({ tokens: [], zones: [] }));
}

/**
 * Cloudflare's rate limit for each token. Default of the seed.
 *
 * @see https://developers.cloudflare.com/fundamentals/api/reference/limits/
 */
const defaultRateLimit: RateLimit = { requests: 1200, seconds: 300 };

/** The rate limit of each token: that of the last seed. Default: 1,200 calls in five minutes. */
export function getRateLimit(store: Store): RateLimit {
  return getAccounts(store).rateLimit ?? defaultRateLimit;
}

/** The caller with a token of the seed; undefined if it is none of them. */
export function findSeededCaller(store: Store, token: string): Caller | undefined {
  const found = getAccounts(store).tokens.find((seeded) => toText(seeded) === token);
  if (found === undefined) return undefined;
  return {
    id: fixedId(`Bearer ${token}`),
    grants: typeof found === "string" ? allPermissions : [{ permissions: found.permissions }],
  };
}

/**
 * Adds tokens and zones that are missing, and removes nothing. A token that exists takes the permissions of the seed; a
 * zone its plan, and the account its rate limit, if the seed has one. Default plan of a new zone: Free.
 *
 * @throws {z.ZodError} the seed is not `{tokens: [string | {token, permissions}], zones: [{id, name, plan?}],
 * rateLimit?: {requests, seconds}}`; nothing is changed then.
 */
export function seedAccounts(store: Store, seed: unknown): void {
  const { tokens, zones, rateLimit } = seedSchema.parse(seed);
  const accounts = getAccounts(store);
  for (const wanted of tokens) {
    const index = accounts.tokens.findIndex((token) => toText(token) === toText(wanted));
    accounts.tokens.splice(index < 0 ? accounts.tokens.length : index, 1, wanted);
  }
  for (const wanted of zones) {
    const index = accounts.zones.findIndex(({ id }) => id === wanted.id);
    const { plan = "free", createdOn = new Date().toISOString() } = accounts.zones[index] ?? {};
    accounts.zones.splice(index < 0 ? accounts.zones.length : index, 1, { plan, ...wanted, createdOn });
  }
  if (rateLimit !== undefined) accounts.rateLimit = rateLimit;
  store.save();
}

const toText = (token: SeededToken): string => (typeof token === "string" ? token : token.token);

/** An id of 32 hexadecimal digits that follows from the text. */
export function fixedId(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** The account that has the zones. */
export const accountId = fixedId("account");
