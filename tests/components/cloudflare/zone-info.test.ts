import * as assert from "node:assert/strict";

import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";

import {
  requiredPermissions,
  permissionsWarning,
  verifyZone,
  validateZone,
  type ZoneInfo,
  type ZoneRequirements,
} from "../../../components/cloudflare/zone-info";
import { attempt, value, type RunOptions } from "../../harness";

const zoneId = "0123456789abcdef0123456789abcdef";
const token = "cloudflare:index/getZone:getZone";

const wanted: ZoneRequirements = {
  zone: "example.com",
  zoneId,
  plan: "pro",
  permissions: ["#dns_records:edit"],
};

const found: ZoneInfo = {
  name: "example.com",
  plan: { legacyId: "pro" },
  permissions: ["#zone:read", "#dns_records:edit"],
};

const seemsToLack = (rights: string) =>
  `cloudflare:apiToken: the token seems to lack ${rights} on example.com. Add it at ` +
  "https://dash.cloudflare.com/profile/api-tokens; the token itself stays the same. If it has them, ignore this: " +
  "Cloudflare no longer maintains the list (`permissions` of the zone).";

describe("zoneFaults", () => {
  const plans = ["free", "pro", "business", "enterprise"] as const;
  for (const [at, plan] of plans.entries())
    for (const [rank, has] of plans.entries())
      it(`${rank < at ? "refuses" : "takes"} ${plan} on a zone that has ${has}`, () =>
        assert.deepEqual(
          validateZone({ ...wanted, plan }, { ...found, plan: { legacyId: has } }),
          rank < at
            ? [
                `dns.plan: got ${plan}, but example.com is on the plan ${has}. Want dns.plan: ${has}, or the zone ` +
                  "moved to the higher plan first.",
              ]
            : [],
        ));

  for (const [what, plan] of [
    ["of which it has not heard", { legacyId: "partners_ent" }],
    ["without a name", {}],
    ["that is not told", undefined],
  ] as const)
    it(`says nothing about a plan ${what}`, () =>
      assert.deepEqual(validateZone({ ...wanted, plan: "enterprise" }, { ...found, plan }), []));

  it("says of another zone that it is another one, and nothing more", () =>
    assert.deepEqual(
      validateZone(wanted, { name: "example.net", plan: { legacyId: "free" }, permissions: ["#zone:read"] }),
      [`dns.zoneId: ${zoneId} is the zone example.net, want the id of example.com from its overview page.`],
    ));
});

describe("rightsWarning", () => {
  const rights = [
    ["#dns_records:edit", "DNS: Edit"],
    ["#zone_settings:edit", "Zone Settings: Edit"],
    ["#waf:edit", "Zone WAF: Edit"],
    ["#ssl:edit", "SSL and Certificates: Edit"],
  ] as const;
  for (const [right, called] of rights) {
    it(`names ${called} where the list has reading alone`, () =>
      assert.equal(
        permissionsWarning(
          { ...wanted, permissions: [right] },
          { ...found, permissions: ["#zone:read", right.replace("edit", "read")] },
        ),
        seemsToLack(called),
      ));

    it(`is undefined where the list has ${called}`, () =>
      assert.equal(
        permissionsWarning(
          { ...wanted, permissions: [right] },
          { ...found, permissions: ["#zone:read", right] },
        ),
        undefined,
      ));
  }

  for (const permissions of [undefined, [], ["#organization:read"]])
    it(`is undefined where the list is ${permissions === undefined ? "absent" : `"${permissions.join()}"`}`, () =>
      assert.equal(permissionsWarning(wanted, { ...found, permissions }), undefined));

  it("names all at once", () =>
    assert.equal(
      permissionsWarning(
        { ...wanted, permissions: rights.map(([right]) => right) },
        { ...found, permissions: ["#zone:read"] },
      ),
      seemsToLack("DNS: Edit, Zone Settings: Edit, Zone WAF: Edit, SSL and Certificates: Edit"),
    ));
});

