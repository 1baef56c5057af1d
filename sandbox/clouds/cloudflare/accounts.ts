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

const tokenText = z.string().regex(/^[0-9A-Za-z_-]{40,80}$/, "an API token has 40 to 80 of 0-9 A-Z a-z - _");

/** A token of the seed. A text has every permission, an object those that it lists, on all zones. */
const seededToken = z.union([
  tokenText,
  z.strictObject({
    token: tokenText,
    permissions: z.array(z.enum(permissionGroups.map(({ name }) => name))),
  }),
]);
type SeededToken = z.infer<typeof seededToken>;

/** The number of calls that one token has in a span of time. */
const rateLimit = z.strictObject({ requests: z.int().positive(), seconds: z.int().positive() });
export type RateLimit = z.infer<typeof rateLimit>;

const seedSchema = z.strictObject({
  tokens: z.array(seededToken),
  zones: z.array(
    z.strictObject({
      id: z.string().regex(/^[0-9a-f]{32}$/, "a zone id has 32 hexadecimal digits, in lower case"),
      name: z.string().regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+$/, "a domain in lower case"),
      plan: z.enum(plans).optional(),
    }),
  ),
  rateLimit: rateLimit.optional(),
});

/** The content of the account before the program runs. The emulated API creates and deletes no zones. */
interface Accounts {
  readonly tokens: SeededToken[];
  readonly zones: Zone[];
  rateLimit?: RateLimit;
}

export function getAccounts(store: Store): Accounts {
  return store.section<Accounts>("cloudflare", () => ({ tokens: [], zones: [] }));
}

/**
 * The rate limit of each token: that of the last seed. Default: Cloudflare's.
 *
 * @see https://developers.cloudflare.com/fundamentals/api/reference/limits/
 */
export function getRateLimit(store: Store): RateLimit {
  return getAccounts(store).rateLimit ?? { requests: 1200, seconds: 300 };
}

/** The caller with a token of the seed; undefined if it is none of them. */
export function findSeededCaller(store: Store, token: string): Caller | undefined {
  const found = getAccounts(store).tokens.find((seeded) => toText(seeded) === token);
  if (found === undefined) return undefined;
  const grants = typeof found === "string" ? allPermissions : [{ permissions: found.permissions }];
  return { id: fixedId(`Bearer ${token}`), grants };
}

/**
 * Adds the content of the account before the program runs: `{tokens: [string | {token, permissions}], zones: [{id, name,
 * plan}], rateLimit: {requests, seconds}}`, and removes nothing. `plan` and `rateLimit` are optional and then stay as they
 * are, by default Free and 1,200 calls in five minutes. A token that exists gets the permissions of the seed.
 *
 * @throws {z.ZodError} the seed has another shape; nothing is changed then.
 */
export function seedCloudflare(store: Store, seed: unknown): void {
  const { tokens, zones, rateLimit: limit } = seedSchema.parse(seed);
  const accounts = getAccounts(store);
  for (const wanted of tokens) {
    const index = accounts.tokens.findIndex((token) => toText(token) === toText(wanted));
    accounts.tokens.splice(index < 0 ? accounts.tokens.length : index, 1, wanted);
  }
  for (const { plan: wanted, ...zone } of zones) {
    const index = accounts.zones.findIndex(({ id }) => id === zone.id);
    const { plan = "free", createdOn = new Date().toISOString() } = accounts.zones[index] ?? {};
    const seeded = { ...zone, plan: wanted ?? plan, createdOn };
    accounts.zones.splice(index < 0 ? accounts.zones.length : index, 1, seeded);
  }
  if (limit !== undefined) accounts.rateLimit = limit;
  store.save();
}

const toText = (token: SeededToken): string => (typeof token === "string" ? token : token.token);

/** An id of 32 hexadecimal digits that follows from the text. */
export function fixedId(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** The account that has the zones. */
export const accountId = fixedId("account");
