import * as assert from "node:assert/strict";

import { compare } from "bcryptjs";

import { randomProvider } from "../../../sandbox/plugins/random/provider";
import { randomPassword } from "../../../sandbox/plugins/random/random-password";
import { UNKNOWN, type Props } from "../../../sandbox/plugins/fake-provider";

/** The program's inputs, with these changes and the provider's defaults. */
const withDefaults = (changes: Props) =>
  randomPassword.withDefaults?.({ length: 32, special: false, ...changes }, "p", undefined) ?? assert.fail();
const errors = (changes: Props) =>
  randomPassword.validate?.(withDefaults(changes)).map(({ property }) => property);

describe("The stand-in for the random provider", () => {
  it("creates a password of letters and digits, all of them equally likely", async () => {
    const counts = new Map<string, number>();
    const { outputs } = await randomPassword.create(withDefaults({ length: 62_000 }), "p");
    for (const character of String(outputs.result)) counts.set(character, (counts.get(character) ?? 0) + 1);
    assert.match([...counts.keys()].join(""), /^[a-zA-Z0-9]{62}$/);
    // Expected 1000 each, standard deviation 31: ten deviations never happen by chance.
    for (const count of counts.values()) assert.ok(Math.abs(count - 1000) < 310, String(count));
  });

  it("adds a bcrypt hash of cost 10 that verifies, under the id none", async () => {
    const { id, outputs } = await randomPassword.create(withDefaults({}), "p");
    assert.equal(id, "none");
    assert.match(String(outputs.result), /^[a-zA-Z0-9]{32}$/);
    assert.match(String(outputs.bcryptHash), /^\$2a\$10\$[./A-Za-z0-9]{53}$/);
    assert.ok(await compare(String(outputs.result), String(outputs.bcryptHash)));
  });

  it("has the real provider's defaults, so that neither replaces what the other created", () =>
    assert.deepEqual(randomPassword.withDefaults?.({ length: 8 }, "p", undefined), {
      ...{ length: 8, lower: true, upper: true, special: true, numeric: true, number: true },
      ...{ minLower: 0, minUpper: 0, minNumeric: 0, minSpecial: 0 },
    }));

  it("reads what the state has, and refuses an update", async () => {
    const last = { inputs: { length: 4 }, outputs: { result: "abcd", bcryptHash: "h" } };
    assert.deepEqual(await randomPassword.read("none", last), last);
    await assert.rejects(randomPassword.update("none", { length: 8 }, last), /cannot be updated/);
  });

  for (const [changes, ...properties] of [
    [{}],
    [{ length: UNKNOWN }],
    [{ length: 0 }, "length"],
    [{ length: "8" }, "length"],
    [{ minLower: 1 }, "minLower"],
    [{ special: true }, "special"],
  ] as const)
    it(`validates ${JSON.stringify(changes)}`, () => assert.deepEqual(errors(changes), properties));

  it("has no provider arguments", () => {
    const refused = randomProvider().checkConfig?.({ version: "4.21.2", seed: "1" });
    assert.deepEqual(
      refused?.map(({ property }) => property),
      ["seed"],
    );
  });
});
