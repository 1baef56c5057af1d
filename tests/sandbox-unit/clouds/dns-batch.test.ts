import * as assert from "node:assert/strict";

import { first, Rig, second } from "./cloudflare-rig";

const record = (name: string, content = "198.51.100.4") => ({ type: "A", name, content });

describe("a batch of DNS records at Cloudflare", () => {
  let rig: Rig;
  beforeEach(() => (rig = new Rig()));
  afterEach(() => rig.close());

  const post = async (name: string) =>
    (await rig.call("POST", `/zones/${first}/dns_records`, record(name))).result as { readonly id: string };
  const batch = (body: object, zone = first) => rig.call("POST", `/zones/${zone}/dns_records/batch`, body);
  const contents = async () =>
    ((await rig.call("GET", `/zones/${first}/dns_records`)).result as { name: string; content: string }[])
      .map(({ name, content }) => `${name} ${content}`)
      .sort();

  it("deletes, patches, puts and posts, in this order", async () => {
    const [gone, patched, put] = [await post("gone"), await post("patched"), await post("put")];
    const { status, result } = await batch({
      posts: [record("gone", "198.51.100.9")],
      puts: [{ id: put.id, ...record("put", "198.51.100.8") }],
      patches: [{ id: patched.id, content: "198.51.100.7" }],
      deletes: [{ id: gone.id }],
    });
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(result as object).sort(), ["deletes", "patches", "posts", "puts"]);
    assert.deepEqual(await contents(), [
      "gone.example.com 198.51.100.9",
      "patched.example.com 198.51.100.7",
      "put.example.com 198.51.100.8",
    ]);
  });

  it("does nothing of it when one is refused", async () => {
    const { id } = await post("there");
    const before = await contents();
    for (const body of [
      { deletes: [{ id }], posts: [record("one"), record("one")] },
      { posts: [record("one")], patches: [{ id: "0".repeat(32), content: "198.51.100.7" }] },
    ]) {
      assert.ok((await batch(body)).status >= 400);
      assert.deepEqual(await contents(), before);
    }
  });

  it("takes 200 on a free plan, and more on others", async () => {
    const posts = Array.from({ length: 201 }, (_, n) => record(`n${n}`));
    assert.equal((await batch({ posts })).status, 400);
    assert.equal((await batch({ posts }, second)).status, 200);
  });
});
