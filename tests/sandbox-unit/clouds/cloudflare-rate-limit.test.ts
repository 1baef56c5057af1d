import * as assert from "node:assert/strict";

import { first, owner, Rig } from "./cloudflare-rig";

describe("the emulated Cloudflare's limit of calls", () => {
  let rig: Rig;
  beforeEach(() => (rig = new Rig()));
  afterEach(() => rig.close());

  const look = async (token = owner) => {
    const { status, headers, codes, said } = await rig.call("GET", `/zones/${first}`, undefined, token);
    return { status, codes, said, after: headers.get("retry-after"), left: headers.get("ratelimit") };
  };
  const ofThree = () => rig.seed({ rateLimit: { requests: 3, seconds: 60 } });

  it("is 1,200 calls in 300 seconds", async () => {
    for (let i = 0; i < 1200; i++) assert.equal((await look()).status, 200);
    assert.equal((await look()).status, 429);
    rig.clock += 299_999;
    assert.equal((await look()).status, 429);
    rig.clock += 1;
    assert.equal((await look()).status, 200);
  }).timeout(30_000);

  it("answers more calls with 429 and the seconds to wait, counted down", async () => {
    ofThree();
    for (let i = 0; i < 3; i++)
      assert.deepEqual(await look(), { ...passed, left: `"default";r=${2 - i};t=60` });
    const waits = async () => {
      const { status, codes, said, after } = await look();
      assert.deepEqual(
        [status, codes, said],
        [429, [971], "Please wait and consider throttling your request speed"],
      );
      return after;
    };
    assert.equal(await waits(), "60");
    rig.clock += 1;
    assert.equal(await waits(), "60");
    rig.clock += 999;
    assert.equal(await waits(), "59");
    rig.clock += 58_999;
    assert.equal(await waits(), "1");
    rig.clock += 1;
    assert.equal((await look()).status, 200);
  });

  it("tells the limit and what is left of it in every answer", async () => {
    ofThree();
    rig.clock += 5000;
    const { headers } = await rig.call("GET", "/zones");
    assert.equal(headers.get("ratelimit-policy"), '"default";q=3;w=60');
    rig.clock += 20_000;
    assert.equal((await look()).left, '"default";r=1;t=40');
  });

  it("counts each token by itself, also calls that are refused", async () => {
    ofThree();
    const { value } = await rig.token(["DNS Read"]);
    for (let i = 0; i < 3; i++) assert.equal((await look(value)).status, 403);
    assert.equal((await look(value)).status, 429);
    assert.equal((await look()).status, 200);
  });

  it("counts neither calls without a known token nor those that need none", async () => {
    ofThree();
    for (let i = 0; i < 5; i++) {
      assert.equal((await look("x".repeat(40))).status, 403);
      assert.equal((await rig.call("GET", "/ips")).status, 200);
    }
    assert.equal((await look()).left, '"default";r=2;t=60');
  });

  it("stays what the seed said last, over a restart and a seed that says nothing of it", async () => {
    ofThree();
    rig.seed({});
    rig.restart();
    assert.equal((await look()).left, '"default";r=2;t=60');
    rig.seed({ rateLimit: { requests: 1200, seconds: 300 } });
    assert.equal((await look()).left, '"default";r=1198;t=300');
  });

  it("refuses a seed whose limit is none", () => {
    for (const rateLimit of [
      { requests: 0, seconds: 60 },
      { requests: 1, seconds: 0 },
      { requests: 1.5, seconds: 1 },
      {},
    ])
      assert.throws(() => rig.seed({ rateLimit }), JSON.stringify(rateLimit));
  });
});

const passed = { status: 200, codes: [], said: "", after: null };
