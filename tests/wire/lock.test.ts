import * as assert from "node:assert/strict";

import { addresses } from "./network/network-addresses";
import { request } from "./browser";
import { pastTheEdge, assertRefusesOldTls, assertRefusedPastTheEdge } from "./checks";
import { environment } from "./shared-environment";

describe("a request past Cloudflare", () => {
  it("fails without a client certificate", () => assertRefusedPastTheEdge(environment));

  it("fails with the certificate that Cloudflare shows for every zone", () =>
    assertRefusedPastTheEdge(environment, environment.shared));

  it("is let in with the zone's own, and then only from Cloudflare's addresses", async () => {
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
  it("is refused with TLS 1.1, and served with TLS 1.2", () => assertRefusesOldTls(environment));
});
