import { createHash, randomBytes } from "node:crypto";

import type { Context } from "hono";
import { Hono } from "hono";
import { z } from "zod";

import type { Store } from "../store";
import { parseBody, noRoute, paginate, parseQuery, ErrorResponse, success } from "./api";
import { getCaller, permissionGroups, type Caller } from "./permissions";
import { validatePolicy, toGrants, policyBody, type Policy } from "./token-policies";

type Status = "active" | "disabled" | "expired";

interface Token {
  readonly id: string;
  readonly name: string;
  readonly status: Exclude<Status, "expired">;
  readonly issued_on: string;
  readonly modified_on: string;
  readonly not_before?: string;
  readonly expires_on?: string;
  readonly condition?: object;
  readonly policies: readonly Policy[];
}

/** A token and the SHA-256 of its value; the value itself is kept nowhere. */
interface StoredToken {
  readonly digest: string;
  readonly token: Token;
}

const time = z.iso.datetime({ offset: true });
const ranges = z.array(z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()])).nullish();

const tokenBody = z.strictObject({
  name: z.string().min(1).max(120),
  policies: z.array(policyBody).min(1),
  status: z.enum(["active", "disabled"]).nullish(),
  not_before: time.nullish(),
  expires_on: time.nullish(),
  condition: z
    .strictObject({ request_ip: z.strictObject({ in: ranges, not_in: ranges }).nullish() })
    .nullish(),
});

const getTokens = (store: Store): StoredToken[] =>
  store.section<{ readonly tokens: StoredToken[] }>("cloudflare-tokens", () => ({ tokens: [] })).tokens;

/** The tokens that were made over the API, oldest first, as it shows them: without their values. */
export function getAllTokens(store: Store, now: () => number): readonly object[] {
  return getTokens(store).map(({ token }) => showToken(token, now()));
}

/** Who a token is that was made over the API; undefined if there is none, or it is not valid at this time. */
export function findTokenCaller(store: Store, value: string, now: number): Caller | undefined {
  const digest = hashToken(value);
  const token = getTokens(store).find((kept) => kept.digest === digest)?.token;
  if (token === undefined || getStatus(token, now) !== "active") return undefined;
  if (token.not_before !== undefined && now < Date.parse(token.not_before)) return undefined;
  return { id: token.id, grants: toGrants(token.policies) };
}

/**
 * Routes of the user's API tokens. A token that was made here works at once, with exactly the rights of its policies,
 * until it is deleted, disabled or expired. Tokens of the seed are not listed, and `condition` is kept but not
 * enforced: every call comes from this machine.
 *
 * @param now milliseconds.
 */
export function tokenRoutes(store: Store, now: () => number): Hono {
  const app = new Hono();
  const indexOf = (c: Context): number => {
    const index = getTokens(store).findIndex(({ token }) => token.id === c.req.param("token"));
    if (index < 0) throw noRoute(c);
    return index;
  };
  const oneOf = (c: Context): StoredToken => getTokens(store)[indexOf(c)] as StoredToken;

  app.get("/permission_groups", (c) => {
    const query = parseQuery(c, ["name", "scope", "page", "per_page"]);
    const found = permissionGroups.filter(
      ({ name, scopes }) =>
        (query.name === undefined || name === decode(query.name)) &&
        (query.scope === undefined || scopes.includes(decode(query.scope))),
    );
    return c.json(paginate(found, query, { usual: 100, least: 1, most: 1000 }));
  });
  app.get("/", (c) => {
    const query = parseQuery(c, ["page", "per_page", "direction"]);
    const all = [...getAllTokens(store, now)];
    return c.json(
      paginate(query.direction === "desc" ? all.reverse() : all, query, { usual: 20, least: 5, most: 50 }),
    );
  });
  app.post("/", async (c) => {
    const body = await parseBody(c, tokenBody);
    const value = randomBytes(30).toString("base64url");
    const token = toToken(store, body, { id: randomBytes(16).toString("hex") }, now());
    getTokens(store).push({ digest: hashToken(value), token });
    store.save();
    return c.json(success({ ...showToken(token, now()), value }));
  });
  app.get("/:token", (c) => c.json(success(showToken(oneOf(c).token, now()))));
  app.put("/:token", async (c) => {
    indexOf(c);
    const body = await parseBody(c, tokenBody);
    const { digest, token: last } = oneOf(c);
    const token = toToken(store, body, last, now());
    getTokens(store)[indexOf(c)] = { digest, token };
    store.save();
    return c.json(success(showToken(token, now())));
  });
  app.delete("/:token", (c) => {
    const [{ token }] = getTokens(store).splice(indexOf(c), 1) as [StoredToken];
    store.save();
    return c.json(success({ id: token.id }));
  });
  return app;
}

/** Answers who calls: any token may ask it of itself. */
export function verifyToken(c: Context): Response {
  const { id } = getCaller(c);
  const messages = [{ code: 10000, message: "This API Token is valid and active", type: null }];
  return c.json({ ...success({ id, status: "active" }), messages });
}

function toToken(
  store: Store,
  body: z.infer<typeof tokenBody>,
  last: Pick<Token, "id"> & Partial<Token>,
  now: number,
): Token {
  const { name, status, not_before, expires_on, condition } = body;
  const from = not_before == null ? now : Math.max(now, Date.parse(not_before));
  if (expires_on != null && Date.parse(expires_on) <= from)
    throw new ErrorResponse(400, [
      { code: 1001, message: `expires_on is "${expires_on}", want a time after now and after not_before` },
    ]);
  const time = new Date(now).toISOString();
  return {
    id: last.id,
    name,
    status: status ?? "active",
    issued_on: last.issued_on ?? time,
    modified_on: time,
    ...(not_before != null && { not_before }),
    ...(expires_on != null && { expires_on }),
    ...(condition != null && { condition }),
    policies: body.policies.map((policy, index) => ({
      id: last.policies?.[index]?.id ?? randomBytes(16).toString("hex"),
      ...validatePolicy(store, policy),
    })),
  };
}

function showToken(token: Token, now: number): object {
  return { ...token, status: getStatus(token, now) };
}

function getStatus({ status, expires_on }: Token, now: number): Status {
  return expires_on !== undefined && Date.parse(expires_on) <= now ? "expired" : status;
}

const hashToken = (value: string) => createHash("sha256").update(value).digest("hex");

/** Clients encode these filters once more than a query needs. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
