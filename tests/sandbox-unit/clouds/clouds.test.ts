import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";

import { serve, type ServerType } from "@hono/node-server";

import { Clouds, inventory } from "../../../sandbox/clouds/client";
import { clouds } from "../../../sandbox/clouds/main";
import { Store } from "../../../sandbox/clouds/store";

process.env.PLATFORM_SANDBOX_HISTORY = "1";

const zone = "a".repeat(32);
const token = "t".repeat(40);

describe("the sandbox's view of the clouds", () => {
  let folder: string;
  let server: ServerType;
  let port: number;
  let client: Clouds;

  beforeEach(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "clouds-"));
    const app = clouds(new Store(path.join(folder, "clouds.json")));
    await new Promise((resolve) => {
      server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, resolve);
    });
    port = (server.address() as AddressInfo).port;
    client = new Clouds(folder, port);
    const cloudflare = { tokens: [token], zones: [{ id: zone, name: "example.com" }] };
    const seed = { ...cloudflare, rateLimit: { requests: 3, seconds: 300 } };
    assert.equal((await ask("PUT", "/sandbox/seed", { cloudflare: seed })).status, 200);
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    fs.rmSync(folder, { recursive: true });
  });

  const ask = async (method: string, where: string, body?: unknown) =>
    fetch(`http://127.0.0.1:${port}${where}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const call = async (method: string, where: string, body?: unknown) => {
    const answer = await ask(method, `/cloudflare/client/v4${where}`, body);
    assert.equal(answer.status, 200, await answer.clone().text());
    return ((await answer.json()) as { readonly result: Record<string, unknown> }).result;
  };

  it("has every change of a zone, and on request only those after a seq", async () => {
    const record = { type: "A", name: "www", content: "203.0.113.5", ttl: 1 };
    const { id } = await call("POST", `/zones/${zone}/dns_records`, record);
    await call("PATCH", `/zones/${zone}/settings/ssl`, { value: "strict" });
    const log = await client.zoneLog();
    assert.deepEqual(
      log.map(({ seq, kind, op }) => [seq, kind, op]),
      [
        [1, "dns_record", "create"],
        [2, "setting", "update"],
      ],
    );
    assert.deepEqual([log[0]?.zone, log[0]?.id, log[0]?.after?.name], [zone, id, "www.example.com"]);
    assert.deepEqual([log[1]?.before?.value, log[1]?.after?.value], ["full", "strict"]);
    assert.deepEqual(await client.zoneLog(1), log.slice(1));
    assert.deepEqual(await client.zoneLog(2), []);
  });

  it("refuses a seq that is none", async () => {
    for (const since of ["-1", "1.5", "x"])
      assert.equal((await ask("GET", `/sandbox/zone-log?since=${since}`)).status, 400, since);
  });

  it("reads what the zones hold", async () => {
    await call("PATCH", `/zones/${zone}/settings/ssl`, { value: "strict" });
    await call("PATCH", `/zones/${zone}/dnssec`, { status: "active" });
    await call("PUT", `/zones/${zone}/origin_tls_client_auth/settings`, { enabled: true });
    const { settings, dnssec, origin_pulls, tokens } = (await client.inventory()).cloudflare;
    assert.deepEqual(settings, [{ zone, id: "ssl", value: "strict" }]);
    assert.deepEqual(dnssec, [{ zone, status: "pending" }]);
    assert.deepEqual(origin_pulls, { certificates: [], settings: [{ zone, enabled: true }] });
    assert.deepEqual(tokens, []);
  });

  it("reads an inventory that has records alone", () => {
    const old = { hetzner: { load_balancers: [] }, cloudflare: { dns_records: [] } };
    const { cloudflare } = inventory.parse(old);
    const origin_pulls = { certificates: [], settings: [] };
    assert.deepEqual(cloudflare, {
      dns_records: [],
      settings: [],
      dnssec: [],
      rulesets: [],
      origin_pulls,
      tokens: [],
    });
  });

  it("does not count against the limit of calls", async () => {
    for (let i = 0; i < 5; i++) {
      await client.inventory();
      await client.zoneLog();
    }
    const { headers } = await ask("GET", `/cloudflare/client/v4/zones/${zone}`);
    assert.match(headers.get("ratelimit") ?? "", /^"default";r=2;/);
  });

  it("keeps the headers of a refusal over HTTP", async () => {
    for (let i = 0; i < 3; i++) await call("GET", "/zones");
    const { status, headers } = await ask("GET", "/cloudflare/client/v4/zones");
    assert.equal(status, 429);
    assert.match(headers.get("retry-after") ?? "", /^(299|300)$/);
    assert.match(headers.get("content-type") ?? "", /^application\/json/);
  });
});
