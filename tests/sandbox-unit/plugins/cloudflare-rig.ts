import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";

import { serve, type ServerType } from "@hono/node-server";
import { Hono } from "hono";

import { cloudflare, cloudflareInventory, seedCloudflare } from "../../../sandbox/clouds/cloudflare";
import { Store } from "../../../sandbox/clouds/store";
import { cloudflareProvider } from "../../../sandbox/plugins/cloudflare/provider";
import type { ResourceType, ReadResult, Props, FakeProvider } from "../../../sandbox/plugins/fake-provider";

export const zoneId = "a".repeat(32);
export const nothing: ReadResult = { inputs: {}, outputs: {} };

const apiToken = "t".repeat(40);

/** A request that the stand-in made; `path` with its query, below `/client/v4/`. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** The stand-in over the emulated cloud, which holds one zone on the Free plan, new in every test. */
export class Rig {
  calls: Call[] = [];
  /** `GET zones/x/settings/ssl` -> the result that is answered in place of the emulated cloud. */
  answers: Record<string, unknown> = {};
  /** Requests that are answered with 204 and nothing else. */
  readonly emptyAnswers = new Set<string>();
  #provider: FakeProvider = cloudflareProvider();
  #server: ServerType | undefined;
  #store: Store | undefined;
  #url = "";
  readonly #folder = fs.mkdtempSync(path.join(os.tmpdir(), "cloudflare-"));

  async start(): Promise<void> {
    const store = (this.#store = new Store(path.join(this.#folder, "clouds.json")));
    seedCloudflare(store, {
      tokens: [apiToken],
      zones: [{ id: zoneId, name: "example.com", plan: "free" }],
    });
    const app = new Hono();
    app.use("*", async (c, next) => {
      const url = new URL(c.req.url);
      const where = url.pathname.replace(/^.*?\/client\/v4\//, "") + url.search;
      const text = await c.req.text();
      const body: unknown = text === "" ? undefined : JSON.parse(text);
      this.calls.push({ method: c.req.method, path: where, body });
      const key = `${c.req.method} ${where}`;
      if (key in this.answers) return c.json({ result: this.answers[key] });
      if (this.emptyAnswers.has(key)) return c.body(null, 204);
      return next();
    });
    app.route("/client/v4", cloudflare(store));
    await new Promise((resolve) => {
      this.#server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, resolve);
    });
    const { port } = this.#server?.address() as AddressInfo;
    this.#url = `http://127.0.0.1:${port}/client/v4`;
    this.#provider.configure({ apiToken, baseUrl: this.#url });
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => this.#server?.close(resolve));
    fs.rmSync(this.#folder, { recursive: true });
  }

  /** What the emulated cloud holds beyond its seed. */
  held(): ReturnType<typeof cloudflareInventory> {
    return cloudflareInventory(this.#store ?? assert.fail("not started"));
  }

  /** The answer to a request that is not the stand-in's; undefined for a 404. */
  async ask(where: string, method = "GET", body?: object): Promise<unknown> {
    const response = await fetch(`${this.#url}${where}`, {
      method,
      headers: { authorization: `Bearer ${apiToken}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (response.status === 404) return undefined;
    const text = await response.text();
    assert.ok(response.ok, text);
    return text === "" ? undefined : JSON.parse(text);
  }

  /** `ZoneSetting` -> the type of that name. */
  kind(name: string): ResourceType {
    return this.#provider.findType(tokenOf(name)) ?? assert.fail(`no type ${name}`);
  }

  async invoke(name: string, args: Props): Promise<Props> {
    return (await this.#provider.invoke?.(tokenOf(name), args)) ?? assert.fail(`no function ${name}`);
  }

  inputs(name: string, props: Props, olds?: Props): Props {
    return this.kind(name).withDefaults?.(props, "it", olds) ?? props;
  }

  /** Makes it as the engine does: `last` is what the state says then. */
  async create(name: string, props: Props): Promise<{ readonly id: string; readonly last: ReadResult }> {
    const inputs = this.inputs(name, props);
    const { id, outputs } = await this.kind(name).create(inputs, "it");
    return { id, last: { inputs, outputs: { ...inputs, ...outputs } } };
  }

  async read(name: string, id: string, last: ReadResult): Promise<ReadResult> {
    return (await this.kind(name).read(id, last)) ?? assert.fail(`${name} ${id} is gone`);
  }

  faults(name: string, props: Props): readonly string[] {
    return (this.kind(name).validate?.(this.inputs(name, props)) ?? []).map(({ property }) => property);
  }

  /** What was asked for since the last time, such as `PUT zones/x/rulesets/y`. */
  asked(): readonly string[] {
    return this.calls.splice(0).map(({ method, path: where }) => `${method} ${where}`);
  }
}

/** A rig for each test of the suite in which this is called. */
export function rigged(): () => Rig {
  let rig: Rig;
  beforeEach(async () => {
    rig = new Rig();
    await rig.start();
  });
  afterEach(async () => rig.stop());
  return () => rig;
}

const tokenOf = (name: string) => `cloudflare:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;

/** The inputs of a type as the SDK declares them. */
export function declaredInputs(name: string): Readonly<Record<string, string>> {
  const file = `@pulumi/cloudflare/${name.charAt(0).toLowerCase()}${name.slice(1)}.d.ts`;
  const declared = fs.readFileSync(require.resolve(file), "utf8");
  const args = declared.slice(declared.indexOf(`interface ${name}Args`));
  return Object.fromEntries(
    [...args.matchAll(/^ {4}(\w+)(\??): /gm)].map(
      ([, input = "", mark]) => [input, mark === "?" ? "optional" : "required"] as const,
    ),
  );
}

/** The outputs of a type that are not inputs, as the SDK declares them. */
export function declaredOutputs(name: string): readonly string[] {
  const file = `@pulumi/cloudflare/${name.charAt(0).toLowerCase()}${name.slice(1)}.js`;
  const code = fs.readFileSync(require.resolve(file), "utf8");
  return [...code.matchAll(/resourceInputs\["(\w+)"\] = undefined \/\*out\*\//g)].map(
    ([, output = ""]) => output,
  );
}
