import * as assert from "node:assert/strict";

import { accountId, userId } from "../../../sandbox/clouds/cloudflare/accounts";
import { first, on, policy, Rig, zoneResource } from "./cloudflare-rig";

const tokens = "/user/tokens";

describe("the emulated Cloudflare, of a token that cannot be,", () => {
  let rig: Rig;
  beforeEach(() => (rig = new Rig()));
  afterEach(() => rig.close());

  const good = policy(["Zone Read"]);
  const noGroup = { ...good, permission_groups: [{ id: "0".repeat(32) }] };
  const account = `com.cloudflare.api.account.${accountId}`;
  const user = `com.cloudflare.api.user.${userId}`;
  const refused: readonly (readonly [what: string, code: number, body: object])[] = [
    ["an unknown permission group", 1001, { policies: [noGroup] }],
    ["an unknown zone", 1001, { policies: [policy(["Zone Read"], on("c".repeat(32)))] }],
    [
      "an unknown account",
      1001,
      { policies: [policy(["Zone Read"], { "com.cloudflare.api.account.x": on(first) })] },
    ],
    [
      "an unknown user",
      1001,
      { policies: [policy(["API Tokens Read"], { "com.cloudflare.api.user.x": "*" })] },
    ],
    [
      "zones inside a zone",
      1001,
      { policies: [policy(["Zone Read"], { [zoneResource(first)]: on(first) })] },
    ],
    ["a zone's group on the user", 1001, { policies: [policy(["Zone Read"], { [user]: "*" })] }],
    ["the user's group on a zone", 1001, { policies: [policy(["API Tokens Read"])] }],
    ["two scopes in one policy", 1001, { policies: [policy(["Zone Read"], { ...on(first), [user]: "*" })] }],
    ["an end before now", 1001, { expires_on: "2029-12-31T23:59:59Z" }],
    [
      "an end at the beginning",
      1001,
      { not_before: "2030-02-01T00:00:00Z", expires_on: "2030-02-01T00:00:00Z" },
    ],
    ["no name", 9207, { name: undefined }],
    ["an empty name", 9207, { name: "" }],
    ["a name of 121 characters", 9207, { name: "x".repeat(121) }],
    ["no policy", 9207, { policies: [] }],
    ["a policy without group", 9207, { policies: [{ ...good, permission_groups: [] }] }],
    ["a policy without resource", 9207, { policies: [{ ...good, resources: {} }] }],
    ["an account without resource", 9207, { policies: [{ ...good, resources: { [account]: {} } }] }],
    ["resources as a text", 9207, { policies: [{ ...good, resources: JSON.stringify(good.resources) }] }],
    ["an unknown effect", 9207, { policies: [{ ...good, effect: "maybe" }] }],
    ["the status expired", 9207, { status: "expired" }],
    ["a time that is none", 9207, { expires_on: "tomorrow" }],
    ["a condition on no address", 9207, { condition: { request_ip: { in: ["here"] } } }],
    ["an unknown field", 9207, { value: "x".repeat(40) }],
  ];
  for (const [what, code, body] of refused)
    it(`refuses ${what} with ${code}, in POST and in PUT`, async () => {
      const { id } = await rig.token(["Zone Read"]);
      const whole = { name: "x", policies: [good], ...body };
      for (const [method, where] of [
        ["POST", tokens],
        ["PUT", `${tokens}/${id}`],
      ] as const) {
        const { status, codes } = await rig.call(method, where, whole);
        assert.deepEqual([status, codes], [400, [code]], method);
      }
      const [only, ...more] = (await rig.call("GET", tokens)).result as readonly { readonly name: string }[];
      assert.deepEqual([only?.name, more], ["made", []]);
    });

  it("takes a name of 120 characters", async () => {
    await rig.done("POST", tokens, { name: "x".repeat(120), policies: [good] });
  });

  it("names the group that does not fit", async () => {
    const body = { name: "x", policies: [policy(["API Tokens Read"])] };
    const response = await rig.call("POST", tokens, body);
    assert.match(response.said, /Failed common permission check .*"API Tokens Read"/);
  });
});
