import * as assert from "node:assert/strict";

import { seedCloudflare } from "../../../sandbox/clouds/cloudflare";
import { emulatedZones, zones } from "./emulated-zones";

const other = "u".repeat(40);

describe("an emulated zone", () => {
  const { call, got, store } = emulatedZones();
  const grant = (...permissions: readonly string[]) =>
    seedCloudflare(store(), { tokens: [{ token: other, permissions }], zones: [] });
  const permissionsOf = (result: unknown) =>
    (result as { readonly permissions: readonly string[] }).permissions;

  it("shows the owner every permission", async () => {
    const { permissions } = await got("GET", `/zones/${zones.free}`);
    const subjects = ["dns_records", "ssl", "waf", "zone", "zone_settings"];
    assert.deepEqual(
      permissions,
      subjects.flatMap((subject) => [`#${subject}:edit`, `#${subject}:read`]),
    );
  });

  it("shows another token what that one may do, alone and in the list", async () => {
    grant("Zone Read", "DNS Write", "Zone WAF Read");
    const wanted = ["#dns_records:edit", "#dns_records:read", "#waf:read", "#zone:read"];
    const one = await call("GET", `/zones/${zones.free}`, undefined, other);
    assert.deepEqual(permissionsOf(one.result), wanted);
    const list = (await call("GET", "/zones", undefined, other)).result as readonly unknown[];
    assert.deepEqual(list.map(permissionsOf), [wanted, wanted, wanted, wanted]);
  });

  it("gives its records a hundred at a time unless asked otherwise, and then none", async () => {
    const records = `/zones/${zones.pro}/dns_records`;
    for (let i = 0; i < 101; i++)
      await got("POST", records, { name: `r${i}`, type: "A", content: "203.0.113.5", ttl: 60 });
    const counts = ["", "?page=2", "?page=3", "?per_page=101", "?per_page=101&page=2"].map(
      async (query) => ((await call("GET", `${records}${query}`)).result as readonly unknown[]).length,
    );
    assert.deepEqual(await Promise.all(counts), [100, 1, 0, 101, 0]);
  });

  it("is not for a token without the permission", async () => {
    grant("DNS Write");
    const { status, errors } = await call("GET", `/zones/${zones.free}`, undefined, other);
    assert.deepEqual([status, errors[0]?.code], [403, 10000]);
  });
});
