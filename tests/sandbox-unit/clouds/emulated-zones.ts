import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { cloudflare, seedCloudflare } from "../../../sandbox/clouds/cloudflare";
import { readZoneLog, type ZoneLogEntry } from "../../../sandbox/clouds/cloudflare/zone-log";
import { Store } from "../../../sandbox/clouds/store";

process.env.PLATFORM_SANDBOX_HISTORY = "1";

/** What the API says, with its status. */
export interface Answer {
  readonly status: number;
  readonly success: boolean;
  readonly result: unknown;
  readonly errors: readonly { readonly code: number; readonly message: string }[];
  readonly messages: readonly unknown[];
}

export type Plan = "free" | "pro" | "business" | "enterprise";

/** Id of the zone of each plan. */
export const zones: Readonly<Record<Plan, string>> = {
  free: "a".repeat(32),
  pro: "b".repeat(32),
  business: "c".repeat(32),
  enterprise: "d".repeat(32),
};
const token = "t".repeat(40);
const names = { free: "example.com", pro: "example.org", business: "example.net", enterprise: "example.edu" };

/** A fresh account for each test of the suite that calls it, with a zone of each plan. */
export function emulatedZones() {
  let file = "";
  let store: Store;
  beforeEach(() => {
    file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "cloudflare-")), "clouds.json");
    store = new Store(file);
    seed();
  });
  afterEach(() => fs.rmSync(path.dirname(file), { recursive: true }));

  const seed = (plans: Readonly<Record<string, Plan>> = {}) => {
    const all = (Object.keys(zones) as Plan[]).map((plan) => ({
      id: zones[plan],
      name: names[plan],
      plan: plans[plan] ?? plan,
    }));
    seedCloudflare(store, { tokens: [token], zones: all });
  };
  const call = async (method: string, where: string, body?: unknown, auth = token): Promise<Answer> => {
    const response = await cloudflare(store).request(where, {
      method,
      headers: { authorization: `Bearer ${auth}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, ...(JSON.parse(text === "" ? "{}" : text) as Omit<Answer, "status">) };
  };
  return {
    call,
    /** The result of a call that has to succeed. */
    got: async (method: string, where: string, body?: unknown): Promise<Record<string, unknown>> => {
      const { status, result, errors } = await call(method, where, body);
      assert.equal(status, 200, JSON.stringify(errors));
      return result as Record<string, unknown>;
    },
    /** The only fault of a call that has to be refused with 400. */
    refusal: async (method: string, where: string, body?: unknown) => {
      const { status, success, result, errors } = await call(method, where, body);
      assert.deepEqual(
        [status, success, result, errors.length],
        [400, false, null, 1],
        JSON.stringify(errors),
      );
      return errors[0] as Answer["errors"][number];
    },
    /** Seeds the zones again; a zone may have another plan than its own. */
    seed,
    /** What the log of the zones has, without number and time. */
    changes: () =>
      readZoneLog(store).map((entry) => {
        const change: { -readonly [K in keyof ZoneLogEntry]?: ZoneLogEntry[K] } = { ...entry };
        delete change.seq;
        delete change.at;
        return change;
      }),
    /** A new process on the same file. */
    restart: () => {
      store = new Store(file);
    },
    store: () => store,
    file: (name: string) => path.join(path.dirname(file), name),
  };
}
