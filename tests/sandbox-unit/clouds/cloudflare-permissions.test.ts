import * as assert from "node:assert/strict";

import { permissionGroups } from "../../../sandbox/clouds/cloudflare/permissions";
import { first, Rig, second, zoneResource } from "./cloudflare-rig";

const zone = `/zones/${first}`;
const record = { type: "A", name: "www", content: "203.0.113.5", ttl: 1 };
const ruleset = (phase: string) => ({ kind: "zone", name: "default", phase, rules: [] });
const rulesetPhases: readonly (readonly [phase: string, subject: string])[] = [
  ["http_request_firewall_managed", "Zone WAF"],
  ["http_request_firewall_custom", "Zone WAF"],
  ["http_ratelimit", "Zone WAF"],
  ["http_request_cache_settings", "Cache Settings"],
  ["http_request_dynamic_redirect", "Dynamic URL Redirects"],
  ["http_response_headers_transform", "Zone Transform Rules"],
];

describe("the emulated Cloudflare's permissions", () => {
  let rig: Rig;
  beforeEach(() => (rig = new Rig()));
  afterEach(() => rig.close());

  let count = 0;
  /** A token of the seed with these permissions. */
  const seeded = (permissions: readonly string[]) => {
    const token = String(count++).padStart(40, "s");
    rig.seed({ tokens: [{ token, permissions }] });
    return token;
  };
  const statusOf = async (token: string, method: string, where: string, body?: unknown) => {
    const { status, codes, said } = await rig.call(method, where, body, token);
    if (status === 403) assert.deepEqual([codes, said], [[10000], "Authentication error"]);
    return status;
  };

  const asked: readonly (readonly [method: string, where: string, permission: string, body?: object])[] = [
    ["GET", "/zones", "Zone Read"],
    ["GET", zone, "Zone Read"],
    ["GET", `${zone}/dns_records`, "DNS Read"],
    ["POST", `${zone}/dns_records`, "DNS Write", record],
    ["GET", `${zone}/dnssec`, "DNS Read"],
    ["PATCH", `${zone}/dnssec`, "DNS Write", { status: "active" }],
    ["DELETE", `${zone}/dnssec`, "DNS Write"],
    ["GET", `${zone}/settings/ssl`, "Zone Settings Read"],
    ["PATCH", `${zone}/settings/ssl`, "Zone Settings Write", { value: "strict" }],
    ["GET", `${zone}/origin_tls_client_auth`, "SSL and Certificates Read"],
    ["GET", `${zone}/origin_tls_client_auth/settings`, "SSL and Certificates Read"],
    ["PUT", `${zone}/origin_tls_client_auth/settings`, "SSL and Certificates Write", { enabled: true }],
    ...rulesetPhases.map(
      ([phase, subject]) =>
        ["POST", `${zone}/rulesets`, `${subject} Write`, ruleset(phase)] as [string, string, string, object],
    ),
  ];
  for (const [method, where, permission, body] of asked)
    it(`asks for ${permission} at ${method} ${where.replace(first, "x")} ${JSON.stringify(body ?? "")}`, async () => {
      const others = permissionGroups
        .map(({ name }) => name)
        .filter((name) => name !== permission && name !== permission.replace(/ Read$/, " Write"));
      assert.equal(await statusOf(seeded(others), method, where, body), 403);
      assert.equal(await statusOf(seeded([permission]), method, where, body), 200);
    });

  it("includes reading in writing", async () => {
    for (const [method, where, permission, body] of asked)
      if (permission.endsWith(" Read"))
        assert.equal(
          await statusOf(seeded([permission.replace(/Read$/, "Write")]), method, where, body),
          200,
        );
  });

  for (const [phase, subject] of rulesetPhases)
    it(`asks for ${subject} at a ruleset of ${phase}, by its id and by its phase`, async () => {
      const { id } = await rig.done("POST", `${zone}/rulesets`, ruleset(phase));
      const others = rulesetPhases.map(([, other]) => other).filter((other) => other !== subject);
      const stranger = seeded(others.map((other) => `${other} Write`));
      const [reader, writer] = [seeded([`${subject} Read`]), seeded([`${subject} Write`])];
      const [one, point] = [`${zone}/rulesets/${String(id)}`, `${zone}/rulesets/phases/${phase}/entrypoint`];
      const change = { rules: [], description: "x" };
      for (const where of [one, point]) {
        assert.equal(await statusOf(stranger, "GET", where), 403);
        assert.equal(await statusOf(reader, "GET", where), 200);
        assert.equal(await statusOf(reader, "PUT", where, change), 403);
        assert.equal(await statusOf(writer, "PUT", where, change), 200);
      }
      assert.equal(await statusOf(stranger, "DELETE", one), 403);
      assert.equal(await statusOf(writer, "DELETE", one), 204);
    });

  it("lists rulesets to a token that may see any", async () => {
    for (const [, subject] of rulesetPhases)
      assert.equal(await statusOf(seeded([`${subject} Read`]), "GET", `${zone}/rulesets`), 200);
    assert.equal(await statusOf(seeded(["DNS Write", "Zone Write"]), "GET", `${zone}/rulesets`), 403);
  });

  it("refuses a new ruleset whose body is none for what it is, not for the token", async () => {
    const token = seeded(["Zone WAF Write"]);
    assert.equal(await statusOf(token, "POST", `${zone}/rulesets`), 400);
    assert.equal(await statusOf(token, "POST", `${zone}/rulesets`, { phase: 5 }), 400);
  });

  it("refuses the user's tokens with 9109 to a token that may not see or make them", async () => {
    const body = { name: "x", policies: [] };
    const [none, reader] = [seeded(["DNS Write"]), seeded(["API Tokens Read"])];
    for (const [token, method, where] of [
      [none, "GET", "/user/tokens"],
      [none, "GET", "/user/tokens/permission_groups"],
      [none, "POST", "/user/tokens"],
      [reader, "POST", "/user/tokens"],
      [reader, "PUT", `/user/tokens/${"0".repeat(32)}`],
      [reader, "DELETE", `/user/tokens/${"0".repeat(32)}`],
    ] as const) {
      const { status, codes, said } = await rig.call(
        method,
        where,
        method === "GET" ? undefined : body,
        token,
      );
      assert.deepEqual([status, codes, said], [403, [9109], "Unauthorized to access requested resource"]);
    }
    assert.equal(await statusOf(reader, "GET", "/user/tokens"), 200);
    assert.equal(await statusOf(none, "GET", "/user/tokens/verify"), 200);
  });

  it("refuses another zone before it says whether there is one", async () => {
    const { value } = await rig.token(["Zone Read", "DNS Write"]);
    for (const where of [`/zones/${second}`, `/zones/${"c".repeat(32)}/dns_records`])
      assert.equal(await statusOf(value, "GET", where), 403);
    assert.equal((await rig.call("GET", `/zones/${"c".repeat(32)}`)).status, 404);
  });

  const shownPermissions = async (token: string, where = zone) =>
    (await rig.done("GET", where, undefined, token)).permissions;

  it("tells a zone's reader, by the old names, what else the token may do there", async () => {
    assert.deepEqual(await shownPermissions(seeded(["Zone Read"])), ["#zone:read"]);
    assert.deepEqual(await shownPermissions(seeded(["Zone Read", "DNS Write", "Zone WAF Read"])), [
      "#dns_records:edit",
      "#dns_records:read",
      "#waf:read",
      "#zone:read",
    ]);
    assert.deepEqual(await shownPermissions("t".repeat(40)), [
      "#dns_records:edit",
      "#dns_records:read",
      "#ssl:edit",
      "#ssl:read",
      "#waf:edit",
      "#waf:read",
      "#zone:edit",
      "#zone:read",
      "#zone_settings:edit",
      "#zone_settings:read",
    ]);
  });

  it("lets a seed change what a token of an earlier one may do", async () => {
    const token = "s".repeat(40);
    rig.seed({ tokens: [token] });
    assert.equal(await statusOf(token, "GET", `${zone}/dns_records`), 200);
    rig.seed({ tokens: [{ token, permissions: ["Zone Read"] }] });
    assert.equal(await statusOf(token, "GET", `${zone}/dns_records`), 403);
    rig.restart();
    assert.equal(await statusOf(token, "GET", `${zone}/dns_records`), 403);
    assert.equal(await statusOf(token, "GET", zone), 200);
  });

  it("refuses a seed with a permission it does not have", () => {
    for (const entry of [
      { token: "s".repeat(40), permissions: ["DNS Edit"] },
      { token: "short", permissions: [] },
      { token: "s".repeat(40) },
    ])
      assert.throws(() => rig.seed({ tokens: [entry] }), JSON.stringify(entry));
  });

  it("shows a token of one zone that zone alone", async () => {
    const resources = { [zoneResource(second)]: "*" };
    const { value } = await rig.token(["Zone Read", "DNS Read"], resources);
    const { result } = await rig.call("GET", "/zones", undefined, value);
    const zones = result as readonly { readonly id: string; readonly permissions: readonly string[] }[];
    assert.deepEqual(
      zones.map(({ id, permissions }) => [id, permissions]),
      [[second, ["#dns_records:read", "#zone:read"]]],
    );
  });
});
