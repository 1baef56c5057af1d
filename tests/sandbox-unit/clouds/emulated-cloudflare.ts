import * as assert from "node:assert/strict";
import * as path from "node:path";

import type { Hono } from "hono";

import { cloudflare, cloudflareZoneLog, seedCloudflare } from "../../../sandbox/clouds/cloudflare";
import { permissionGroups } from "../../../sandbox/clouds/cloudflare/permissions";
import { Store } from "../../../sandbox/clouds/store";
import { temporary } from "../temporary";

process.env.PLATFORM_SANDBOX_HISTORY = "1";

export type Plan = "free" | "pro" | "business" | "enterprise";

/** The id of the zone of each plan. */
export const zones: Readonly<Record<Plan, string>> = {
  free: "a".repeat(32),
  pro: "b".repeat(32),
  business: "c".repeat(32),
  enterprise: "d".repeat(32),
};
const names = {
  free: "example.com",
  pro: "example.org",
  business: "example.net",
  enterprise: "example.edu",
};
/** The zone of an id that does not exist. */
export const noZone = `/zones/${"9".repeat(32)}`;

/** A token of the seed with every permission. */
export const owner = "t".repeat(40);

export type Json = Readonly<Record<string, unknown>>;

interface Body {
  readonly success?: boolean;
  readonly result?: unknown;
  readonly errors?: readonly { readonly code: number; readonly message: string }[];
  readonly result_info?: Readonly<Record<string, number>>;
}

/** An emulated Cloudflare with a zone of each plan and a clock of its own, new in each test of the suite. */
export function emulatedCloudflare() {
  const folder = temporary("cloudflare-");
  let file: string;
  let store: Store;
  let app: Hono;
  let clock: number;
  const now = () => clock;
  const restart = () => {
    store = new Store(file);
    app = cloudflare(store, now);
  };
  const seed = (more: object) => seedCloudflare(store, { tokens: [], zones: [], ...more });
  beforeEach(() => {
    [file, clock] = [path.join(folder(), "clouds.json"), Date.parse("2030-01-01T00:00:00Z")];
    restart();
    const all = (Object.keys(zones) as Plan[]).map((plan) => ({ id: zones[plan], name: names[plan], plan }));
    seed({ tokens: [owner], zones: all });
  });

  const call = async (method: string, where: string, body?: unknown, token = owner) => {
    const response = await app.request(where, {
      method,
      headers: token === "" ? {} : { authorization: `Bearer ${token}` },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const { errors = [], ...rest } = JSON.parse(text === "" ? "{}" : text) as Body;
    const codes = errors.map(({ code }) => code);
    return { status: response.status, headers: response.headers, errors, codes, ...rest };
  };
  let seeded = 0;
  return {
    call,
    restart,
    seed,
    now,
    /** The result of a call that succeeds. */
    got: async (method: string, where: string, body?: unknown, token?: string): Promise<Json> => {
      const { status, errors, result } = await call(method, where, body, token);
      assert.equal(status, 200, JSON.stringify(errors));
      return result as Json;
    },
    list: async (where: string, token?: string) =>
      (await call("GET", where, undefined, token)).result as readonly Json[],
    /** The only error of a call that is refused with 400. */
    refusal: async (method: string, where: string, body?: unknown) => {
      const { status, result, errors } = await call(method, where, body);
      assert.deepEqual([status, result, errors.length], [400, null, 1], JSON.stringify(errors));
      return errors[0] ?? assert.fail();
    },
    /** A token of the seed with these permissions. */
    tokenWith: (...permissions: readonly string[]) => {
      const token = String(seeded++).padStart(40, "s");
      seed({ tokens: [{ token, permissions }] });
      return token;
    },
    /** The entries of the zone log, without number and time. */
    changes: (): readonly Json[] =>
      cloudflareZoneLog(store, now).map((entry) =>
        Object.fromEntries(Object.entries(entry).filter(([key]) => key !== "seq" && key !== "at")),
      ),
    wait: (milliseconds: number) => (clock += milliseconds),
    store: () => store,
    /** A `fetch` that reaches the emulated Cloudflare. */
    fetch: async (...[input, init]: Parameters<typeof fetch>) => {
      const { pathname, search } = new URL(new Request(input, init).url);
      return app.request(pathname.replace("/client/v4", "") + search, init);
    },
    file: (name: string) => path.join(path.dirname(file), name),
  };
}

/** The resources of a token's policy for one zone. */
export const resourcesOf = (zone: string) => ({ [`com.cloudflare.api.account.zone.${zone}`]: "*" });

/** A token's policy on the Free zone by default. */
export const policy = (permissions: readonly string[], resources: object = resourcesOf(zones.free)) => ({
  effect: "allow",
  permission_groups: permissions.map((name) => ({
    id: permissionGroups.find((group) => group.name === name)?.id,
  })),
  resources,
});
