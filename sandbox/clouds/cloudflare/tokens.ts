import { createHash, randomBytes } from "node:crypto";

import type { Context } from "hono";
import { Hono } from "hono";
import { z } from "zod";

import type { Store } from "../store";
import { getAccounts } from "./accounts";
import { parseBody, noRoute, paginate, parseQuery, ErrorResponse, success } from "./api";
import { zonePermissionGroups, type Caller } from "./permissions";

const hexId = z.string().regex(/^[0-9a-f]{32}$/, "an id has 32 hexadecimal digits, in lower case");
const zonePrefix = "com.cloudflare.api.account.zone.";

/** A policy with permissions on zones. The program has no others. */
const policyBody = z.strictObject({
  id: hexId.nullish(),
  effect: z.literal("allow"),
  permission_groups: z.array(z.looseObject({ id: hexId })).min(1),
  resources: z
    .record(z.string(), z.literal("*"))
    .refine((all) => Object.keys(all).length > 0, "want at least one resource"),
});

const tokenBody = z.strictObject({
  name: z.string().min(1).max(120),
  policies: z.array(policyBody).min(1),
  status: z.literal("active").nullish(),
  not_before: z.null().optional(),
  expires_on: z.null().optional(),
  condition: z.null().optional(),
});

interface Policy {
  readonly id: string;
  readonly effect: "allow";
  readonly permission_groups: readonly { readonly id: string; readonly name: string }[];
  /** `com.cloudflare.api.account.zone.<zone id>` to `*`. */
  readonly resources: Readonly<Record<string, "*">>;
}

interface Token {
  readonly id: string;
  readonly name: string;
  readonly status: "active";
  readonly issued_on: string;
  readonly modified_on: string;
  readonly policies: readonly Policy[];
}

/** A token and the SHA-256 of its value; the value itself is not stored. */
interface StoredToken {
  readonly digest: string;
  readonly token: Token;
}

const getTokens = (store: Store): StoredToken[] =>
  store.section<{ readonly tokens: StoredToken[] }>("cloudflare-tokens", () => ({ tokens: [] })).tokens;

/** The tokens created over the API, oldest first, without their values. */
export function getAllTokens(store: Store): readonly Token[] {
  return getTokens(store).map(({ token }) => token);
}

/** The caller with a token created over the API; undefined if there is none. */
export function findTokenCaller(store: Store, value: string): Caller | undefined {
  const token = getTokens(store).find(({ digest }) => digest === hashToken(value))?.token;
  if (token === undefined) return undefined;
  const grants = token.policies.map(({ permission_groups, resources }) => ({
    permissions: permission_groups.map(({ name }) => name),
    zones: Object.keys(resources).map((name) => name.slice(zonePrefix.length)),
  }));
  return { id: token.id, grants };
}

/**
 * Routes of the user's API tokens. A token works at once, with the permissions of its policies, until it is deleted.
 * Tokens of the seed are not listed.
 */
export function tokenRoutes(store: Store): Hono {
  const app = new Hono();
  const indexOf = (c: Context): number => {
    const index = getTokens(store).findIndex(({ token }) => token.id === c.req.param("token"));
    if (index < 0) throw noRoute(c);
    return index;
  };
  const oneOf = (c: Context): StoredToken => getTokens(store)[indexOf(c)] as StoredToken;

  app.get("/", (c) => {
    const query = parseQuery(c, ["page", "per_page"]);
    return c.json(paginate(getAllTokens(store), query, { usual: 20, least: 5, most: 50 }));
  });
  app.post("/", async (c) => {
    const body = await parseBody(c, tokenBody);
    const value = randomBytes(30).toString("base64url");
    const token = toToken(store, body);
    getTokens(store).push({ digest: hashToken(value), token });
    store.save();
    return c.json(success({ ...token, value }));
  });
  app.get("/:token", (c) => c.json(success(oneOf(c).token)));
  app.put("/:token", async (c) => {
    const { digest, token: last } = oneOf(c);
    const token = toToken(store, await parseBody(c, tokenBody), last);
    getTokens(store)[indexOf(c)] = { digest, token };
    store.save();
    return c.json(success(token));
  });
  app.delete("/:token", (c) => {
    const [{ token }] = getTokens(store).splice(indexOf(c), 1) as [StoredToken];
    store.save();
    return c.json(success({ id: token.id }));
  });
  return app;
}

function toToken(store: Store, { name, policies }: z.infer<typeof tokenBody>, last?: Token): Token {
  const time = new Date().toISOString();
  return {
    id: last?.id ?? randomBytes(16).toString("hex"),
    name,
    status: "active",
    issued_on: last?.issued_on ?? time,
    modified_on: time,
    policies: policies.map(({ effect, permission_groups, resources }, index) => ({
      id: last?.policies[index]?.id ?? randomBytes(16).toString("hex"),
      effect,
      permission_groups: permission_groups.map(({ id }) => {
        const group = zonePermissionGroups.find((known) => known.id === id);
        if (group === undefined) throw invalid(`Permission group "${id}" does not exist.`);
        return group;
      }),
      resources: validateResources(store, resources),
    })),
  };
}

function validateResources(store: Store, resources: Policy["resources"]): Policy["resources"] {
  const zones = getAccounts(store).zones.map(({ id }) => `${zonePrefix}${id}`);
  const unknown = Object.keys(resources).find((name) => !zones.includes(name));
  if (unknown !== undefined) throw invalid(`Resource "${unknown}" does not exist.`);
  return resources;
}

const invalid = (message: string) => new ErrorResponse(400, [{ code: 1001, message }]);

const hashToken = (value: string) => createHash("sha256").update(value).digest("hex");
