import * as assert from "node:assert/strict";
import * as fs from "node:fs";

import { cloudflareInventory } from "../../../sandbox/clouds/cloudflare";
import { permissionGroups } from "../../../sandbox/clouds/cloudflare/permissions";
import {
  emulatedCloudflare,
  noZone,
  owner,
  policy,
  resourcesOf,
  zones,
  type Json,
} from "./emulated-cloudflare";

const zone = `/zones/${zones.free}`;
const records = `${zone}/dns_records`;
const tokens = "/user/tokens";
const record = { type: "A", name: "www", content: "203.0.113.5", ttl: 1 };
const phases: readonly (readonly [phase: string, subject: string])[] = [
  ["http_request_firewall_managed", "Zone WAF"],
  ["http_request_firewall_custom", "Zone WAF"],
  ["http_ratelimit", "Zone WAF"],
  ["http_request_cache_settings", "Cache Settings"],
  ["http_request_dynamic_redirect", "Dynamic URL Redirects"],
  ["http_response_headers_transform", "Zone Transform Rules"],
];
const ruleset = (phase: string) => ({ kind: "zone", name: "default", phase, rules: [] });

describe("The emulated Cloudflare", () => {
  const { call, got, list, seed, tokenWith, restart, wait, store, file } = emulatedCloudflare();

  describe("callers", () => {
    for (const [where, token, status, code] of [
      ["/zones", "x".repeat(40), 403, 9109],
      [records, "x".repeat(40), 403, 10000],
      ["/zones", "short", 400, 6003],
      ["/zones", "", 400, 6003],
    ] as const)
      it(`refuses the token "${token.slice(0, 12)}" at ${where.slice(0, 20)} with ${code}`, async () => {
        const answer = await call("GET", where, undefined, token);
        assert.deepEqual([answer.status, answer.codes[0]], [status, code]);
      });

    it("answers 404 for other zones and paths, and gives the address ranges to everybody", async () => {
      for (const where of [noZone, `${noZone}/dns_records`, "/zones/example.com", "/accounts"]) {
        const { status, codes } = await call("GET", where);
        assert.deepEqual([status, codes[0]], [404, 7003], where);
      }
      const ranges = await got("GET", "/ips", undefined, "");
      assert.deepEqual(Object.keys(ranges), ["ipv4_cidrs", "ipv6_cidrs", "etag"]);
    });
  });

  describe("zones", () => {
    it("are listed by name, in pages", async () => {
      const { result_info: info } = await call("GET", "/zones?page=1&per_page=5");
      assert.deepEqual(info, { page: 1, per_page: 5, count: 4, total_count: 4, total_pages: 1 });
      assert.deepEqual(await list("/zones?page=2"), []);
      assert.deepEqual(
        (await list("/zones?name=example.com")).map(({ id }) => id),
        [zones.free],
      );
      for (const query of ["per_page=51", "per_page=4", "page=0", "nmae=x"])
        assert.equal((await call("GET", `/zones?${query}`)).status, 400, query);
    });

    it("show the caller's permissions by their legacy names", async () => {
      const permissions = async (...given: readonly string[]) =>
        (await got("GET", zone, undefined, tokenWith(...given))).permissions;
      assert.deepEqual(await permissions("Zone Read", "DNS Write", "Zone WAF Read"), [
        ...["#dns_records:edit", "#dns_records:read", "#waf:read", "#zone:read"],
      ]);
      const subjects = ["dns_records", "ssl", "waf", "zone", "zone_settings"];
      assert.deepEqual(
        (await got("GET", zone)).permissions,
        subjects.flatMap((subject) => [`#${subject}:edit`, `#${subject}:read`]),
      );
    });

    it("keep their content, creation time and, unless a seed names another, plan", async () => {
      const created = await got("POST", records, record);
      const before = await got("GET", zone);
      seed({ zones: [{ id: zones.free, name: "example.com", plan: "pro" }] });
      seed({ zones: [{ id: zones.free, name: "example.com" }] });
      const after = await got("GET", zone);
      assert.equal((after.plan as { readonly legacy_id: string }).legacy_id, "pro");
      assert.equal(after.created_on, before.created_on);
      assert.deepEqual(cloudflareInventory(store()).dns_records, [created]);
    });

    for (const invalid of [
      { tokens: ["short"] },
      { tokens: [{ token: owner, permissions: ["DNS Edit"] }] },
      { zones: [{ id: "example", name: "example.com" }] },
      { zones: [{ id: zones.free, name: "example.com", plan: "gold" }] },
      { records: [] },
      { rateLimit: { requests: 0, seconds: 60 } },
    ])
      it(`refuse the seed ${JSON.stringify(invalid).slice(0, 50)}`, () => assert.throws(() => seed(invalid)));
  });

  describe("permissions", () => {
    const required: readonly (readonly [permission: string, method: string, where: string, body?: object])[] =
      [
        ["Zone Read", "GET", "/zones"],
        ["Zone Read", "GET", zone],
        ["DNS Read", "GET", records],
        ["DNS Write", "POST", records, record],
        ["DNS Read", "GET", `${zone}/dnssec`],
        ["DNS Write", "PATCH", `${zone}/dnssec`, { status: "active" }],
        ["DNS Write", "DELETE", `${zone}/dnssec`],
        ["Zone Settings Read", "GET", `${zone}/settings/ssl`],
        ["Zone Settings Write", "PATCH", `${zone}/settings/ssl`, { value: "strict" }],
        ["SSL and Certificates Read", "GET", `${zone}/origin_tls_client_auth/settings`],
        ["SSL and Certificates Write", "PUT", `${zone}/origin_tls_client_auth/settings`, { enabled: true }],
        ...phases.flatMap(([phase, subject]) => [
          [`${subject} Write`, "POST", `${zone}/rulesets`, ruleset(phase)] as const,
          [`${subject} Read`, "GET", `${zone}/rulesets/${phase}`] as const,
          [`${subject} Write`, "PUT", `${zone}/rulesets/${phase}`, ruleset(phase)] as const,
          [`${subject} Write`, "DELETE", `${zone}/rulesets/${phase}`] as const,
        ]),
      ];
    for (const [permission, method, where, body] of required)
      it(`${method} ${where.slice(-30)} ${JSON.stringify(body ?? "")} requires ${permission}`, async () => {
        const [phase] = phases.find(([each]) => where.endsWith(each)) ?? [];
        const created = phase && (await got("POST", `${zone}/rulesets`, ruleset(phase)));
        const path = created ? `${zone}/rulesets/${String(created.id)}` : where;
        const enough = new Set([permission, permission.replace(/ Read$/, " Write")]);
        const others = permissionGroups.map(({ name }) => name).filter((name) => !enough.has(name));
        const refused = await call(method, path, body, tokenWith(...others));
        assert.deepEqual(
          [refused.status, refused.errors],
          [403, [{ code: 10000, message: "Authentication error" }]],
        );
        for (const each of enough)
          assert.ok((await call(method, path, body, tokenWith(each))).status < 300, each);
      });

    it("the list of rulesets requires any of theirs", async () => {
      const statusOf = async (...permissions: readonly string[]) =>
        (await call("GET", `${zone}/rulesets`, undefined, tokenWith(...permissions))).status;
      for (const [, subject] of phases) assert.equal(await statusOf(`${subject} Read`), 200);
      assert.equal(await statusOf("DNS Write", "Zone Write"), 403);
    });

    it("the user's tokens require API Tokens, with another code", async () => {
      const reader = tokenWith("API Tokens Read");
      for (const [token, method] of [
        [tokenWith("DNS Write"), "GET"],
        [reader, "POST"],
      ] as const) {
        const { status, errors } = await call(method, tokens, undefined, token);
        const message = "Unauthorized to access requested resource";
        assert.deepEqual([status, errors], [403, [{ code: 9109, message }]]);
      }
      assert.equal((await call("GET", tokens, undefined, reader)).status, 200);
    });

    it("follow the last seed, after a restart too", async () => {
      const token = "r".repeat(40);
      seed({ tokens: [token] });
      assert.equal((await call("GET", records, undefined, token)).status, 200);
      seed({ tokens: [{ token, permissions: ["Zone Read"] }] });
      restart();
      assert.equal((await call("GET", records, undefined, token)).status, 403);
    });
  });

  describe("API tokens", () => {
    const body = { name: "dns01", policies: [policy(["Zone Read", "DNS Write"])] };
    const create = async (more: object = {}) => {
      const { id, value } = await got("POST", tokens, { ...body, ...more });
      return { id: String(id), value: String(value) };
    };
    const statusOf = async (value: string, method: string, where: string, sent?: object) =>
      (await call(method, where, sent, value)).status;

    it("have their value in the first response only, and the names of their permission groups", async () => {
      const { value, ...rest } = await got("POST", tokens, body);
      assert.match(String(value), /^[0-9A-Za-z_-]{40}$/);
      const [given] = body.policies;
      const names = ["Zone Read", "DNS Write"];
      const groups = given?.permission_groups.map((group, index) => ({ ...group, name: names[index] }));
      const [shown] = rest.policies as readonly Json[];
      assert.deepEqual(shown, { ...given, id: shown?.id, permission_groups: groups });
      assert.deepEqual(await got("GET", `${tokens}/${String(rest.id)}`), rest);
      assert.ok(!fs.readFileSync(file("clouds.json"), "utf8").includes(String(value)));
    });

    it("have exactly the permissions of their policies, after a restart too", async () => {
      const { value } = await create();
      restart();
      for (const [status, method, where, sent] of [
        [200, "GET", zone],
        [200, "POST", records, record],
        [200, "GET", records],
        [403, "GET", `/zones/${zones.pro}/dns_records`],
        [403, "GET", `${zone}/settings/ssl`],
        [403, "GET", tokens],
      ] as const)
        assert.equal(await statusOf(value, method, where, sent), status, where);
      assert.deepEqual(
        (await list("/zones", value)).map(({ id }) => id),
        [zones.free],
      );
    });

    it("change by PUT and keep id and value; deleted ones are unknown", async () => {
      const { id, value } = await create();
      const policies = [policy(["DNS Read"])];
      const changed = { name: "renamed", policies, status: "active", condition: null };
      assert.equal((await got("PUT", `${tokens}/${id}`, changed)).name, "renamed");
      assert.equal(await statusOf(value, "GET", records), 200);
      assert.equal(await statusOf(value, "POST", records, record), 403);
      assert.deepEqual(await got("DELETE", `${tokens}/${id}`), { id });
      assert.deepEqual((await call("GET", "/zones", undefined, value)).codes, [9109]);
      for (const method of ["GET", "DELETE"])
        assert.deepEqual((await call(method, `${tokens}/${id}`)).codes, [7003, 7000], method);
    });

    it("are listed in pages, without values", async () => {
      const ids: string[] = [];
      for (let i = 0; i < 6; i++) ids.push((await create()).id);
      const all = await list(tokens);
      assert.deepEqual(
        all.map(({ id }) => id),
        ids,
      );
      assert.ok(all.every((token) => !("value" in token)));
      assert.deepEqual((await list(`${tokens}?per_page=5&page=2`)).length, 1);
      assert.deepEqual(cloudflareInventory(store()).tokens, all);
    });

    const [good] = body.policies;
    for (const [code, more] of [
      [1001, { policies: [{ ...good, permission_groups: [{ id: "0".repeat(32) }] }] }],
      [1001, { policies: [policy(["API Tokens Read"])] }],
      [1001, { policies: [policy(["Zone Read"], resourcesOf("9".repeat(32)))] }],
      [9207, { name: "" }],
      [9207, { name: "x".repeat(121) }],
      [9207, { policies: [] }],
      [9207, { policies: [{ ...good, permission_groups: [] }] }],
      [9207, { policies: [{ ...good, resources: {} }] }],
      [9207, { policies: [{ ...good, resources: JSON.stringify(resourcesOf(zones.free)) }] }],
      [9207, { policies: [{ ...good, effect: "deny" }] }],
      [9207, { expires_on: "2031-01-01T00:00:00Z" }],
    ] as const)
      it(`refuse ${JSON.stringify(more).slice(0, 90)} with ${code}, in POST and PUT`, async () => {
        const { id } = await create();
        for (const [method, where] of [
          ["POST", tokens],
          ["PUT", `${tokens}/${id}`],
        ] as const) {
          const { status, codes } = await call(method, where, { ...body, ...more });
          assert.deepEqual([status, codes], [400, [code]], method);
        }
        assert.deepEqual(
          (await list(tokens)).map(({ name }) => name),
          ["dns01"],
        );
      });
  });

  describe("rate limit", () => {
    const look = async (token = owner) => {
      const { status, headers, errors } = await call("GET", zone, undefined, token);
      return { status, errors, after: headers.get("retry-after"), left: headers.get("ratelimit") };
    };
    const limitToThree = () => seed({ rateLimit: { requests: 3, seconds: 60 } });

    it("is 1,200 calls in 300 seconds", async () => {
      assert.equal((await look()).left, '"default";r=1199;t=300');
      assert.equal((await call("GET", zone)).headers.get("ratelimit-policy"), '"default";q=1200;w=300');
    });

    it("refuses more calls with 429 and the seconds to wait, until the span ends", async () => {
      limitToThree();
      for (let i = 0; i < 3; i++) assert.equal((await look()).left, `"default";r=${2 - i};t=60`);
      const { status, errors, after } = await look();
      const message = "Please wait and consider throttling your request speed";
      assert.deepEqual([status, errors, after], [429, [{ code: 971, message }], "60"]);
      wait(59_999);
      assert.equal((await look()).after, "1");
      wait(1);
      assert.equal((await look()).status, 200);
    });

    it("counts each token by itself, also calls that are forbidden, but no unknown token", async () => {
      limitToThree();
      restart();
      const other = tokenWith("DNS Read");
      for (let i = 0; i < 3; i++) assert.equal((await look(other)).status, 403);
      assert.equal((await look(other)).status, 429);
      for (let i = 0; i < 4; i++) assert.equal((await look("x".repeat(40))).status, 403);
      assert.equal((await look()).left, '"default";r=2;t=60');
    });
  });
});
