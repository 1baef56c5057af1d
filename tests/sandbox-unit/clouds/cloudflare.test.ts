import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import * as fc from "fast-check";

import { cloudflare, cloudflareInventory, seedCloudflare } from "../../../sandbox/clouds/cloudflare";
import { Store } from "../../../sandbox/clouds/store";

const token = "t".repeat(40);
const free = { id: "a".repeat(32), name: "example.com", plan: "free" };
const pro = { id: "b".repeat(32), name: "example.org", plan: "pro" };

interface Answer {
  readonly success: boolean;
  readonly result: unknown;
  readonly errors: readonly { readonly code: number; readonly message: string }[];
  readonly messages: readonly unknown[];
  readonly result_info?: Readonly<Record<string, number>>;
}

describe("the emulated Cloudflare", () => {
  let file: string;
  let store: Store;

  beforeEach(() => {
    file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "cloudflare-")), "clouds.json");
    store = new Store(file);
    seedCloudflare(store, { tokens: [token], zones: [free, pro] });
  });
  afterEach(() => fs.rmSync(path.dirname(file), { recursive: true }));

  const call = async (method: string, where: string, body?: unknown, auth = `Bearer ${token}`) => {
    const headers: Record<string, string> = auth === "" ? {} : { authorization: auth };
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const response = await cloudflare(store).request(where, {
      method,
      headers,
      ...(body !== undefined && { body: text }),
    });
    return { status: response.status, ...((await response.json()) as Answer) };
  };
  const records = (zone = free) => `/zones/${zone.id}/dns_records`;
  const create = (body: object, zone = free) => call("POST", records(zone), { name: "www", ttl: 1, ...body });
  const made = async (body: object, zone = free) => {
    const answer = await create(body, zone);
    assert.equal(answer.status, 200, JSON.stringify(answer.errors));
    return answer.result as Record<string, unknown> & { readonly id: string };
  };
  const a = { type: "A", content: "203.0.113.5" };

  it("creates a record with exactly the fields of the API", async () => {
    const record = await made({ ...a, comment: "the load balancer" });
    const {
      id,
      created_on: created,
      modified_on: modified,
      comment_modified_on: commented,
      ...rest
    } = record;
    assert.match(id, /^[0-9a-f]{32}$/);
    for (const time of [created, modified, commented]) assert.ok(!Number.isNaN(Date.parse(String(time))));
    assert.deepEqual(rest, {
      name: "www.example.com",
      type: "A",
      content: "203.0.113.5",
      proxiable: true,
      proxied: false,
      ttl: 1,
      settings: {},
      meta: {},
      comment: "the load balancer",
      tags: [],
    });
  });

  it("leaves the times of comment and tags away without them", async () => {
    const record = await made(a);
    assert.equal(record.comment, null);
    assert.ok(!("comment_modified_on" in record) && !("tags_modified_on" in record));
  });

  const names: readonly (readonly [given: string, full: string])[] = [
    ["@", "example.com"],
    ["example.com", "example.com"],
    ["WWW", "www.example.com"],
    ["www.example.com.", "www.example.com"],
    ["*", "*.example.com"],
    ["a.b", "a.b.example.com"],
    ["www.example.org", "www.example.org.example.com"],
    ["bücher", "xn--bcher-kva.example.com"],
  ];
  for (const [given, full] of names)
    it(`completes the name ${given} to ${full}`, async () => {
      assert.equal((await made({ ...a, name: given })).name, full);
    });

  const spellings: readonly (readonly [body: object, content: string])[] = [
    [{ type: "AAAA", content: "2001:DB8:0:0::1" }, "2001:db8::1"],
    [{ type: "CNAME", content: "Target.Example.NET." }, "target.example.net"],
    [{ type: "CNAME", content: "@" }, "example.com"],
    [{ type: "MX", content: "mail.example.net", priority: 10 }, "mail.example.net"],
    [{ type: "TXT", content: '"v=spf1 -all"' }, '"v=spf1 -all"'],
    [{ type: "TXT", content: `"${"x".repeat(300)}"` }, `"${"x".repeat(255)}" "${"x".repeat(45)}"`],
    [{ type: "CAA", data: { flags: "0", tag: "issue", value: "ca.test" } }, '0 issue "ca.test"'],
    [{ type: "SRV", data: { priority: 1, weight: 2, port: 443, target: "a.test" } }, "2 443 a.test"],
  ];
  for (const [body, content] of spellings)
    it(`stores ${JSON.stringify(body).slice(0, 60)} as ${content.slice(0, 40)}`, async () => {
      assert.equal((await made(body)).content, content);
    });

  it("shows the priority of an SRV record inside data and beside it", async () => {
    const data = { priority: 1, weight: 2, port: 443, target: "a.test" };
    const record = await made({ type: "SRV", data });
    assert.deepEqual([record.priority, record.data], [1, data]);
  });

  it("takes a null for what is absent, as clients send it in a PUT", async () => {
    const { id } = await made({ ...a, comment: "old" });
    const data = { flags: 0, tag: "issue", value: "ca.test", port: null };
    const body = { name: "@", type: "CAA", ttl: 1, content: null, data, priority: null, comment: null };
    const rest = { proxied: null, tags: null, settings: { ipv4_only: null }, private_routing: null };
    const { result } = await call("PUT", `${records()}/${id}`, { ...body, ...rest });
    const { content, comment, settings } = result as Record<string, unknown>;
    assert.deepEqual([content, comment, settings], ['0 issue "ca.test"', null, {}]);
  });

  it("reports ttl 1 for a proxied record whatever was asked", async () => {
    assert.equal((await made({ ...a, proxied: true, ttl: 300 })).ttl, 1);
  });

  const cname = { type: "CNAME", content: "example.net" };
  const mx = { type: "MX", content: "mail.test" };
  const caa = { type: "CAA", data: { flags: 0, tag: "issue", value: "ca.test" } };
  const srv = { type: "SRV", data: { priority: 0, weight: 0, port: 1, target: "a.test" } };
  const refused: readonly (readonly [what: string, code: number, body: unknown])[] = [
    ["an invalid IPv4 address", 9005, { ...a, content: "203.0.113.256" }],
    ["a missing IPv4 address", 9005, { type: "A" }],
    ["an invalid IPv6 address", 9006, { type: "AAAA", content: "203.0.113.5" }],
    ["an IPv6 address with a zone", 9006, { type: "AAAA", content: "fe80::1%eth0" }],
    ["an alias to an address", 9007, { ...cname, content: "203.0.113.5" }],
    ["an alias to itself", 9039, { ...cname, content: "www.example.com" }],
    ["a name outside the zone", 9000, { ...a, name: "www.example.org." }],
    ["a name with a space", 9000, { ...a, name: "w w" }],
    ["a wildcard in the middle", 9000, { ...a, name: "a.*.b" }],
    ["a label of 64 characters", 9000, { ...a, name: "a".repeat(64) }],
    ["a proxied TXT", 9004, { type: "TXT", content: '"x"', proxied: true }],
    ["a proxied private address", 9003, { ...a, content: "10.0.0.2", proxied: true }],
    ["a proxied local IPv6 address", 9003, { type: "AAAA", content: "fd00::1", proxied: true }],
    ["ttl 59", 9021, { ...a, ttl: 59 }],
    ["ttl 86401", 9021, { ...a, ttl: 86401 }],
    ["a ttl with a fraction", 9021, { ...a, ttl: 60.5 }],
    ["a comment of 101 characters", 9313, { ...a, comment: "x".repeat(101) }],
    ["a tag on the free plan", 9300, { ...a, tags: ["team:a"] }],
    ["a TXT of 2049 characters", 1004, { type: "TXT", content: "x".repeat(2049) }],
    ["an empty TXT", 1004, { type: "TXT", content: "" }],
    ["an MX without priority", 9101, mx],
    ["an MX to an address", 1004, { ...mx, priority: 1, content: "203.0.113.5" }],
    ["an MX with a priority out of range", 9102, { ...mx, priority: 65536 }],
    ["a CAA without data", 9101, { type: "CAA", content: '0 issue "ca.test"' }],
    ["a CAA with an unknown tag", 9102, { ...caa, data: { ...caa.data, tag: "isue" } }],
    ["a CAA with flags out of range", 9102, { ...caa, data: { ...caa.data, flags: 256 } }],
    ["a CAA with a field of SRV", 1004, { ...caa, data: { ...caa.data, port: 1 } }],
    ["an SRV without weight", 9101, { ...srv, data: { priority: 0, port: 1, target: "a.test" } }],
    ["an SRV with a port out of range", 9102, { ...srv, data: { ...srv.data, port: 70000 } }],
    ["data for an A record", 1004, { ...a, data: {} }],
    ["flattening a proxied alias", 1004, { ...cname, proxied: true, settings: { flatten_cname: true } }],
    ["ipv4_only without proxy", 1004, { ...a, settings: { ipv4_only: true } }],
    ["an unknown type", 9207, { type: "LOC", content: "x" }],
    ["an unknown field", 9207, { ...a, prority: 1 }],
    ["a text as ttl", 9207, { ...a, ttl: "60" }],
    ["private routing", 9207, { ...a, private_routing: true }],
    ["a body that is no JSON", 9207, "{"],
  ];
  for (const [what, code, body] of refused)
    it(`refuses ${what} with ${code}`, async () => {
      const answer =
        typeof body === "string" ? await call("POST", records(), body) : await create(body as object);
      assert.equal(answer.status, 400);
      assert.deepEqual(
        answer.errors.map((error) => error.code),
        [code],
      );
      assert.deepEqual([answer.success, answer.result, answer.messages], [false, null, []]);
      assert.deepEqual(cloudflareInventory(store).dns_records, []);
    });

  it("names all faults of a record at once", async () => {
    const { errors } = await create({ type: "A", content: "x", ttl: 2, name: "a b" });
    assert.deepEqual(errors.map(({ code }) => code).sort(), [9000, 9005, 9021]);
  });

  it("takes the bounds themselves", async () => {
    for (const ttl of [1, 60, 86400]) await made({ ...a, name: `ttl${ttl}`, ttl });
    await made({ ...a, comment: "é".repeat(100) });
    await made({ type: "TXT", content: "x".repeat(2048) });
    await made({ ...a, name: "a".repeat(63) });
  });

  it("gives a paid plan its tags and longer comments, and no more", async () => {
    const record = await made({ ...a, comment: "x".repeat(500), tags: ["team:a"] }, pro);
    assert.ok("tags_modified_on" in record);
    assert.equal(
      (await create({ ...cname, name: "c", comment: "x".repeat(501) }, pro)).errors[0]?.code,
      9313,
    );
  });

  const pairs: readonly (readonly [first: object, second: object, code: number | undefined])[] = [
    [a, a, 81058],
    [a, { ...a, ttl: 300, comment: "x" }, 81058],
    [{ type: "TXT", content: "x" }, { type: "TXT", content: '"x"' }, 81058],
    [a, cname, 81053],
    [{ type: "AAAA", content: "2001:db8::1" }, cname, 81053],
    [cname, { ...cname, content: "other.test" }, 81053],
    [cname, cname, 81058],
    [cname, a, 81054],
    [cname, { type: "AAAA", content: "2001:db8::1" }, 81054],
    [a, { ...a, content: "203.0.113.6" }, undefined],
    [a, { type: "AAAA", content: "2001:db8::1" }, undefined],
    [cname, { type: "TXT", content: '"x"' }, undefined],
    [a, { ...cname, name: "other" }, undefined],
  ];
  for (const [first, second, code] of pairs)
    it(`answers ${code ?? "200"} for ${JSON.stringify(second)} beside ${JSON.stringify(first)}`, async () => {
      await made(first);
      assert.equal((await create(second)).errors[0]?.code, code);
    });

  it("refuses the 201st record of a free zone with 81045", async () => {
    for (let i = 0; i < 200; i++) await made({ ...a, name: `r${i}` });
    const { status, errors } = await create(a);
    assert.deepEqual([status, errors[0]?.code], [400, 81045]);
  }).timeout(30_000);

  it("replaces by PUT: what the body leaves out falls back to its default", async () => {
    const { id, created_on } = await made({ ...a, ttl: 300, comment: "old" });
    const { result } = await call("PUT", `${records()}/${id}`, {
      name: "www",
      type: "A",
      content: "203.0.113.6",
    });
    const record = result as Record<string, unknown>;
    assert.deepEqual(
      [record.id, record.created_on, record.content, record.ttl, record.comment],
      [id, created_on, "203.0.113.6", 1, null],
    );
  });

  it("changes by PATCH only what the body says, even the type", async () => {
    const { id } = await made({ ...a, ttl: 300, comment: "kept" });
    const patched = (await call("PATCH", `${records()}/${id}`, { content: "203.0.113.6" })).result as Record<
      string,
      unknown
    >;
    assert.deepEqual([patched.content, patched.ttl, patched.comment], ["203.0.113.6", 300, "kept"]);
    const turned = (await call("PATCH", `${records()}/${id}`, caa)).result as Record<string, unknown>;
    assert.deepEqual([turned.type, turned.content], ["CAA", '0 issue "ca.test"']);
  });

  it("lets a record keep its own content and refuses another's in an update", async () => {
    const { id } = await made(a);
    const body = { name: "www", ...a, ttl: 60 };
    assert.equal((await call("PUT", `${records()}/${id}`, body)).status, 200);
    await made({ ...a, content: "203.0.113.6" });
    const answer = await call("PATCH", `${records()}/${id}`, { content: "203.0.113.6" });
    assert.deepEqual([answer.status, answer.errors[0]?.code], [400, 81058]);
  });

  it("deletes once and answers 404 with 81044 from then on", async () => {
    const { id } = await made(a);
    const answer = await call("DELETE", `${records()}/${id}`);
    assert.deepEqual([answer.status, answer.success, answer.result], [200, true, { id }]);
    for (const method of ["GET", "DELETE", "PUT", "PATCH"]) {
      const gone = await call(
        method,
        `${records()}/${id}`,
        method.startsWith("P") ? { name: "www", ...a } : undefined,
      );
      assert.deepEqual([gone.status, gone.errors[0]?.code], [404, 81044], method);
    }
  });

  it("answers 404 with 7003 for another zone and for paths it does not have", async () => {
    const stranger = `/zones/${"c".repeat(32)}`;
    for (const where of [
      stranger,
      `${stranger}/dns_records`,
      "/zones/example.com",
      `${records()}/a/b`,
      "/accounts",
    ]) {
      const { status, errors } = await call("GET", where);
      assert.deepEqual([status, errors[0]?.code], [404, 7003], where);
    }
  });

  const strangers: readonly (readonly [where: string, auth: string, status: number, code: number])[] = [
    ["/zones", `Bearer ${"x".repeat(40)}`, 403, 9109],
    [`/zones/${free.id}/dns_records`, `Bearer ${"x".repeat(40)}`, 403, 10000],
    ["/user/tokens/verify", `Bearer ${"x".repeat(40)}`, 401, 1000],
    ["/zones", "Bearer short", 400, 6003],
    ["/zones", "", 400, 9106],
  ];
  for (const [where, auth, status, code] of strangers)
    it(`answers ${status} with ${code} at ${where.slice(0, 20)} for "${auth.slice(0, 12)}"`, async () => {
      const answer = await call("GET", where, undefined, auth);
      assert.deepEqual([answer.status, answer.errors[0]?.code], [status, code]);
    });

  it("verifies a known token, and gives the address ranges to anybody", async () => {
    assert.equal((await call("GET", "/user/tokens/verify")).status, 200);
    const ranges = (await call("GET", "/ips", undefined, "")).result as Record<string, readonly string[]>;
    assert.deepEqual(Object.keys(ranges), ["ipv4_cidrs", "ipv6_cidrs", "etag"]);
    assert.ok(ranges.ipv4_cidrs?.includes("104.16.0.0/13") && ranges.ipv6_cidrs?.includes("2606:4700::/32"));
  });

  it("lists zones by name and account, and an empty page after the last", async () => {
    const all = await call("GET", "/zones?page=1&per_page=5");
    const [zone] = all.result as readonly Record<string, Record<string, string>>[];
    assert.deepEqual(all.result_info, { page: 1, per_page: 5, count: 2, total_count: 2, total_pages: 1 });
    assert.deepEqual((await call("GET", "/zones?page=2")).result, []);
    const count = async (query: string) =>
      ((await call("GET", `/zones?${query}`)).result as unknown[]).length;
    assert.equal(await count("name=example.com"), 1);
    assert.equal(await count("name=example.net"), 0);
    assert.equal(await count(`account.id=${zone?.account?.id ?? ""}`), 2);
    assert.equal(await count(`account.id=${"0".repeat(32)}`), 0);
    assert.equal(await count("name=example.com&status=pending&match=any"), 1);
    for (const query of ["per_page=51", "per_page=4", "page=0", "nmae=x"])
      assert.equal((await call("GET", `/zones?${query}`)).status, 400, query);
  });

  it("pages through records without loss or repetition until a page is empty", async () => {
    for (let i = 0; i < 7; i++) await made({ ...a, name: `r${i}` });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 8 }), async (size) => {
        const seen: unknown[] = [];
        for (let page = 1; ; page++) {
          const answer = await call("GET", `${records()}?page=${page}&per_page=${size}`);
          const found = answer.result as readonly { readonly name: string }[];
          if (found.length === 0) break;
          seen.push(...found.map(({ name }) => name));
        }
        assert.deepEqual(
          seen,
          [0, 1, 2, 3, 4, 5, 6].map((i) => `r${i}.example.com`),
        );
      }),
      { numRuns: 8 },
    );
  });

  it("filters and orders records", async () => {
    await made({ ...a, name: "b", proxied: true });
    await made({ ...cname, name: "c", comment: "alias" });
    await made({ ...a, name: "a", ttl: 600 });
    const list = async (query: string) =>
      ((await call("GET", `${records()}?${query}`)).result as { name: string }[])
        .map(({ name }) => name[0])
        .join("");
    assert.equal(await list("type=A"), "ba");
    assert.equal(await list("name=c.example.com"), "c");
    assert.equal(await list("name.contains=a.exam"), "a");
    assert.equal(await list("content=203.0.113.5&proxied=true"), "b");
    assert.equal(await list("type=CNAME&proxied=true&match=any"), "bc");
    assert.equal(await list("comment=alias"), "c");
    assert.equal(await list("order=name"), "abc");
    assert.equal(await list("order=name&direction=desc"), "cba");
    assert.equal((await call("GET", `${records()}?typ=A`)).status, 400);
    assert.equal((await call("GET", `${records()}?order=colour`)).status, 400);
  });

  it("keeps everything over a restart, each change before its answer", async () => {
    const { id } = await made({ ...a, comment: "x" });
    const before = await call("GET", `${records()}/${id}`);
    store = new Store(file);
    assert.deepEqual(await call("GET", `${records()}/${id}`), before);
    await call("PATCH", `${records()}/${id}`, { ttl: 600 });
    store = new Store(file);
    assert.equal(((await call("GET", `${records()}/${id}`)).result as { ttl: number }).ttl, 600);
    await call("DELETE", `${records()}/${id}`);
    store = new Store(file);
    assert.deepEqual(cloudflareInventory(store).dns_records, []);
  });

  it("takes the same seed again and removes nothing", async () => {
    const record = await made(a);
    const { created_on } = (await call("GET", `/zones/${free.id}`)).result as { created_on: string };
    seedCloudflare(store, { tokens: ["u".repeat(40)], zones: [{ ...free, plan: "pro" }] });
    const zone = (await call("GET", `/zones/${free.id}`)).result as {
      created_on: string;
      plan: { legacy_id: string };
    };
    assert.deepEqual([zone.created_on, zone.plan.legacy_id], [created_on, "pro"]);
    assert.deepEqual(cloudflareInventory(store).dns_records, [record]);
    assert.equal((await call("GET", `/zones/${pro.id}`, undefined, `Bearer ${"u".repeat(40)}`)).status, 200);
  });

  it("leaves a zone on its plan when a seed names none, at first on Free", async () => {
    const planOf = async (id: string) =>
      ((await call("GET", `/zones/${id}`)).result as { plan: { legacy_id: string } }).plan.legacy_id;
    const fresh = { id: "c".repeat(32), name: "example.net" };
    seedCloudflare(store, { tokens: [], zones: [{ id: pro.id, name: pro.name }, fresh] });
    assert.deepEqual([await planOf(pro.id), await planOf(fresh.id)], ["pro", "free"]);
  });

  it("reads the file of a version that knew only tokens and zones", async () => {
    const zone = { ...free, createdOn: "2026-01-01T00:00:00.000Z" };
    fs.writeFileSync(file, JSON.stringify({ cloudflare: { tokens: [token], zones: [zone] } }));
    store = new Store(file);
    assert.equal((await call("GET", `/zones/${free.id}`)).status, 200);
    assert.equal((await call("GET", "/user/tokens")).status, 200);
    const { dns_records, ...rest } = cloudflareInventory(store);
    assert.deepEqual(dns_records, []);
    const origin_pulls = { certificates: [], settings: [] };
    assert.deepEqual(rest, { settings: [], dnssec: [], rulesets: [], origin_pulls, tokens: [] });
  });

  it("refuses a seed it does not understand", () => {
    for (const seed of [
      {},
      { tokens: ["short"], zones: [] },
      { tokens: [], zones: [{ ...free, id: "example" }] },
      { tokens: [], zones: [{ ...free, plan: "gold" }] },
      { tokens: [], zones: [], records: [] },
    ])
      assert.throws(() => seedCloudflare(store, seed), JSON.stringify(seed));
  });
});
