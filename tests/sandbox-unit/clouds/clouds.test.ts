import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import type { AddressInfo } from "node:net";
import * as path from "node:path";

import { serve, type ServerType } from "@hono/node-server";

import { Clouds } from "../../../sandbox/clouds/client";
import { clouds } from "../../../sandbox/clouds/main";
import { Store } from "../../../sandbox/clouds/store";
import { temporary } from "../temporary";

process.env.PLATFORM_SANDBOX_HISTORY = "1";

const zone = "a".repeat(32);
const [hetznerToken, cloudflareToken] = ["h".repeat(64), "c".repeat(40)];

describe("The process of the clouds", () => {
  const folder = temporary("clouds-");
  let server: ServerType;
  let client: Clouds;
  let url: string;

  beforeEach(async () => {
    const home = folder();
    const app = clouds(new Store(path.join(home, "clouds.json")));
    await new Promise((resolve) => {
      server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, resolve);
    });
    const { port } = server.address() as AddressInfo;
    [client, url] = [new Clouds(home, port), `http://127.0.0.1:${port}`];
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
  });

  const seed = async (body: string) => fetch(`${url}/sandbox/seed`, { method: "PUT", body });
  const seedBoth = async () => {
    const cloudflare = {
      tokens: [cloudflareToken],
      zones: [{ id: zone, name: "example.com" }],
      rateLimit: { requests: 3, seconds: 300 },
    };
    const answer = await seed(JSON.stringify({ hetzner: { tokens: [hetznerToken] }, cloudflare }));
    assert.equal(answer.status, 200);
  };
  const call = async (token: string, method: string, where: string, body?: unknown) =>
    fetch(url + where, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const change = (where: string, method: string, body: unknown) =>
    call(cloudflareToken, method, `/cloudflare/client/v4/zones/${zone}${where}`, body);

  it("serves both clouds below their paths to the tokens of the seed", async () => {
    const statuses = async () => [
      (await call(hetznerToken, "GET", "/hetzner/v1/servers")).status,
      (await call(cloudflareToken, "GET", "/cloudflare/client/v4/zones")).status,
    ];
    assert.deepEqual(await statuses(), [401, 403]);
    await seedBoth();
    assert.deepEqual(await statuses(), [200, 200]);
    assert.deepEqual(await (await fetch(`${url}/sandbox/health`)).json(), { ok: true });
  });

  for (const body of ["{", '{"aws": {}}', '{"hetzner": {"tokens": ["short"]}}'])
    it(`refuses the seed ${body} with a reason`, async () => {
      const answer = await seed(body);
      assert.equal(answer.status, 400);
      assert.match(await answer.text(), /The seed of the clouds is refused/);
    });

  it("lists what the zones have, and each of its changes", async () => {
    await seedBoth();
    await change("/settings/ssl", "PATCH", { value: "strict" });
    await change("/dnssec", "PATCH", { status: "active" });
    const { cloudflare, hetzner } = await client.inventory();
    assert.deepEqual([hetzner.load_balancers, cloudflare.dns_records], [[], []]);
    assert.deepEqual(cloudflare.settings, [{ zone, id: "ssl", value: "strict" }]);
    assert.deepEqual(
      (await client.zoneLog()).map(({ seq, kind, op, before }) => [seq, kind, op, before?.value]),
      [
        [1, "setting", "update", "full"],
        [2, "dnssec", "update", undefined],
      ],
    );
  });

  it("does not count its own routes against the rate limit, and keeps the headers of an error", async () => {
    await seedBoth();
    for (let i = 0; i < 5; i++) await client.inventory();
    for (let i = 0; i < 3; i++) assert.equal((await change("", "GET", undefined)).status, 200);
    const { status, headers } = await change("", "GET", undefined);
    assert.equal(status, 429);
    assert.match(headers.get("retry-after") ?? "", /^(299|300)$/);
    assert.match(headers.get("content-type") ?? "", /^application\/json/);
  });
});

describe("The store of the clouds", () => {
  const folder = temporary("store-");

  it("gives back what was saved, and only that", () => {
    const file = path.join(folder(), "deep", "er", "store.json");
    const store = new Store(file);
    const section = store.section("one", () => ({ n: 1 }));
    section.n = 2;
    store.save();
    section.n = 3;
    const initial = () => ({ n: 0 });
    assert.deepEqual(new Store(file).section("one", initial), { n: 2 });
    assert.equal(store.section("one", initial), section);
  });

  for (const text of ['{"hetzner": {', "[]", '{"hetzner": 5}', ""])
    it(`explains how to start afresh if the file is ${JSON.stringify(text)}`, () => {
      const file = path.join(folder(), "broken.json");
      fs.writeFileSync(file, text);
      const message = /cannot be read: .*broken\.json.*npm start -- stop.*remove the folder/s;
      assert.throws(() => new Store(file), message);
    });
});
