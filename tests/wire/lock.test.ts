import * as assert from "node:assert/strict";

import { addresses } from "./network/network-addresses";
import { request } from "./browser";
import { pastTheEdge, assertRefusesOldTls, assertRefusedPastTheEdge } from "./checks";
import { environment } from "./shared-environment";

describe("a request that bypasses Cloudflare", () => {
  it("fails without a client certificate", () => assertRefusedPastTheEdge(environment));

  it("fails with Cloudflare's shared certificate", () =>
    assertRefusedPastTheEdge(environment, environment.shared));

  it("succeeds with the zone's own certificate, and only from Cloudflare's addresses", async () => {
    const past = pastTheEdge(environment);
    assert.ok(past.client !== undefined);
    assert.equal((await request("https://www.example.com/", past)).status, 200);
    assert.equal(
      (await request("https://www.example.com/", { ...past, from: addresses.stranger })).status,
      403,
    );
  });
});

describe("an old browser", () => {
  it("is rejected with TLS 1.1, and served with TLS 1.2", () => assertRefusesOldTls(environment));
});
