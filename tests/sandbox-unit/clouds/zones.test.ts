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

  it("is not for a token without the permission", async () => {
    grant("DNS Write");
    const { status, errors } = await call("GET", `/zones/${zones.free}`, undefined, other);
    assert.deepEqual([status, errors[0]?.code], [403, 10000]);
  });
});