describe("rightsFor", () => {
  const table: [parts: Parameters<typeof requiredPermissions>[0], rights: string[]][] = [
    [{}, ["#dns_records:edit"]],
    [{ edge: {} }, ["#dns_records:edit", "#zone_settings:edit"]],
    [{ waf: {} }, ["#dns_records:edit", "#waf:edit"]],
    [{ originLock: {} }, ["#dns_records:edit", "#ssl:edit"]],
    [{ originLock: { ca: "PEM" } }, ["#dns_records:edit"]],
    [
      { edge: {}, waf: {}, originLock: {} },
      ["#dns_records:edit", "#zone_settings:edit", "#waf:edit", "#ssl:edit"],
    ],
  ];
  for (const [parts, rights] of table)
    it(`needs ${rights.join(", ")} for ${JSON.stringify(parts)}`, () =>
      assert.deepEqual(requiredPermissions(parts), rights));
});

describe("verifiedZone", () => {
  const make = (options?: RunOptions) =>
    attempt(() => {
      const provider = new cloudflare.Provider("cloudflare", {});
      const id = verifyZone(wanted, { provider });
      new cloudflare.DnsRecord("record", { zoneId: id, name: "a", type: "TXT", ttl: 1 }, { provider });
      return { id };
    }, options);
  const recordsOf = ({ resources }: Awaited<ReturnType<typeof make>>) =>
    resources.filter(({ type }) => type.endsWith(":DnsRecord"));

  for (const preview of [true, false])
    it(`is the id, once Cloudflare was asked${preview ? ", in preview too" : ""}`, async () => {
      const done = await make({ preview });
      assert.equal(done.fault, undefined);
      assert.deepEqual(done.calls, [{ token, inputs: { zoneId }, provider: "cloudflare" }]);
      assert.ok(done.result);
      assert.equal(await value(done.result.id), zoneId);
      assert.deepEqual(
        recordsOf(done).map(({ inputs }) => inputs.zoneId),
        [zoneId],
      );
    });

  it("warns of permissions that seem to be missing, and makes everything", async () => {
    const done = await make({
      answers: { [token]: { plan: { legacyId: "pro" }, permissions: ["#zone:read"] } },
    });
    assert.equal(done.fault, undefined);
    assert.equal(recordsOf(done).length, 1);
    assert.deepEqual(done.logs, [{ severity: "warn", message: seemsToLack("DNS: Edit") }]);
  });

  it("lets nothing be made in a zone that is not as the settings say, and tells all of it in its own words", async () => {
    const done = await make({
      answers: { [token]: { plan: { legacyId: "free" }, permissions: ["#zone:read"] } },
    });
    assert.ok(done.fault instanceof pulumi.RunError);
    assert.equal(
      done.fault.message,
      validateZone(wanted, { ...found, plan: { legacyId: "free" }, permissions: ["#zone:read"] }).join("\n"),
    );
    assert.deepEqual(recordsOf(done), []);
  });

  it("lets nothing be made for a single fault either", async () => {
    const done = await make({ answers: { [token]: { plan: { legacyId: "free" } } } });
    assert.match(done.fault?.message ?? "", /^dns\.plan: got pro/);
    assert.deepEqual(recordsOf(done), []);
  });

  it("says what it wants where Cloudflare does not show the zone, and what Cloudflare said", async () => {
    const done = await make({ answers: { [token]: new Error("404 Not Found") } });
    assert.ok(done.fault instanceof pulumi.RunError);
    assert.equal(
      done.fault.message,
      `Cloudflare does not show the zone ${zoneId} (example.com) to the token in cloudflare:apiToken. Want dns.zoneId ` +
        "as on the zone's overview page, and a token with Zone: Read on it. It answered: 404 Not Found",
    );
    assert.deepEqual(recordsOf(done), []);
  });
});
