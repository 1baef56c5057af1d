import * as assert from "node:assert/strict";
import * as fs from "node:fs";

import { cloudflareInventory } from "../../../sandbox/clouds/cloudflare";
import { accountId, userId } from "../../../sandbox/clouds/cloudflare/accounts";
import { permissionGroups } from "../../../sandbox/clouds/cloudflare/permissions";
import { first, groupOf, on, policy, Rig, second } from "./cloudflare-rig";

const tokens = "/user/tokens";
const record = { type: "A", name: "www", content: "203.0.113.5", ttl: 1 };

describe("the emulated Cloudflare's API tokens", () => {
  let rig: Rig;
  beforeEach(() => (rig = new Rig()));
  afterEach(() => rig.close());

  const records = (zone = first) => `/zones/${zone}/dns_records`;
  const may = async (value: string, method: string, where: string, body?: unknown) =>
    (await rig.call(method, where, body, value)).status === 200;

  it("tells the value of a new token once, and the token with the names of its groups", async () => {
    const body = { name: "cluster", policies: [policy(["Zone Read", "DNS Write"])] };
    const { id, value, policies, ...rest } = await rig.done("POST", tokens, body);
    assert.match(String(id), /^[0-9a-f]{32}$/);
    assert.match(String(value), /^[0-9A-Za-z_-]{40}$/);
    const time = new Date(rig.clock).toISOString();
    assert.deepEqual(rest, { name: "cluster", status: "active", issued_on: time, modified_on: time });
    const [{ id: policyId, ...shown }] = policies as [Record<string, unknown>];
    assert.match(String(policyId), /^[0-9a-f]{32}$/);
    assert.deepEqual(shown, {
      effect: "allow",
      permission_groups: ["Zone Read", "DNS Write"].map((name) => ({ ...groupOf(name), name })),
      resources: on(first),
    });
    assert.deepEqual(await rig.done("GET", `${tokens}/${String(id)}`), { id, policies, ...rest });
    assert.ok(!fs.readFileSync(rig.file, "utf8").includes(String(value)));
  });

  it("gives each token another value", async () => {
    assert.notEqual((await rig.token(["Zone Read"])).value, (await rig.token(["Zone Read"])).value);
  });

  it("lets a new token do exactly what its policies say", async () => {
    const { value } = await rig.token(["Zone Read", "DNS Write"]);
    assert.ok(await may(value, "GET", `/zones/${first}`));
    assert.ok(await may(value, "POST", records(), record));
    assert.ok(await may(value, "GET", records()));
    assert.ok(!(await may(value, "GET", records(second))));
    assert.ok(!(await may(value, "GET", `/zones/${first}/settings/ssl`)));
    assert.ok(!(await may(value, "GET", tokens)));
    assert.ok(await may(value, "GET", `${tokens}/verify`));
  });

  it("verifies a new token under its own id", async () => {
    const { id, value } = await rig.token(["Zone Read"]);
    const { result, messages } = await rig.call("GET", `${tokens}/verify`, undefined, value);
    assert.deepEqual(result, { id, status: "active" });
    assert.deepEqual(messages, [{ code: 10000, message: "This API Token is valid and active", type: null }]);
  });

  const everywhere: readonly (readonly [what: string, resources: object])[] = [
    ["all zones", { "com.cloudflare.api.account.zone.*": "*" }],
    [
      "all zones of the account",
      { [`com.cloudflare.api.account.${accountId}`]: { "com.cloudflare.api.account.zone.*": "*" } },
    ],
    ["two zones", { ...on(first), ...on(second) }],
    [
      "two zones of the account",
      { [`com.cloudflare.api.account.${accountId}`]: { ...on(first), ...on(second) } },
    ],
  ];
  for (const [what, resources] of everywhere)
    it(`lets a token of ${what} reach both`, async () => {
      const { value } = await rig.token(["DNS Read"], resources);
      assert.ok((await may(value, "GET", records())) && (await may(value, "GET", records(second))));
    });

  it("lets a token that may make tokens make one with more rights than its own", async () => {
    const { value } = await rig.token(["API Tokens Write"], { [`com.cloudflare.api.user.${userId}`]: "*" });
    const policies = [policy(["DNS Write"])];
    assert.ok(await may(value, "POST", tokens, { name: "x", policies }));
    assert.ok(!(await may(value, "GET", records())));
  });

  it("lets what a policy denies win over what another allows", async () => {
    const policies = [
      policy(["DNS Write"], { "com.cloudflare.api.account.zone.*": "*" }),
      policy(["DNS Write"], on(second), "deny"),
    ];
    const { value } = await rig.done("POST", tokens, { name: "x", policies });
    assert.ok(await may(String(value), "POST", records(), record));
    assert.ok(!(await may(String(value), "POST", records(second), record)));
  });

  it("changes name and policies by PUT at once, and keeps id and value", async () => {
    const { id, value } = await rig.token(["DNS Write"]);
    const before = await rig.done("GET", `${tokens}/${id}`);
    rig.clock += 1000;
    const body = { name: "renamed", policies: [policy(["DNS Read"])], condition: null, expires_on: null };
    const after = await rig.done("PUT", `${tokens}/${id}`, body);
    assert.ok(!("value" in after));
    assert.deepEqual(
      [after.id, after.name, after.issued_on, after.modified_on],
      [id, "renamed", before.issued_on, new Date(rig.clock).toISOString()],
    );
    assert.ok(await may(value, "GET", records()));
    assert.ok(!(await may(value, "POST", records(), record)));
  });

  it("keeps conditions and times as they were given", async () => {
    const more = {
      condition: { request_ip: { in: ["192.0.2.0/24"], not_in: ["192.0.2.1"] } },
      not_before: "2029-01-01T00:00:00Z",
      expires_on: "2031-01-01T01:00:00+01:00",
    };
    const { id } = await rig.token(["Zone Read"], on(first), more);
    const { condition, not_before, expires_on } = await rig.done("GET", `${tokens}/${id}`);
    assert.deepEqual({ condition, not_before, expires_on }, more);
  });

  describe("refuses a token as it refuses one it never knew", () => {
    const stopped = async (value: string) => {
      for (const [where, status, code] of [
        ["/zones", 403, 9109],
        [records(), 403, 10000],
        [`${tokens}/verify`, 401, 1000],
      ] as const) {
        const answer = await rig.call("GET", where, undefined, value);
        assert.deepEqual([answer.status, answer.codes], [status, [code]], where);
      }
    };

    it("once it is deleted", async () => {
      const { id, value } = await rig.token(["Zone Read", "DNS Read"]);
      assert.deepEqual(await rig.done("DELETE", `${tokens}/${id}`), { id });
      await stopped(value);
      for (const method of ["GET", "DELETE"])
        assert.deepEqual((await rig.call(method, `${tokens}/${id}`)).codes, [7003, 7000], method);
    });

    it("while it is disabled", async () => {
      const { id, value } = await rig.token(["DNS Read"]);
      const body = { name: "made", policies: [policy(["DNS Read"])] };
      assert.equal(
        (await rig.done("PUT", `${tokens}/${id}`, { ...body, status: "disabled" })).status,
        "disabled",
      );
      await stopped(value);
      await rig.done("PUT", `${tokens}/${id}`, { ...body, status: "active" });
      assert.ok(await may(value, "GET", records()));
    });

    it("from the moment it expires", async () => {
      const expires_on = new Date(rig.clock + 1000).toISOString();
      const { id, value } = await rig.token(["DNS Read"], on(first), { expires_on });
      rig.clock += 999;
      assert.ok(await may(value, "GET", records()));
      rig.clock += 1;
      await stopped(value);
      assert.equal((await rig.done("GET", `${tokens}/${id}`)).status, "expired");
    });

    it("before its first moment", async () => {
      const not_before = new Date(rig.clock + 1000).toISOString();
      const { value } = await rig.token(["DNS Read"], on(first), { not_before });
      rig.clock += 999;
      await stopped(value);
      rig.clock += 1;
      assert.ok(await may(value, "GET", records()));
    });
  });

  it("lists what was made, page by page, without values", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 6; i++) ids.push((await rig.token(["Zone Read"])).id);
    const list = async (query: string) =>
      (await rig.call("GET", `${tokens}${query}`)).result as readonly { readonly id: string }[];
    const all = await list("");
    assert.deepEqual(
      all.map(({ id }) => id),
      ids,
    );
    assert.ok(all.every((token) => !("value" in token)));
    assert.deepEqual(
      (await list("?direction=desc&per_page=5")).map(({ id }) => id),
      ids.slice(1).reverse(),
    );
    assert.deepEqual(
      (await list("?per_page=5&page=2")).map(({ id }) => id),
      ids.slice(5),
    );
    assert.deepEqual(await list("?per_page=5&page=3"), []);
    assert.deepEqual(cloudflareInventory(rig.store, rig.now).tokens, all);
    for (const query of ["?per_page=4", "?per_page=51", "?nmae=x"])
      assert.equal((await rig.call("GET", `${tokens}${query}`)).status, 400, query);
  });

  it("keeps tokens over a restart", async () => {
    const { id, value } = await rig.token(["DNS Read"]);
    rig.restart();
    assert.ok(await may(value, "GET", records()));
    assert.equal((await rig.done("GET", `${tokens}/${id}`)).name, "made");
  });

  it("finds permission groups by name and scope, also encoded twice", async () => {
    const found = async (query: string) =>
      (await rig.call("GET", `${tokens}/permission_groups?${query}`)).result as readonly object[];
    assert.deepEqual(await found(""), permissionGroups);
    const dns = [{ ...groupOf("DNS Write"), name: "DNS Write", scopes: ["com.cloudflare.api.account.zone"] }];
    assert.deepEqual(await found("name=DNS%20Write"), dns);
    assert.deepEqual(await found("name=DNS%2520Write&scope=com.cloudflare.api.account.zone"), dns);
    assert.deepEqual(await found("name=DNS%20Write&scope=com.cloudflare.api.user"), []);
    assert.deepEqual(await found("name=100%25"), []);
    assert.equal((await found("scope=com.cloudflare.api.user")).length, 2);
    assert.deepEqual(await found("page=2"), []);
  });

  it("has for every group an id of its own", () => {
    assert.equal(new Set(permissionGroups.map(({ id }) => id)).size, permissionGroups.length);
    for (const { id } of permissionGroups) assert.match(id, /^[0-9a-f]{32}$/);
  });
});
