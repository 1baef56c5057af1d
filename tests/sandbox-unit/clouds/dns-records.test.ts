import * as assert from "node:assert/strict";

import { cloudflareInventory } from "../../../sandbox/clouds/cloudflare";
import { emulatedCloudflare, zones, type Json, type Plan } from "./emulated-cloudflare";

const a = { type: "A", content: "203.0.113.5" };
const aaaa = { type: "AAAA", content: "2001:db8::1" };
const cname = { type: "CNAME", content: "example.net" };
const mx = { type: "MX", content: "mail.test", priority: 10 };
const txt = { type: "TXT", content: '"x"' };
const caa = { type: "CAA", data: { flags: 0, tag: "issue", value: "ca.test" } };
const srv = { type: "SRV", data: { priority: 1, weight: 2, port: 443, target: "a.test" } };

describe("DNS records of the emulated Cloudflare", () => {
  const { call, got, list, restart, store } = emulatedCloudflare();
  const pathOf = (plan: Plan = "free") => `/zones/${zones[plan]}/dns_records`;
  const create = (body: object, plan?: Plan) => call("POST", pathOf(plan), { name: "www", ttl: 1, ...body });
  const created = async (body: object, plan?: Plan) => {
    const { status, errors, result } = await create(body, plan);
    assert.equal(status, 200, JSON.stringify(errors));
    return result as Json & { readonly id: string };
  };

  it("have the time of their comment, if they have one", async () => {
    const { id, comment, comment_modified_on: time } = await created({ ...a, comment: "the load balancer" });
    assert.match(id, /^[0-9a-f]{32}$/);
    assert.ok(comment === "the load balancer" && !Number.isNaN(Date.parse(String(time))));
    const without = await created({ ...a, name: "b" });
    assert.ok(without.comment === null && !("comment_modified_on" in without));
  });

  for (const [given, full] of [
    ["@", "example.com"],
    ["example.com", "example.com"],
    ["WWW", "www.example.com"],
    ["www.example.com.", "www.example.com"],
    ["*", "*.example.com"],
    ["www.example.org", "www.example.org.example.com"],
    ["bücher", "xn--bcher-kva.example.com"],
  ] as const)
    it(`store the name ${given} as ${full}`, async () =>
      assert.equal((await created({ ...a, name: given })).name, full));

  const contents: readonly (readonly [body: object, stored: object])[] = [
    [{ type: "AAAA", content: "2001:DB8:0:0::1" }, { content: "2001:db8::1" }],
    [{ type: "CNAME", content: "Target.Example.NET." }, { content: "target.example.net" }],
    [{ type: "CNAME", content: "@" }, { content: "example.com" }],
    [mx, { content: "mail.test", priority: 10 }],
    [txt, { content: '"x"' }],
    [
      { type: "TXT", content: `"${"x".repeat(300)}"` },
      { content: `"${"x".repeat(255)}" "${"x".repeat(45)}"` },
    ],
    [
      { ...caa, data: { ...caa.data, flags: "0" } },
      { content: '0 issue "ca.test"', data: caa.data },
    ],
    [srv, { content: "2 443 a.test", priority: 1, data: srv.data }],
    // Bounds.
    [{ ...a, ttl: 60 }, { ttl: 60 }],
    [{ ...a, ttl: 86400 }, { ttl: 86400 }],
    [{ ...a, ttl: 300, proxied: true }, { ttl: 1 }],
    [{ ...a, comment: "é".repeat(100) }, {}],
    [{ ...a, name: "a".repeat(63) }, {}],
    [{ type: "TXT", content: "x".repeat(2048) }, {}],
    // Empty values of a response, and nulls, which clients send back.
    [{ ...a, tags: [], settings: { ipv4_only: false, flatten_cname: null }, private_routing: null }, {}],
    [
      {
        ...caa,
        content: null,
        data: { ...caa.data, port: null },
        priority: null,
        comment: null,
        proxied: null,
      },
      {},
    ],
  ];
  for (const [body, stored] of contents)
    it(`store ${JSON.stringify(body).slice(0, 90)}`, async () => {
      const record = await created(body);
      for (const [key, value] of Object.entries(stored)) assert.deepEqual(record[key], value, key);
    });

  const refused: readonly (readonly [code: number, body: unknown])[] = [
    [9005, { ...a, content: "203.0.113.256" }],
    [9005, { type: "A" }],
    [9006, { type: "AAAA", content: "203.0.113.5" }],
    [9006, { type: "AAAA", content: "fe80::1%eth0" }],
    [9007, { ...cname, content: "203.0.113.5" }],
    [9039, { ...cname, content: "www.example.com" }],
    [9000, { ...a, name: "www.example.org." }],
    [9000, { ...a, name: "w w" }],
    [9000, { ...a, name: "a.*.b" }],
    [9000, { ...a, name: "a".repeat(64) }],
    [9004, { ...txt, proxied: true }],
    [9003, { ...a, content: "10.0.0.2", proxied: true }],
    [9003, { type: "AAAA", content: "fd00::1", proxied: true }],
    [9021, { ...a, ttl: 59 }],
    [9021, { ...a, ttl: 86401 }],
    [9021, { ...a, ttl: 60.5 }],
    [9313, { ...a, comment: "x".repeat(101) }],
    [1004, { type: "TXT", content: "x".repeat(2049) }],
    [1004, { type: "TXT", content: "" }],
    [1004, { ...mx, content: "203.0.113.5" }],
    [9102, { type: "MX", content: "mail.test" }],
    [9102, { ...mx, priority: 65536 }],
    [9102, { type: "CAA", content: '0 issue "ca.test"' }],
    [9102, { ...caa, data: { ...caa.data, tag: "isue" } }],
    [9102, { ...caa, data: { ...caa.data, flags: 256 } }],
    [9102, { ...caa, data: { ...caa.data, port: 1 } }],
    [9102, { ...srv, data: { ...srv.data, weight: undefined } }],
    [9102, { ...srv, data: { ...srv.data, target: "a b" } }],
    [1004, { ...a, data: {} }],
    [9207, { type: "LOC", content: "x" }],
    [9207, { ...a, prority: 1 }],
    [9207, { ...a, ttl: "60" }],
    [9207, { ...a, tags: ["team:a"] }],
    [9207, { ...a, settings: { ipv4_only: true } }],
    [9207, "{"],
  ];
  for (const [code, body] of refused)
    it(`refuse ${JSON.stringify(body).slice(0, 90)} with ${code}`, async () => {
      const answer =
        typeof body === "string" ? await call("POST", pathOf(), body) : await create(body as object);
      assert.deepEqual([answer.status, answer.success, answer.codes], [400, false, [code]]);
      assert.deepEqual(cloudflareInventory(store()).dns_records, []);
    });

  it("have all their errors in one response", async () => {
    const { codes } = await create({ type: "A", content: "x", ttl: 2, name: "a b" });
    assert.deepEqual(codes.toSorted(), [9000, 9005, 9021]);
  });

  it("have comments of 500 characters on a paid plan, and shorter TTLs on Enterprise", async () => {
    await created({ ...a, comment: "x".repeat(500) }, "pro");
    assert.deepEqual((await create({ ...mx, comment: "x".repeat(501) }, "pro")).codes, [9313]);
    await created({ ...a, ttl: 30 }, "enterprise");
  });

  const pairs: readonly (readonly [first: object, second: object, code: number | undefined])[] = [
    [a, { ...a, ttl: 300, comment: "x" }, 81058],
    [{ type: "TXT", content: "x" }, txt, 81058],
    [a, cname, 81053],
    [aaaa, cname, 81053],
    [cname, { ...cname, content: "other.test" }, 81053],
    [cname, cname, 81058],
    [cname, a, 81054],
    [cname, aaaa, 81054],
    [a, { ...a, content: "203.0.113.6" }, undefined],
    [a, aaaa, undefined],
    [cname, txt, undefined],
    [a, { ...cname, name: "other" }, undefined],
  ];
  for (const [first, second, code] of pairs)
    it(`answer ${code ?? "200"} for ${JSON.stringify(second)} beside ${JSON.stringify(first)}`, async () => {
      await created(first);
      assert.equal((await create(second)).codes[0], code);
    });

  it("are replaced by PUT: absent fields have their defaults, and others may not be the same", async () => {
    const { id, created_on } = await created({ ...a, ttl: 300, comment: "old" });
    const body = { name: "www", type: "A", content: "203.0.113.6" };
    const record = await got("PUT", `${pathOf()}/${id}`, body);
    const expected = { ...body, name: "www.example.com", id, created_on, ttl: 1, comment: null };
    assert.deepEqual({ ...record, ...expected }, record);
    await created(a);
    assert.deepEqual((await call("PUT", `${pathOf()}/${id}`, { name: "www", ...a })).codes, [81058]);
  });

  it("are listed by name and type, a hundred a page", async () => {
    for (let i = 0; i < 101; i++) await created({ ...a, name: `r${i}` });
    await created({ ...txt, name: "r7" });
    const count = async (query: string) => (await list(`${pathOf()}${query}`)).length;
    assert.deepEqual(await Promise.all(["", "?page=2", "?page=3", "?per_page=102"].map(count)), [
      ...[100, 2, 0, 102],
    ]);
    assert.equal(await count("?name=r7.example.com"), 2);
    assert.equal(await count("?name=r7.example.com&type=TXT&per_page=100"), 1);
    assert.equal((await call("GET", `${pathOf()}?typ=A`)).status, 400);
  });

  it("survive a restart", async () => {
    const { id } = await created({ ...a, comment: "x" });
    const before = await got("GET", `${pathOf()}/${id}`);
    restart();
    assert.deepEqual(await got("GET", `${pathOf()}/${id}`), before);
  });

  describe("in a batch", () => {
    const batch = (body: object, plan?: Plan) => call("POST", `${pathOf(plan)}/batch`, body);
    const record = (name: string, content = "198.51.100.4") => ({ type: "A", name, content });
    const stored = async () =>
      (await list(pathOf())).map(({ name, content }) => `${String(name)} ${String(content)}`).sort();

    it("are deleted, put and posted, in this order", async () => {
      const [gone, put] = [await created(record("gone")), await created(record("put"))];
      const { status, result } = await batch({
        posts: [record("gone", "198.51.100.9")],
        puts: [{ id: put.id, ...record("put", "198.51.100.8") }],
        deletes: [{ id: gone.id }],
      });
      assert.equal(status, 200);
      assert.deepEqual(Object.keys(result as object).sort(), ["deletes", "patches", "posts", "puts"]);
      assert.deepEqual(await stored(), ["gone.example.com 198.51.100.9", "put.example.com 198.51.100.8"]);
    });

    it("are all left as they are if one change is refused", async () => {
      const { id } = await created(record("there"));
      const before = await stored();
      for (const body of [
        { deletes: [{ id }], posts: [record("one"), record("one")] },
        { posts: [record("one")], puts: [{ id: "0".repeat(32), ...record("two") }] },
      ]) {
        assert.ok((await batch(body)).status >= 400);
        assert.deepEqual(await stored(), before);
      }
    });

    it("are 200 at most on Free, as many as the zone may have", async () => {
      const posts = Array.from({ length: 201 }, (_, n) => record(`n${n}`));
      assert.equal((await batch({ posts })).status, 400);
      assert.equal((await batch({ posts }, "pro")).status, 200);
      assert.equal((await batch({ posts: posts.slice(1) })).status, 200);
      assert.deepEqual((await create(a)).codes, [81045]);
    });
  });
});
