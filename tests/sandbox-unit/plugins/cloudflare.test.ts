import * as assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import * as path from "node:path";
import { promisify } from "node:util";

import * as grpc from "@grpc/grpc-js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";

import { toFqdn, toRecordValue, type DnsRecordSpec } from "../../../components/cloudflare/dns-record";
import { plans, rulesByPhase, type WafRules } from "../../../components/cloudflare/waf-rules";
import { cloudflareInventory } from "../../../sandbox/clouds/cloudflare";
import { cloudflareProvider } from "../../../sandbox/plugins/cloudflare/provider";
import {
  UNKNOWN,
  type ResourceType,
  type ReadResult,
  type Props,
  type FakeProvider,
} from "../../../sandbox/plugins/fake-provider";
import { TestCa } from "../../wire/network/test-ca";
import { emulatedCloudflare, owner, zones } from "../clouds/emulated-cloudflare";

const apiToken = owner;
const baseUrl = "http://127.0.0.1:1/client/v4";
const zoneId = zones.free;
const nothing: ReadResult = { inputs: {}, outputs: {} };
const tokenOf = (name: string) => `cloudflare:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;

interface Created {
  readonly id: string;
  readonly last: ReadResult;
}

const record = { zoneId, name: "www.example.com", type: "A", ttl: 1, content: "203.0.113.5" };
const caa = {
  ...record,
  type: "CAA",
  content: undefined,
  data: { flags: 0, tag: "issue", value: "ca.test" },
};
const srv = {
  ...record,
  name: "_a._tcp.example.com",
  type: "SRV",
  content: undefined,
  priority: 1,
  data: { priority: 1, weight: 2, port: 443, target: "a.test" },
};
/** A record of every type of the settings; the compiler names a missing one. */
const specs: { readonly [T in DnsRecordSpec["type"]]: Extract<DnsRecordSpec, { readonly type: T }> } = {
  A: { type: "A", name: "a", proxied: true },
  AAAA: { type: "AAAA", name: "*", proxied: false, content: "2001:db8::1" },
  CNAME: { type: "CNAME", name: "c", proxied: false, content: "example.org" },
  TXT: { type: "TXT", name: "t", content: "v=spf1 -all" },
  MX: { type: "MX", name: "@", content: "mail.example.com", priority: 10 },
  CAA: { type: "CAA", name: "@", flags: 0, tag: "issue", value: "letsencrypt.org" },
  NS: { type: "NS", name: "lab", content: "ns1.example.net" },
  HTTPS: { type: "HTTPS", name: "@", priority: 1, target: ".", value: 'alpn="h3,h2"' },
  SRV: { type: "SRV", name: "_sip._tcp", priority: 1, weight: 2, port: 3, target: "sip.example.com" },
};
const records: readonly Props[] = [
  ...Object.values(specs).map((spec) => ({
    ...{ zoneId, name: toFqdn(spec.name, "example.com"), type: spec.type, ttl: 1, comment: "dev" },
    ...("proxied" in spec && { proxied: spec.proxied }),
    ...toRecordValue(spec, "192.0.2.1"),
  })),
  { ...record, ttl: 300 },
  { ...record, type: "CNAME", content: "Target.Test" },
];

const waf: WafRules = {
  managed: true,
  customRules: (["block", "challenge", "js_challenge", "managed_challenge", "skip"] as const).map(
    (action) => ({ ref: action, expression: "ssl", action, enabled: action === "block" }),
  ),
  rateLimits: [
    {
      ...{ ref: "flood", expression: 'http.request.uri.path eq "/"' },
      ...{ requests: 5, periodSeconds: 10, mitigationSeconds: 10 },
    },
  ],
  cacheRules: [{ ref: "c", expression: "ssl", cache: true, edgeTtlSeconds: 7200, browserTtlSeconds: 60 }],
  responseHeaders: [{ ref: "h", expression: "ssl", set: { "X-A": "a", x_own: "1" }, remove: ["X-B"] }],
  redirects: [{ from: "a.example.com", to: "example.com", status: 308 }],
};
const phases = Object.keys(rulesByPhase(waf, "pro"));

const entryPoint = { zoneId, kind: "zone", name: "default", description: "stack" };
const block = { ref: "dots", action: "block", expression: "ssl", description: "no" };
const skip = {
  ref: "office",
  action: "skip",
  expression: "ssl",
  actionParameters: { ruleset: "current" },
  logging: { enabled: true },
};
const flood = {
  ref: "flood",
  action: "block",
  expression: "cf.client.bot",
  ratelimit: { characteristics: ["cf.colo.id", "ip.src"], period: 10, requestsPerPeriod: 500 },
};
const custom = {
  ...entryPoint,
  phase: "http_request_firewall_custom",
  rules: [skip, block, { ref: "off", action: "managed_challenge", expression: "ssl", enabled: false }],
};
const permissionGroups = ["c8fed203ed3043cba015a93ad1616f1f", "4755a26eedb94da69e1066d98aa820be"].map(
  (id) => ({ id }),
);
const resources = JSON.stringify({ [`com.cloudflare.api.account.zone.${zoneId}`]: "*" });
const policy = { effect: "allow", permissionGroups, resources };
const token = { name: "dns01", policies: [policy] };
const hsts = { enabled: true, max_age: 31536000, include_subdomains: false, preload: false, nosniff: true };

describe("The stand-in for the Cloudflare provider", () => {
  const { fetch, seed, store } = emulatedCloudflare();
  let provider: FakeProvider;
  /** The requests of a test. */
  let calls: { readonly method: string; readonly path: string }[];
  /** Responses in place of the emulator's, first in, first out. */
  let interfere: (() => Response)[];

  beforeEach(() => {
    [interfere, calls] = [[], []];
    provider = cloudflareProvider(async (input, init) => {
      const { method, url } = new Request(input, init);
      calls.push({ method, path: url.slice(baseUrl.length + 1) });
      return interfere.shift()?.() ?? fetch(input, init);
    });
    provider.configure({ apiToken, baseUrl });
  });

  const typeOf = (name: string): ResourceType => provider.findType(tokenOf(name)) ?? assert.fail(name);
  const withDefaults = (name: string, props: Props, olds?: Props) =>
    typeOf(name).withDefaults?.(props, "it", olds) ?? props;
  const faults = (name: string, props: Props) =>
    (typeOf(name).validate?.(withDefaults(name, props)) ?? []).map(({ property }) => property);
  const defined = (props: Props): Props => JSON.parse(JSON.stringify(props)) as Props;
  const create = async (name: string, props: Props): Promise<Created> => {
    const inputs = withDefaults(name, defined(props));
    assert.deepEqual(faults(name, defined(props)), []);
    const { id, outputs } = await typeOf(name).create(inputs, "it");
    return { id, last: { inputs, outputs: { ...inputs, ...outputs } } };
  };
  const read = async (name: string, { id, last }: Created): Promise<ReadResult> =>
    (await typeOf(name).read(id, last)) ?? assert.fail(`${name} ${id} is gone`);
  const assertNoDrift = async (name: string, props: Props, importPrefix: string) => {
    const created = await create(name, props);
    const { inputs } = created.last;
    assert.deepEqual((await read(name, created)).inputs, inputs);
    const imported = await read(name, { id: importPrefix + created.id, last: nothing });
    assert.equal(imported.id ?? created.id, created.id);
    // Cloudflare stores the target in lower case; as an input its case does not matter.
    const content = inputs.type === "CNAME" ? { content: String(inputs.content).toLowerCase() } : {};
    assert.deepEqual(imported.inputs, { ...inputs, ...content });
  };
  /** Updates as the engine does. */
  const update = async (name: string, { id, last }: Created, changes: Props): Promise<Created> => {
    const inputs = withDefaults(name, { ...last.inputs, ...changes }, last.inputs);
    const outputs = await typeOf(name).update(id, inputs, last);
    return { id, last: { inputs, outputs: { ...last.outputs, ...inputs, ...outputs } } };
  };
  const invoke = async (name: string, args: Props) =>
    (await provider.invoke?.(tokenOf(name), args)) ?? assert.fail(name);
  /** The methods and paths of the calls since the last time. */
  const called = () => calls.splice(0).map(({ method, path: where }) => `${method} ${where}`);

  const types: readonly (readonly [name: string, props: Props, importPrefix: string])[] = [
    ...records.map((props) => ["DnsRecord", props, `${zoneId}/`] as const),
    ["Ruleset", custom, `zones/${zoneId}/`],
    ...(
      [
        ["ssl", "strict"],
        ["security_header", { strict_transport_security: hsts }],
      ] as const
    ).map(([settingId, value]) => ["ZoneSetting", { zoneId, settingId, value }, `${zoneId}/`] as const),
    ["AuthenticatedOriginPullsSettings", { zoneId, enabled: true }, ""],
    ["ApiToken", token, ""],
  ];
  for (const [name, props, prefix] of types)
    it(`creates, reads without drift and imports ${name} ${JSON.stringify(props).slice(0, 140)}`, () =>
      assertNoDrift(name, props, prefix));

  for (const plan of plans)
    for (const phase of phases)
      it(`has no drift in the program's rules of ${phase} on ${plan}`, async () => {
        seed({ zones: [{ id: zoneId, name: "example.com", plan }] });
        const rules = rulesByPhase(waf, plan)[phase];
        await assertNoDrift("Ruleset", { ...entryPoint, phase, rules }, `zones/${zoneId}/`);
      });
  describe("DnsRecord", () => {
    it("has the API's fields as outputs", async () => {
      const { id, last } = await create("DnsRecord", record);
      const { createdOn, modifiedOn, ...rest } = last.outputs;
      assert.ok(createdOn !== undefined && modifiedOn !== undefined);
      const defaults = { proxied: false, includeShadowMetadata: false };
      assert.deepEqual(rest, { ...record, ...defaults, proxiable: true, meta: "{}", settings: {}, tags: [] });
      assert.equal(cloudflareInventory(store()).dns_records[0]?.id, id);
    });

    it("drifts as the real one: ttl of a proxied record, SRV without priority, upper case", async () => {
      const drift = async (created: Created) => {
        const { inputs } = await read("DnsRecord", created);
        return Object.keys(inputs).filter(
          (key) => inputs[key] !== created.last.inputs[key] && key !== "data",
        );
      };
      assert.deepEqual(await drift(await create("DnsRecord", { ...srv, priority: undefined })), ["priority"]);
      assert.deepEqual(await drift(await create("DnsRecord", { ...record, name: "WWW.example.com" })), [
        "name",
      ]);
      const proxied = await create("DnsRecord", { ...record, name: "p.example.com", proxied: true });
      assert.deepEqual(await drift(await update("DnsRecord", proxied, { ttl: 300 })), ["ttl"]);
    });

    it("is updated by a PUT that clears what the program no longer has", async () => {
      const created = await create("DnsRecord", { ...record, comment: "old", ttl: 300 });
      await update("DnsRecord", created, { name: "web.example.com", comment: undefined, ttl: 1 });
      const [stored] = cloudflareInventory(store()).dns_records;
      assert.deepEqual(
        [stored?.id, stored?.name, stored?.comment, stored?.ttl],
        [created.id, "web.example.com", null, 1],
      );
      const path = `zones/${zoneId}/dns_records`;
      assert.deepEqual(called(), [`POST ${path}`, `PUT ${path}/${created.id}`]);
    });

    it("is gone on 404 in read, and an error in update and delete", async () => {
      const created = await create("DnsRecord", record);
      await typeOf("DnsRecord").delete(created.id, created.last);
      assert.equal(await typeOf("DnsRecord").read(created.id, created.last), undefined);
      const gone = /^Error: failed to make http request: (PUT|DELETE) ".*": 404 Not Found \{.*81044.*\}$/;
      await assert.rejects(update("DnsRecord", created, {}), gone);
      await assert.rejects(async () => typeOf("DnsRecord").delete(created.id, created.last), gone);
    });

    it("has the real provider's message for a refused record", async () => {
      await create("DnsRecord", record);
      const error = { code: 81058, message: "An identical record already exists." };
      const body = { result: null, success: false, errors: [error], messages: [] };
      const call = `POST "${baseUrl}/zones/${zoneId}/dns_records"`;
      await assert.rejects(create("DnsRecord", record), {
        message: `failed to make http request: ${call}: 400 Bad Request ${JSON.stringify(body)}`,
      });
    });

    it("refuses ttl beside proxied in create, before any call", async () => {
      const wrong = create("DnsRecord", { ...record, proxied: true, ttl: 300 });
      await assert.rejects(wrong, /ttl must be set to 1 when `proxied` is true/);
      assert.deepEqual(calls, []);
    });

    it("refuses an import by a record id alone", () =>
      assert.rejects(
        read("DnsRecord", { id: "c".repeat(32), last: nothing }),
        /invalid ID: expected urlencoded segments "<zone_id>\/<dns_record_id>", but got "c{32}"/,
      ));
  });

  describe("Ruleset", () => {
    it("finds rules that were changed by hand", async () => {
      const created = await create("Ruleset", { ...custom, rules: [block, skip] });
      const outside = await update("Ruleset", created, { rules: [skip, { ...block, enabled: false }] });
      const { inputs } = await read("Ruleset", created);
      assert.deepEqual(inputs.rules, outside.last.inputs.rules);
    });

    it("has no drift from filled-in empty fields, nor from logging that the program does not have", async () => {
      const created = await create("Ruleset", { ...custom, rules: [block] });
      const stored = cloudflareInventory(store()).rulesets[0];
      const rules = stored?.rules.map((rule) => ({
        ...{ ...rule, action_parameters: { overrides: {} }, logging: { enabled: true }, categories: null },
      }));
      interfere = [() => Response.json({ result: { ...stored, rules } })];
      assert.deepEqual((await read("Ruleset", created)).inputs, created.last.inputs);
    });

    it("is deleted by an empty response, and refuses a second one and other import ids", async () => {
      const created = await create("Ruleset", custom);
      await assert.rejects(create("Ruleset", custom), /400 Bad Request .*20217/);
      for (const id of [created.id, `${zoneId}/${created.id}`, `accounts/${zoneId}/${created.id}`])
        await assert.rejects(
          read("Ruleset", { id, last: nothing }),
          id === created.id ? /Ruleset .* is gone/ : /invalid ID: expected urlencoded segments "zones/,
        );
      await typeOf("Ruleset").delete(created.id, created.last);
      assert.deepEqual(cloudflareInventory(store()).rulesets, []);
    });
  });

  it("changes a setting in place and leaves it as it is in the end", async () => {
    const created = await create("ZoneSetting", { zoneId, settingId: "ssl", value: "strict" });
    await update("ZoneSetting", created, { value: "full" });
    assert.equal((await read("ZoneSetting", created)).inputs.value, "full");
    called();
    await typeOf("ZoneSetting").delete(created.id, created.last);
    assert.deepEqual(called(), []);
  });

  it("turns DNSSEC on, where it stays pending, and off before it deletes it", async () => {
    const created = await create("ZoneDnssec", { zoneId, status: "active" });
    assert.equal(created.id, zoneId);
    assert.match(String(created.last.outputs.ds), /^example\.com\. 3600 IN DS /);
    for (const last of [created.last, nothing])
      assert.deepEqual((await read("ZoneDnssec", { id: zoneId, last })).inputs, {
        zoneId,
        status: "pending",
      });
    called();
    await typeOf("ZoneDnssec").delete(zoneId, created.last);
    assert.deepEqual(called(), [`PATCH zones/${zoneId}/dnssec`, `DELETE zones/${zoneId}/dnssec`]);
  });

  describe("AuthenticatedOriginPullsCertificate", () => {
    const name = "AuthenticatedOriginPullsCertificate";
    let inputs: Props;
    before(async () => {
      const { cert, key } = await (
        await TestCa.create("Test CA")
      ).issue(["the edge"], { from: new Date("2029-12-31T12:00:00Z"), isRsa: true });
      inputs = { zoneId, certificate: cert, privateKey: key };
    });

    it("is uploaded, read with the key of the state, imported without it, and deleted", async () => {
      const created = await create(name, inputs);
      const { certificateId, issuer, status } = created.last.outputs;
      assert.deepEqual([certificateId, issuer, status], [created.id, "Test CA", "pending_deployment"]);
      assert.deepEqual((await read(name, created)).inputs, inputs);
      const imported = await read(name, { id: `${zoneId}/${created.id}`, last: nothing });
      assert.deepEqual(imported.inputs, { ...inputs, privateKey: undefined });
      const found = await invoke(`get${name}`, { zoneId, certificateId: created.id });
      assert.deepEqual([found.certificate, found.issuer], [inputs.certificate, issuer]);
      called();
      await update(name, created, { privateKey: "other" });
      assert.deepEqual(called(), []);
      await typeOf(name).delete(created.id, created.last);
      assert.deepEqual(cloudflareInventory(store()).origin_pulls.certificates, []);
    });

    it("is the same with and without its last newline", () => {
      const without = { ...inputs, certificate: String(inputs.certificate).trimEnd() };
      assert.deepEqual(withDefaults(name, without, inputs), inputs);
      for (const certificate of ["y", UNKNOWN])
        assert.equal(withDefaults(name, { ...inputs, certificate }, inputs).certificate, certificate);
    });
  });

  describe("ApiToken", () => {
    it("has its value from its creation alone, and keeps it in updates and reads", async () => {
      const created = await create("ApiToken", token);
      const { value } = created.last.outputs;
      assert.match(String(value), /^[\w-]{40,}$/);
      const updated = await update("ApiToken", created, { name: "new" });
      assert.equal((await read("ApiToken", updated)).outputs.value, value);
      assert.ok(typeOf("ApiToken").computed.includes("value"));
      assert.equal((await read("ApiToken", { id: created.id, last: nothing })).outputs.value, undefined);
      await typeOf("ApiToken").delete(created.id, created.last);
      assert.equal(await typeOf("ApiToken").read(created.id, created.last), undefined);
    });

    it("has policies and permission groups in the program's order, and drift in others", async () => {
      const created = await create("ApiToken", token);
      const turned = { ...policy, permissionGroups: permissionGroups.toReversed() };
      const last = { ...created.last, inputs: { ...token, policies: [turned] } };
      assert.deepEqual((await read("ApiToken", { ...created, last })).inputs.policies, [turned]);
      const fewer = { ...policy, permissionGroups: permissionGroups.slice(1) };
      const drifted = { ...created.last, inputs: { ...token, policies: [fewer] } };
      assert.deepEqual((await read("ApiToken", { ...created, last: drifted })).inputs.policies, [policy]);
    });
  });

  const inputs: readonly (readonly [name: string, props: Props, ...properties: readonly string[]])[] = [
    ["DnsRecord", { ...record, zoneId: UNKNOWN, content: UNKNOWN, ttl: UNKNOWN }],
    ["DnsRecord", { ...caa, data: UNKNOWN }],
    ["Ruleset", { ...custom, zoneId: UNKNOWN, rules: [UNKNOWN, { ...flood, ratelimit: UNKNOWN }] }],
    ["Ruleset", { ...custom, rules: UNKNOWN }],
    ["ZoneDnssec", { zoneId: UNKNOWN, status: UNKNOWN }],
    ["ApiToken", { name: "x", policies: [UNKNOWN, { ...policy, resources: UNKNOWN }] }],
    ["ApiToken", { name: "x", policies: UNKNOWN }],
    ["DnsRecord", { ...record, zoneId: "A".repeat(32) }, "zoneId"],
    ["DnsRecord", { ...record, type: "LOC" }, "type"],
    ["DnsRecord", { ...record, ttl: 29 }, "ttl"],
    ["DnsRecord", { ...record, ttl: 86401 }, "ttl"],
    ["DnsRecord", { ...record, priority: 65536 }, "priority"],
    ["DnsRecord", { ...caa, data: { tga: "issue" } }, "data.tga"],
    ["Ruleset", { ...custom, zoneId: "example.com" }, "zoneId"],
    ["Ruleset", { ...custom, rules: [{ action: "block" }] }, "rules[0].expression", "rules[0].ref"],
    ["Ruleset", { ...custom, rules: [{ ...block, actionParameter: {} }] }, "rules[0].actionParameter"],
    [
      "Ruleset",
      { ...custom, rules: [block, { ...flood, ratelimit: { period: 10, requests: 5 } }] },
      "rules[1].ratelimit.characteristics",
      "rules[1].ratelimit.requests",
    ],
    ["Ruleset", { ...custom, rules: "x" }, "rules"],
    ["ZoneDnssec", { zoneId, status: "pending" }, "status"],
    ["ApiToken", { ...token, policies: [{ ...policy, resources: "zone" }] }, "policies[0].resources"],
    ["ApiToken", { ...token, policies: [{ ...policy, resources: {} }] }, "policies[0].resources"],
    [
      "ApiToken",
      { ...token, policies: [{ ...policy, permissionGroups: [{ name: "DNS Write" }] }] },
      "policies[0].permissionGroups[0].id",
      "policies[0].permissionGroups[0].name",
    ],
  ];
  for (const [name, props, ...properties] of inputs)
    it(`refuses ${properties.join() || "nothing"} of ${name} ${JSON.stringify(props).slice(0, 100)} in preview`, () => {
      assert.deepEqual(faults(name, props), properties);
      assert.deepEqual(calls, []);
    });

  it("replaces where the real provider does, and creates first", () => {
    const names = [
      ...new Set(types.map(([name]) => name)),
      "ZoneDnssec",
      "AuthenticatedOriginPullsCertificate",
    ];
    assert.deepEqual(Object.fromEntries(names.map((name) => [name, typeOf(name).replaceOn])), {
      DnsRecord: ["zoneId", "type"],
      Ruleset: ["kind", "name", "phase", "zoneId"],
      ZoneSetting: ["settingId", "zoneId"],
      AuthenticatedOriginPullsSettings: ["zoneId"],
      ApiToken: [],
      ZoneDnssec: ["zoneId"],
      AuthenticatedOriginPullsCertificate: ["certificate", "zoneId"],
    });
    assert.ok(names.every((name) => typeOf(name).deleteBeforeReplace === undefined));
  });

  describe("Functions", () => {
    it("getDnsRecords reads pages until one is empty, or there are maxItems", async () => {
      await create("DnsRecord", record);
      await create("DnsRecord", { ...record, name: "b.example.com" });
      called();
      const list = async (more: Props) =>
        (await invoke("getDnsRecords", { zoneId, ...more })).results as readonly Props[];
      const [first] = await list({});
      assert.deepEqual(
        [first?.name, first?.content, first?.meta, typeof first?.createdOn, first?.comment],
        ["www.example.com", "203.0.113.5", "{}", "string", undefined],
      );
      assert.ok(typeof first?.id === "string");
      assert.equal(called().length, 2);
      assert.equal((await list({ maxItems: 1 })).length, 1);
      assert.equal(called().length, 1);
    });

    it("getRulesets, getApiTokens, getZone and getIpRanges read what there is", async () => {
      const { id } = await create("Ruleset", custom);
      const { rulesets: found } = await invoke("getRulesets", { zoneId });
      const { phase, kind, lastUpdated } = (found as Props[]).find((one) => one.id === id) ?? {};
      assert.deepEqual([phase, kind, typeof lastUpdated], [custom.phase, "zone", "string"]);
      const created = await create("ApiToken", token);
      const { results } = await invoke("getApiTokens", {});
      assert.deepEqual(
        (results as Props[]).map((each) => [each.id, each.name, each.value]),
        [[created.id, "dns01", undefined]],
      );
      const zone = await invoke("getZone", { zoneId });
      assert.deepEqual([zone.id, zone.name, (zone.plan as Props).legacyId], [zoneId, "example.com", "free"]);
      assert.ok((zone.permissions as string[]).includes("#dns_records:edit"));
      const ranges = await invoke("getIpRanges", {});
      assert.deepEqual(Object.keys(ranges).sort(), ["etag", "ipv4Cidrs", "ipv6Cidrs", "jdcloudCidrs"]);
    });

    it("refuse unknown arguments, functions, zones and tokens", async () => {
      const functions =
        "getAuthenticatedOriginPullsCertificate getDnsRecords getRulesets getApiTokens getZone getIpRanges";
      for (const name of functions.split(" "))
        await assert.rejects(invoke(name, { filter: {} }), /does not know the argument filter/);
      await assert.rejects(invoke("getAccount", {}), /has no function/);
      await assert.rejects(invoke("getZone", { zoneId: "9".repeat(32) }), /403 Forbidden|404 Not Found/);
      provider.configure({ apiToken: "x".repeat(40), baseUrl });
      await assert.rejects(invoke("getZone", { zoneId }), /403 Forbidden .*9109/);
      assert.equal(provider.findType(tokenOf("Zone")), undefined);
    });
  });

  it("retries after the time of Retry-After, three times, and names an address that does not answer", async () => {
    const broken = (status: number) => () =>
      new Response("down", { status, headers: { "retry-after": "0.1" } });
    interfere = [broken(429), broken(500)];
    const start = Date.now();
    await create("DnsRecord", record);
    assert.ok(Date.now() - start >= 200);
    assert.equal(called().length, 3);
    interfere = Array.from({ length: 4 }, () => broken(503));
    await assert.rejects(create("DnsRecord", record), /503 Service Unavailable down$/);
    assert.equal(called().length, 4);
    interfere = Array.from({ length: 4 }, () => () => {
      throw new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") });
    });
    const url = `${baseUrl}/zones/${zoneId}/dns_records`;
    const message = `failed to make http request: POST "${url}": ECONNREFUSED`;
    await assert.rejects(create("DnsRecord", record), { message });
  });

  for (const [args, ...properties] of [
    [{}],
    [{ apiToken: UNKNOWN, baseUrl: UNKNOWN }],
    [{ apiToken: "t".repeat(39) }, "apiToken"],
    [{ apiToken: undefined, baseUrl: undefined }, "apiToken", "baseUrl"],
    [{ apiKey: "x" }, "apiKey"],
  ] as const)
    it(`checks its arguments ${JSON.stringify(args)}`, () => {
      const errors = provider.checkConfig?.({ apiToken, baseUrl, ...args }) ?? [];
      assert.deepEqual(
        errors.map(({ property }) => property),
        properties,
      );
      assert.ok(!errors.some(({ reason }) => reason.includes("ttt")));
    });

  it("refuses an unknown input as a plugin, and replaces what has a zone that is not known yet", () =>
    overGrpc(async (client) => {
      const urn = `urn:pulumi:dev::p::${tokenOf("DnsRecord")}::www`;
      const news = Struct.fromJavaScript({ ...record, prority: 1 });
      const check = promisify<proto.CheckRequest, proto.CheckResponse>(client.check.bind(client));
      const answer = await check(new proto.CheckRequest().setUrn(urn).setNews(news));
      assert.deepEqual(
        answer.getFailuresList().map((failure) => failure.getProperty()),
        ["prority"],
      );
      const diff = promisify<proto.DiffRequest, proto.DiffResponse>(client.diff.bind(client));
      const olds = Struct.fromJavaScript(record);
      for (const [changes, replaces] of [
        [{ zoneId: UNKNOWN }, ["zoneId"]],
        [{ content: UNKNOWN }, []],
      ] as const) {
        const request = new proto.DiffRequest()
          .setUrn(urn)
          .setId("c".repeat(32))
          .setOldInputs(olds)
          .setOlds(olds);
        const found = await diff(request.setNews(Struct.fromJavaScript({ ...record, ...changes })));
        assert.deepEqual([found.getReplacesList(), found.getDeletebeforereplace()], [replaces, false]);
      }
    }));
});

/** Starts the plugin as the engine does. */
async function overGrpc(use: (client: ResourceProviderClient) => Promise<void>): Promise<void> {
  const script = path.resolve(__dirname, "../../../sandbox/plugins/cloudflare/pulumi-resource-cloudflare");
  const plugin = spawn(script, { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const client = new ResourceProviderClient(await addressOf(plugin), grpc.credentials.createInsecure());
    await use(client);
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
