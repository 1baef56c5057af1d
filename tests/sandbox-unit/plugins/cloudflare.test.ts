import * as assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";

import { serve, type ServerType } from "@hono/node-server";
import * as grpc from "@grpc/grpc-js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { Hono } from "hono";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";

import { cloudflare, cloudflareInventory, seedCloudflare } from "../../../sandbox/clouds/cloudflare";
import { Store } from "../../../sandbox/clouds/store";
import { cloudflareProvider } from "../../../sandbox/plugins/cloudflare/provider";
import {
  UNKNOWN,
  type ResourceType,
  type ReadResult,
  type Props,
  type FakeProvider,
} from "../../../sandbox/plugins/fake-provider";

const apiToken = "t".repeat(40);
const zoneId = "a".repeat(32);
const token = "cloudflare:index/dnsRecord:DnsRecord";
const nothing: ReadResult = { inputs: {}, outputs: {} };

describe("the stand-in for the Cloudflare provider", () => {
  let folder: string;
  let store: Store;
  let server: ServerType;
  let baseUrl: string;
  let provider: FakeProvider;
  let kind: ResourceType;
  /** Answers given instead of the emulator's, first come first served. */
  let faults: (() => Response)[];
  let calls: string[];

  beforeEach(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "cloudflare-"));
    store = new Store(path.join(folder, "clouds.json"));
    seedCloudflare(store, {
      tokens: [apiToken],
      zones: [
        { id: zoneId, name: "example.com", plan: "free" },
        { id: "b".repeat(32), name: "example.org", plan: "free" },
      ],
    });
    [faults, calls] = [[], []];
    const app = new Hono();
    app.use("*", async (c, next) => {
      calls.push(`${c.req.method} ${c.req.header("x-stainless-retry-count") ?? ""}`);
      const fault = faults.shift();
      if (fault !== undefined) return fault();
      return next();
    });
    app.route("/cloudflare/client/v4", cloudflare(store));
    await new Promise((resolve) => {
      server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, resolve);
    });
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/cloudflare/client/v4`;
    provider = cloudflareProvider();
    provider.configure({ apiToken, baseUrl });
    kind = provider.findType(token) ?? assert.fail();
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    fs.rmSync(folder, { recursive: true });
  });

  const a = { zoneId, name: "www", type: "A", ttl: 1, content: "203.0.113.5" };
  const caa = {
    zoneId,
    name: "@",
    type: "CAA",
    ttl: 1,
    data: { flags: "0", tag: "issue", value: "ca.test" },
  };
  const inputsOf = (props: Props) => kind.withDefaults?.(props, "www", undefined) ?? props;
  const create = async (props: Props) => {
    const inputs = inputsOf(props);
    const { id, outputs } = await kind.create(inputs, "www");
    return { id, last: { inputs, outputs: { ...inputs, ...outputs } } };
  };
  const held = () => cloudflareInventory(store).dns_records;

  it("creates a record, keeps its name as the program says it, and fills in what only the API knows", async () => {
    const { id, last } = await create(a);
    assert.equal(held()[0]?.id, id);
    assert.equal(held()[0]?.name, "www.example.com");
    const { createdOn, modifiedOn, ...rest } = last.outputs;
    assert.ok(createdOn !== undefined && modifiedOn !== undefined);
    assert.deepEqual(rest, {
      ...a,
      proxied: false,
      includeShadowMetadata: false,
      proxiable: true,
      meta: "{}",
      settings: {},
      tags: [],
    });
  });

  it("finds no drift in what it made, whatever the type", async () => {
    const srv = { priority: 1, weight: 2, port: 443, target: "a.test" };
    for (const props of [
      a,
      caa,
      { ...a, name: "full.example.com", comment: "x", proxied: true },
      { ...a, name: "c", type: "CNAME", content: "Target.Test" },
      { ...a, name: "*", type: "AAAA", content: "2001:db8::1", ttl: 300 },
      { ...a, name: "txt", type: "TXT", content: '"v=spf1 -all"' },
      { ...a, name: "@", type: "MX", content: "mail.test", priority: 10 },
      { zoneId, name: "_a._tcp", type: "SRV", ttl: 1, priority: 1, data: srv },
    ]) {
      const { id, last } = await create(props);
      const found = (await kind.read(id, last)) ?? assert.fail();
      assert.deepEqual(found.inputs, last.inputs);
    }
  });

  it("sees a record that was changed by hand", async () => {
    const { id, last } = await create(a);
    const changes = { content: "203.0.113.9", comment: "by hand" };
    await patch(id, changes);
    const found = (await kind.read(id, last)) ?? assert.fail();
    assert.deepEqual(found.inputs, { ...last.inputs, ...changes });
  });

  it("drifts where the real one does: ttl of a proxied record, SRV priority, upper case", async () => {
    const drifted = async (props: Props) => {
      const { id, last } = await create(props);
      const { inputs } = (await kind.read(id, last)) ?? assert.fail();
      return Object.keys(inputs).filter(
        (key) => inputs[key] !== last.inputs[key] && typeof inputs[key] !== "object",
      );
    };
    const srv = { priority: 1, weight: 2, port: 443, target: "a.test" };
    assert.deepEqual(await drifted({ zoneId, name: "_a._tcp", type: "SRV", ttl: 1, data: srv }), [
      "priority",
    ]);
    assert.deepEqual(await drifted({ ...a, name: "WWW" }), ["name"]);
    const { id, last } = await create({ ...a, name: "ttl", proxied: true });
    const inputs = { ...last.inputs, ttl: 300 };
    const outputs = await kind.update(id, inputs, last);
    assert.ok(!("ttl" in outputs));
    assert.equal((await kind.read(id, { inputs, outputs: { ...inputs, ...outputs } }))?.inputs.ttl, 1);
  });

  it("imports by <zone_id>/<dns_record_id>, and gives the plain id back", async () => {
    for (const props of [a, caa]) {
      const { id, last } = await create({ ...props, name: "full.example.com" });
      const found = (await kind.read(`${zoneId}/${id}`, nothing)) ?? assert.fail();
      assert.equal(found.id, id);
      const flags = { ...(last.inputs.data as object | undefined), flags: 0 };
      assert.deepEqual(found.inputs, { ...last.inputs, ...(props === caa && { data: flags }) });
      assert.equal(
        (await kind.read(id, { inputs: {}, outputs: { zoneId } }))?.outputs.content,
        last.outputs.content,
      );
    }
  });

  it("refuses to import by a record id alone", async () => {
    await assert.rejects(
      async () => kind.read("c".repeat(32), nothing),
      /invalid ID: expected urlencoded segments "<zone_id>\/<dns_record_id>", but got "c{32}"/,
    );
  });

  it("updates in place with a PUT that clears what is no longer said", async () => {
    const { id, last } = await create({ ...a, comment: "old", ttl: 300 });
    const inputs = inputsOf({ ...a, name: "web", content: "203.0.113.6" });
    await kind.update(id, inputs, last);
    const [record] = held();
    assert.deepEqual(
      [record?.id, record?.name, record?.content, record?.comment, record?.ttl],
      [id, "web.example.com", "203.0.113.6", null, 1],
    );
    assert.deepEqual(calls, ["POST 0", "PUT 0"]);
  });

  it("takes a 404 as gone in read, and as an error in update and delete", async () => {
    const { id, last } = await create(a);
    await kind.delete(id, last);
    assert.deepEqual(held(), []);
    assert.equal(await kind.read(id, last), undefined);
    const gone = /^Error: failed to make http request: (PUT|DELETE) ".*": 404 Not Found \{.*81044.*\}$/;
    await assert.rejects(async () => kind.update(id, last.inputs, last), gone);
    await assert.rejects(async () => kind.delete(id, last), gone);
  });

  it("tells of a refusal in the real provider's words", async () => {
    await create(a);
    const url = `${baseUrl}/zones/${zoneId}/dns_records`;
    await assert.rejects(async () => create(a), {
      message:
        `failed to make http request: POST "${url}": 400 Bad Request ` +
        '{"result":null,"success":false,"errors":[{"code":81058,"message":"An identical record already exists."}],"messages":[]}',
    });
  });

  it("refuses a ttl beside proxied in create, before any call", async () => {
    await assert.rejects(
      async () => create({ ...a, proxied: true, ttl: 300 }),
      /ttl must be set to 1 when `proxied` is true/,
    );
    assert.deepEqual(calls, []);
  });

  it("calls again after a passing fault, when Retry-After says so", async () => {
    faults = [
      () => new Response("{}", { status: 429, headers: { "retry-after": "1" } }),
      () => new Response("{}", { status: 500, headers: { "retry-after-ms": "5" } }),
    ];
    const start = Date.now();
    await create(a);
    assert.ok(Date.now() - start >= 1000);
    assert.deepEqual(calls, ["POST 0", "POST 1", "POST 2"]);
  });

  it("gives up on a lasting fault, at once where the answer says so", async () => {
    const broken = (headers: Record<string, string>) => () => new Response("down", { status: 503, headers });
    faults = Array.from({ length: 9 }, () => broken({ "retry-after-ms": "1" }));
    await assert.rejects(async () => create(a), /503 Service Unavailable down$/);
    assert.deepEqual(calls, ["POST 0", "POST 1", "POST 2", "POST 3"]);
    faults = [broken({ "x-should-retry": "false" })];
    await assert.rejects(async () => create(a), /503/);
    assert.equal(calls.length, 5);
  });

  it("says which address does not answer", async () => {
    provider.configure({ apiToken, baseUrl: "http://127.0.0.1:1/" });
    await assert.rejects(
      async () => create(a),
      /failed to make http request: POST "http:\/\/127.0.0.1:1\/zones\/.*": /,
    );
  });

  const wrong: readonly (readonly [props: Props, property: string])[] = [
    [{ zoneId: "example.com" }, "zoneId"],
    [{ zoneId: "A".repeat(32) }, "zoneId"],
    [{ type: "X" }, "type"],
    [{ ttl: 0 }, "ttl"],
    [{ ttl: 29 }, "ttl"],
    [{ ttl: 86401 }, "ttl"],
    [{ priority: 65536 }, "priority"],
    [{ data: { tga: "issue" } }, "data.tga"],
    [{ settings: { flatten: true } }, "settings.flatten"],
  ];
  for (const [props, property] of wrong)
    it(`finds ${JSON.stringify(props)} wrong before any call`, () => {
      assert.deepEqual(
        kind.validate?.({ ...a, ...props }).map((fault) => fault.property),
        [property],
      );
    });

  it("finds nothing wrong with bounds and with values that are not known yet", () => {
    for (const ttl of [1, 30, 86400, UNKNOWN])
      assert.deepEqual(kind.validate?.({ ...a, ttl, zoneId: UNKNOWN }), []);
    assert.deepEqual(kind.validate?.({ ...a, data: UNKNOWN, priority: 0, content: UNKNOWN }), []);
  });

  it("knows the very inputs of the SDK's type, and replaces on zone and type alone, create first", () => {
    const declared = fs.readFileSync(require.resolve("@pulumi/cloudflare/dnsRecord.d.ts"), "utf8");
    const args = declared.slice(declared.indexOf("interface DnsRecordArgs"));
    const names = [...args.matchAll(/^ {4}(\w+)(\??): /gm)].map(
      ([, name = "", mark]) => [name, mark === "?" ? "optional" : "required"] as const,
    );
    assert.deepEqual(kind.inputs, Object.fromEntries(names));
    assert.deepEqual(kind.replaceOn, ["zoneId", "type"]);
    assert.equal(kind.deleteBeforeReplace, undefined);
  });

  it("checks its own arguments", () => {
    const faultsOf = (args: Props) =>
      provider.checkConfig?.({ apiToken, baseUrl, ...args }).map(({ property }) => property);
    assert.deepEqual(faultsOf({}), []);
    assert.deepEqual(faultsOf({ apiToken: UNKNOWN, baseUrl: UNKNOWN }), []);
    assert.deepEqual(faultsOf({ apiToken: "t".repeat(39) }), ["apiToken"]);
    assert.deepEqual(faultsOf({ apiToken: `${"t".repeat(40)}!` }), ["apiToken"]);
    assert.deepEqual(faultsOf({ apiToken: undefined, baseUrl: undefined }), ["apiToken", "baseUrl"]);
    assert.deepEqual(faultsOf({ apiKey: "x" }), ["apiKey"]);
  });

  it("knows no other type and no other function", async () => {
    assert.equal(provider.findType("cloudflare:index/zone:Zone"), undefined);
    await assert.rejects(
      async () => provider.invoke?.("cloudflare:index/getAccount:getAccount", {}),
      /has no function/,
    );
  });

  const invoke = async (name: string, args: Props) =>
    (await provider.invoke?.(`cloudflare:index/${name}:${name}`, args)) ?? assert.fail();

  it("gives Cloudflare's address ranges", async () => {
    const ranges = await invoke("getIpRanges", {});
    assert.deepEqual(Object.keys(ranges).sort(), ["etag", "ipv4Cidrs", "ipv6Cidrs", "jdcloudCidrs"]);
    assert.ok((ranges.ipv4Cidrs as string[]).length > 10);
    await assert.rejects(
      async () => invoke("getIpRanges", { network: "x" }),
      /does not know the argument network/,
    );
  });

  it("finds a zone by id or by a filter that fits exactly one", async () => {
    const byId = await invoke("getZone", { zoneId });
    assert.deepEqual([byId.id, byId.zoneId, byId.name], [zoneId, zoneId, "example.com"]);
    assert.deepEqual(Object.keys(byId.meta as object), [
      "step",
      "customCertificateQuota",
      "pageRuleQuota",
      "phishingDetected",
    ]);
    const byName = await invoke("getZone", { filter: { name: "example.com", account: byId.account } });
    assert.deepEqual([byName.id, (byName.filter as Props).match], [zoneId, "all"]);
    const none = /^Error: failed to find exactly one result: 0 found$/;
    await assert.rejects(async () => invoke("getZone", { filter: { name: "example.net" } }), none);
    await assert.rejects(async () => invoke("getZone", { filter: {} }), /exactly one result: 2 found/);
    await assert.rejects(async () => invoke("getZone", {}), /Exactly one of these attributes/);
    await assert.rejects(
      async () => invoke("getZone", { zoneId, filter: {} }),
      /Exactly one of these attributes/,
    );
    await assert.rejects(async () => invoke("getZone", { zoneId: "c".repeat(32) }), /404 Not Found/);
  });

  it("tells a wrong token at the first look-up", async () => {
    provider.configure({ apiToken: "x".repeat(40), baseUrl });
    await assert.rejects(async () => invoke("getZone", { zoneId }), /403 Forbidden .*9109/);
  });

  it("starts as a plugin, and refuses an unknown input over gRPC", async () => {
    await overGrpc(async (client) => {
      const request = new proto.CheckRequest()
        .setUrn(`urn:pulumi:dev::p::${token}::www`)
        .setNews(Struct.fromJavaScript({ ...a, prority: 1 }));
      const answer = await new Promise<proto.CheckResponse>((resolve, reject) => {
        client.check(request, (error, response) => (error ? reject(error) : resolve(response)));
      });
      const properties = answer.getFailuresList().map((failure) => failure.getProperty());
      assert.deepEqual(properties, ["prority"]);
    });
  });

  it("replaces, over gRPC, what has a zone that is not known yet: what it depends on is replaced", async () => {
    await overGrpc(async (client) => {
      const replaces = async (type: string, olds: Plain, news: Plain) => {
        const request = new proto.DiffRequest()
          .setUrn(`urn:pulumi:dev::p::cloudflare:index/${type}::it`)
          .setId("c".repeat(32))
          .setOldInputs(Struct.fromJavaScript({ ...olds }))
          .setOlds(Struct.fromJavaScript({ ...olds }))
          .setNews(Struct.fromJavaScript({ ...olds, ...news }));
        const answer = await new Promise<proto.DiffResponse>((resolve, reject) => {
          client.diff(request, (error, response) => (error ? reject(error) : resolve(response)));
        });
        return [answer.getReplacesList(), answer.getDeletebeforereplace()];
      };
      const rules = { zoneId, kind: "zone", name: "default", phase: "http_ratelimit" };
      assert.deepEqual(await replaces("dnsRecord:DnsRecord", a, { zoneId: UNKNOWN }), [["zoneId"], false]);
      assert.deepEqual(await replaces("dnsRecord:DnsRecord", a, { content: UNKNOWN }), [[], false]);
      assert.deepEqual(await replaces("ruleset:Ruleset", rules, { zoneId: UNKNOWN }), [["zoneId"], false]);
      assert.deepEqual(await replaces("ruleset:Ruleset", rules, { rules: UNKNOWN }), [[], false]);
    });
  });

  async function patch(id: string, body: object): Promise<void> {
    await fetch(`${baseUrl}/zones/${zoneId}/dns_records/${id}`, {
      method: "PATCH",
      headers: { authorization: `Bearer ${apiToken}` },
      body: JSON.stringify(body),
    });
  }
});

type Plain = Record<string, string | number>;

/** Starts the plugin as the engine does. */
async function overGrpc(ask: (client: ResourceProviderClient) => Promise<void>): Promise<void> {
  const script = path.resolve(__dirname, "../../../sandbox/plugins/cloudflare/pulumi-resource-cloudflare");
  const plugin = spawn(script, { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const client = new ResourceProviderClient(await addressOf(plugin), grpc.credentials.createInsecure());
    await ask(client);
    client.close();
  } finally {
    plugin.kill();
  }
}

/** A plugin prints its port, and nothing else. */
async function addressOf(plugin: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    plugin.stdout?.once("data", (port: Buffer) => resolve(`127.0.0.1:${port.toString().trim()}`));
    plugin.once("exit", (code) => reject(new Error(`the plugin ended with ${String(code)}`)));
  });
}
