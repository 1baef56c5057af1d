import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import type { Hono } from "hono";

import { cloudflare, seedCloudflare } from "../../../sandbox/clouds/cloudflare";
import { permissionGroups } from "../../../sandbox/clouds/cloudflare/permissions";
import { Store } from "../../../sandbox/clouds/store";

process.env.PLATFORM_SANDBOX_HISTORY = "1";

/** The token of the seed that has every permission. */
export const owner = "t".repeat(40);
export const [first, second] = ["a".repeat(32), "b".repeat(32)];

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly result: unknown;
  /** The codes of `errors`. */
  readonly codes: readonly number[];
  /** The messages of `errors`. */
  readonly said: string;
  readonly messages: readonly unknown[];
  readonly result_info?: Readonly<Record<string, number>>;
}

/** The emulated Cloudflare with two zones and a clock of its own, new in every test; `close` removes its files. */
export class Rig {
  readonly file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "cloudflare-")), "clouds.json");
  /** Milliseconds. */
  clock = Date.parse("2030-01-01T00:00:00Z");
  store: Store;
  #app: Hono;

  constructor() {
    this.store = new Store(this.file);
    this.#app = cloudflare(this.store, this.now);
    this.seed({
      tokens: [owner],
      zones: [
        { id: first, name: "example.com", plan: "free" },
        { id: second, name: "example.org", plan: "pro" },
      ],
    });
  }

  readonly now = (): number => this.clock;

  seed(more: object): void {
    seedCloudflare(this.store, { tokens: [], zones: [], ...more });
  }

  /** The process ends and another one reads the files. */
  restart(): void {
    this.store = new Store(this.file);
    this.#app = cloudflare(this.store, this.now);
  }

  close(): void {
    fs.rmSync(path.dirname(this.file), { recursive: true });
  }

  async call(method: string, where: string, body?: unknown, token = owner): Promise<Answer> {
    const response = await this.#app.request(where, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const { errors = [], ...rest } = (text === "" ? {} : JSON.parse(text)) as {
      readonly errors?: readonly { readonly code: number; readonly message: string }[];
      readonly result?: unknown;
      readonly messages?: readonly unknown[];
    };
    const codes = errors.map(({ code }) => code);
    const said = errors.map(({ message }) => message).join("; ");
    return {
      result: null,
      messages: [],
      ...rest,
      status: response.status,
      headers: response.headers,
      codes,
      said,
    };
  }

  /** The result of a call that succeeds. */
  async done(
    method: string,
    where: string,
    body?: unknown,
    token?: string,
  ): Promise<Record<string, unknown>> {
    const { status, codes, said, result } = await this.call(method, where, body, token);
    assert.equal(status, 200, `${method} ${where}: ${codes.join()} ${said}`);
    return result as Record<string, unknown>;
  }

  /** A token that is made over the API. */
  async token(
    permissions: readonly string[],
    resources: object = on(first),
    more: object = {},
  ): Promise<{ readonly id: string; readonly value: string }> {
    const policies = [policy(permissions, resources)];
    const { id, value } = await this.done("POST", "/user/tokens", { name: "made", policies, ...more });
    return { id: String(id), value: String(value) };
  }
}

export const zoneResource = (zone: string): string => `com.cloudflare.api.account.zone.${zone}`;

/** A permission group as a body names it. */
export function groupOf(name: string): { readonly id: string } {
  const group = permissionGroups.find((known) => known.name === name);
  assert.ok(group, name);
  return { id: group.id };
}

/** The resources of a policy for one zone. */
export const on = (zone: string) => ({ [zoneResource(zone)]: "*" });

/** A policy as a body has it. */
export const policy = (permissions: readonly string[], resources: object = on(first), effect = "allow") => ({
  effect,
  permission_groups: permissions.map(groupOf),
  resources,
});
