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

const requirements: ZoneRequirements = {
  zone: "example.com",
  zoneId,
  plan: "pro",
  permissions: ["#dns_records:edit"],
};

const info: ZoneInfo = {
  name: "example.com",
  plan: { legacyId: "pro" },
  permissions: ["#zone:read", "#dns_records:edit"],
};

const warningFor = (permissions: string) =>
  `cloudflare:apiToken: the token seems to lack ${permissions} on example.com. Add it at ` +
  "https://dash.cloudflare.com/profile/api-tokens; the token itself stays the same. If it has them, ignore this: " +
  "Cloudflare no longer maintains the list (`permissions` of the zone).";

describe("validateZone", () => {
  const plans = ["free", "pro", "business", "enterprise"] as const;
  for (const [required, plan] of plans.entries())
    for (const [rank, actual] of plans.entries())
      it(`${rank < required ? "refuses" : "accepts"} ${plan} for a zone on ${actual}`, () =>
        assert.deepEqual(
          validateZone({ ...requirements, plan }, { ...info, plan: { legacyId: actual } }),
          rank < required
            ? [
                `dns.plan: got ${plan}, but example.com has the plan ${actual}. Want dns.plan: ${actual}, or upgrade ` +
                  "the zone first",
              ]
            : [],
        ));

  for (const [title, plan] of [
    ["that is unknown", { legacyId: "partners_ent" }],
    ["without a name", {}],
    ["that is not returned", undefined],
  ] as const)
    it(`accepts a plan ${title}`, () =>
      assert.deepEqual(validateZone({ ...requirements, plan: "enterprise" }, { ...info, plan }), []));

  it("reports another zone, and nothing else", () =>
    assert.deepEqual(
      validateZone(requirements, {
        name: "example.net",
        plan: { legacyId: "free" },
        permissions: ["#zone:read"],
      }),
      [`dns.zoneId: got ${zoneId}, the ID of example.net, want the ID of example.com from its overview page`],
    ));
});

describe("permissionsWarning", () => {
  const names = [
    ["#dns_records:edit", "DNS: Edit"],
    ["#zone_settings:edit", "Zone Settings: Edit"],
    ["#waf:edit", "Zone WAF: Edit"],
    ["#ssl:edit", "SSL and Certificates: Edit"],
  ] as const;
  for (const [permission, name] of names)
    it(`names ${name} unless the list has it`, () => {
      const warningWith = (listed: string) =>
        permissionsWarning(
          { ...requirements, permissions: [permission] },
          { ...info, permissions: ["#zone:read", listed] },
        );
      assert.equal(warningWith(permission.replace("edit", "read")), warningFor(name));
      assert.equal(warningWith(permission), undefined);
    });

  for (const permissions of [undefined, [], ["#organization:read"]])
    it(`is undefined if the list is ${permissions === undefined ? "absent" : `"${permissions.join()}"`}`, () =>
      assert.equal(permissionsWarning(requirements, { ...info, permissions }), undefined));

  it("lists all missing permissions", () =>
    assert.equal(
      permissionsWarning(
        { ...requirements, permissions: names.map(([permission]) => permission) },
        { ...info, permissions: ["#zone:read"] },
      ),
      warningFor("DNS: Edit, Zone Settings: Edit, Zone WAF: Edit, SSL and Certificates: Edit"),
    ));
});

describe("requiredPermissions", () => {
  const table: [parts: Parameters<typeof requiredPermissions>[0], permissions: string[]][] = [
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
  for (const [parts, permissions] of table)
    it(`is ${permissions.join(", ")} for ${JSON.stringify(parts)}`, () =>
      assert.deepEqual(requiredPermissions(parts), permissions));
});

describe("verifyZone", () => {
  const make = (options?: RunOptions) =>
    attempt(() => {
      const provider = new cloudflare.Provider("cloudflare", {});
      const id = verifyZone(requirements, { provider });
      new cloudflare.DnsRecord("record", { zoneId: id, name: "a", type: "TXT", ttl: 1 }, { provider });
      return { id };
    }, options);
  const answering = (legacyId: string): RunOptions => ({
    answers: { [token]: { plan: { legacyId }, permissions: ["#zone:read"] } },
  });
  const recordsOf = ({ resources }: Awaited<ReturnType<typeof make>>) =>
    resources.filter(({ type }) => type.endsWith(":DnsRecord"));

  for (const preview of [true, false])
    it(`resolves to the zone ID in ${preview ? "a preview" : "an update"}`, async () => {
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

  it("warns of missing permissions, and creates everything", async () => {
    const done = await make(answering("pro"));
    assert.equal(done.fault, undefined);
    assert.equal(recordsOf(done).length, 1);
    assert.deepEqual(done.logs, [{ severity: "warn", message: warningFor("DNS: Edit") }]);
  });

  it("fails with an unprefixed message, and creates nothing, if the zone does not match", async () => {
    const done = await make(answering("free"));
    assert.ok(done.fault instanceof pulumi.RunError);
    assert.match(done.fault.message, /^dns\.plan: got pro/);
    assert.deepEqual(recordsOf(done), []);
  });

  it("fails with Cloudflare's answer if the zone cannot be read", async () => {
    const done = await make({ answers: { [token]: new Error("404 Not Found") } });
    assert.ok(done.fault instanceof pulumi.RunError);
    assert.equal(
      done.fault.message,
      `Cannot read the zone ${zoneId} (example.com) with the token in cloudflare:apiToken. Want dns.zoneId as shown on ` +
        "the zone's overview page, and a token with Zone: Read on the zone. Cloudflare answered: 404 Not Found",
    );
    assert.deepEqual(recordsOf(done), []);
  });
});
