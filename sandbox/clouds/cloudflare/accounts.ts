import { createHash } from "node:crypto";

import { z } from "zod";

import type { Store } from "../store";

const plans = ["free", "pro", "business", "enterprise"] as const;

/** A zone as its owner set it up by hand, before any program runs. */
export interface Zone {
  readonly id: string;
  readonly name: string;
  readonly plan: (typeof plans)[number];
  readonly createdOn: string;
}

/** What the user's accounts hold before the program runs. */
interface Accounts {
  readonly tokens: string[];
  readonly zones: Zone[];
}

const seedSchema = z.strictObject({
  tokens: z.array(z.string().regex(/^[0-9A-Za-z_-]{40,80}$/, "an API token has 40 to 80 of 0-9 A-Z a-z - _")),
  zones: z.array(
    z.strictObject({
      id: z.string().regex(/^[0-9a-f]{32}$/, "a zone id has 32 hexadecimal digits, in lower case"),
      name: z.string().regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+$/, "a domain in lower case"),
      plan: z.enum(plans).default("free"),
    }),
  ),
});

/** Tokens and zones. A zone can be neither made nor removed over the API yet. */
export function accountsOf(store: Store): Accounts {
  return store.section<Accounts>("cloudflare", () => ({ tokens: [], zones: [] }));
}

/**
 * Adds tokens and zones that are missing, and removes nothing. A zone that exists takes the plan of the seed.
 *
 * @throws {z.ZodError} the seed is not `{tokens: [...], zones: [{id, name, plan}]}`; nothing is changed then.
 */
export function seedAccounts(store: Store, seed: unknown): void {
  const { tokens, zones } = seedSchema.parse(seed);
  const accounts = accountsOf(store);
  accounts.tokens.push(...tokens.filter((token) => !accounts.tokens.includes(token)));
  for (const wanted of zones) {
    const index = accounts.zones.findIndex(({ id }) => id === wanted.id);
    const createdOn = accounts.zones[index]?.createdOn ?? new Date().toISOString();
    accounts.zones.splice(index < 0 ? accounts.zones.length : index, 1, { ...wanted, createdOn });
  }
  store.save();
}

/** A 32-hex id that is always the same for the same thing. */
export function fixedId(thing: string): string {
  return createHash("sha256").update(thing).digest("hex").slice(0, 32);
}
