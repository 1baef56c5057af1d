import * as assert from "node:assert/strict";

import { places } from "./network/network-addresses";
import { visit } from "./browser";
import { pastTheEdge, refusesOldTls, refusesOthers } from "./checks";
import { world } from "./the-world";

describe("a request past Cloudflare", () => {
  it("fails without a client certificate", () => refusesOthers(world));

  it("fails with the certificate that Cloudflare shows for every zone", () =>
    refusesOthers(world, world.shared));

  it("is let in with the zone's own, and then only from Cloudflare's addresses", async () => {
    const past = pastTheEdge(world);
    assert.ok(past.client !== undefined);
    assert.equal((await visit("https://www.example.com/", past)).status, 200);
    assert.equal((await visit("https://www.example.com/", { ...past, from: places.stranger })).status, 403);
  });
});

describe("an old browser", () => {
  it("is refused with TLS 1.1, and served with TLS 1.2", () => refusesOldTls(world));
});
