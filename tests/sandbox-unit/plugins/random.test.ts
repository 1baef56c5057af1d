import * as assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { compare } from "bcryptjs";
import * as fc from "fast-check";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

import { randomProvider } from "../../../sandbox/plugins/random/provider";
import { randomText, withTextDefaults } from "../../../sandbox/plugins/random/text";
import { UNKNOWN, type Observed, type Props } from "../../../sandbox/plugins/stand-in";

const nothing: Observed = { inputs: {}, outputs: {} };
const kindOf = (name: string) =>
  randomProvider().kind(`random:index/random${name}:Random${name}`) ?? assert.fail(`no Random${name}`);
const password = kindOf("Password");

const kinds = { lower: /[a-z]/g, upper: /[A-Z]/g, numeric: /[0-9]/g, special: /[^a-zA-Z0-9]/g };
const countOf = (text: string, kind: keyof typeof kinds) => text.match(kinds[kind])?.length ?? 0;

/** Inputs as a program may give them, at least one kind of character allowed, the minimums within the length. */
const programs = fc
  .record({
    lower: fc.boolean(),
    upper: fc.boolean(),
    numeric: fc.boolean(),
    special: fc.boolean(),
    minLower: fc.nat(4),
    minUpper: fc.nat(4),
    minNumeric: fc.nat(4),
    minSpecial: fc.nat(4),
    overrideSpecial: fc.option(fc.constantFrom("", "_", "-._~"), { nil: undefined }),
    more: fc.integer({ min: 1, max: 40 }),
  })
  .filter(({ lower, upper, numeric, special }) => lower || upper || numeric || special)
  .map(({ more, ...rest }) => ({
    ...rest,
    length: more + rest.minLower + rest.minUpper + rest.minNumeric + rest.minSpecial,
  }));

describe("the stand-in for the random provider", () => {
  it("makes texts of the length, the characters and the minimums that were asked for", () => {
    fc.assert(
      fc.property(programs, (program) => {
        assert.deepEqual(password.faults?.(withTextDefaults(program)), []);
        const text = randomText(withTextDefaults(program));
        assert.equal(text.length, program.length);
        const special =
          program.overrideSpecial === undefined || program.overrideSpecial === ""
            ? "!@#$%&*()-_=+[]{}<>:?"
            : program.overrideSpecial;
        for (const character of text.match(kinds.special) ?? []) assert.ok(special.includes(character));
        const minimums = {
          lower: program.minLower,
          upper: program.minUpper,
          numeric: program.minNumeric,
          special: program.minSpecial,
        };
        for (const kind of Object.keys(kinds) as (keyof typeof kinds)[]) {
          assert.ok(countOf(text, kind) >= minimums[kind]);
          if (!program[kind]) assert.equal(countOf(text, kind), minimums[kind]);
        }
      }),
    );
  });

  it("leaves no pattern: demanded characters may stand anywhere, and all characters come up alike", () => {
    const places = new Set<number>();
    for (let i = 0; i < 400; i++)
      places.add(randomText(withTextDefaults({ length: 8, minNumeric: 1, numeric: false })).search(/[0-9]/));
    assert.equal(places.size, 8);

    const counts = new Map<string, number>();
    for (const digit of randomText(
      withTextDefaults({ length: 20_000, lower: false, upper: false, special: false }),
    ))
      counts.set(digit, (counts.get(digit) ?? 0) + 1);
    // Expected 2000 each, standard deviation 42: ten deviations never happen by chance.
    assert.equal(counts.size, 10);
    for (const count of counts.values()) assert.ok(Math.abs(count - 2000) < 420, String(count));
  });

  it("fills in the real provider's defaults, number following numeric and numeric following number", () => {
    const allowed = { lower: true, upper: true, special: true };
    const least = { minLower: 0, minUpper: 0, minNumeric: 0, minSpecial: 0 };
    const defaults = (inputs: Props) => password.withDefaults?.(inputs, "p", undefined);
    assert.deepEqual(defaults({ length: 8 }), {
      length: 8,
      ...allowed,
      ...least,
      numeric: true,
      number: true,
    });
    assert.deepEqual(defaults({ length: 8, numeric: false }), {
      length: 8,
      ...allowed,
      ...least,
      numeric: false,
      number: false,
    });
    assert.deepEqual(defaults({ length: 8, number: false }), {
      length: 8,
      ...allowed,
      ...least,
      numeric: false,
      number: false,
    });
  });

  it("makes a password with a bcrypt hash of cost 10 that verifies, under the id none", async () => {
    const { id, outputs } = await password.create(
      withTextDefaults({ length: 32, overrideSpecial: "-_" }),
      "p",
    );
    assert.equal(id, "none");
    assert.deepEqual(Object.keys(outputs), ["result", "bcryptHash"]);
    assert.match(String(outputs.bcryptHash), /^\$2a\$10\$[./A-Za-z0-9]{53}$/);
    assert.ok(await compare(String(outputs.result), String(outputs.bcryptHash)));
    assert.ok(!(await compare("another", String(outputs.bcryptHash))));
  });

  it("keeps in a read what the state says", async () => {
    const last = { inputs: withTextDefaults({ length: 4 }), outputs: { result: "abcd", bcryptHash: "h" } };
    assert.deepEqual(await password.read("none", last), { id: "none", ...last });
  });

  it("imports a password by the password itself, and keeps it out of the id", async () => {
    const found = (await password.read("s3cret-ä", nothing)) ?? assert.fail();
    assert.equal(found.id, "none");
    assert.deepEqual(found.inputs, withTextDefaults({ length: 9 }));
    assert.equal(found.outputs.result, "s3cret-ä");
    assert.ok(await compare("s3cret-ä", String(found.outputs.bcryptHash)));
  });

  it("makes and imports a string, whose id it is", async () => {
    const string = kindOf("String");
    const { id, outputs } = await string.create(withTextDefaults({ length: 12, special: false }), "s");
    assert.match(id, /^[a-zA-Z0-9]{12}$/);
    assert.deepEqual(outputs, { result: id });
    assert.deepEqual((await string.read(id, nothing))?.outputs, { result: id });
  });

  it("makes an id in four spellings of the same bytes, and imports it with its prefix", async () => {
    const kind = kindOf("Id");
    const inputs = { byteLength: 8, prefix: "lb-" };
    const { id, outputs } = await kind.create(inputs, "i");
    const bytes = Buffer.from(id, "base64url");
    assert.equal(bytes.length, 8);
    assert.deepEqual(outputs, {
      b64Std: `lb-${bytes.toString("base64")}`,
      b64Url: `lb-${id}`,
      dec: `lb-${bytes.readBigUInt64BE()}`,
      hex: `lb-${bytes.toString("hex")}`,
    });
    assert.deepEqual(await kind.read(`lb-,${id}`, nothing), { inputs, outputs });
    assert.deepEqual(
      kind.faults?.({ byteLength: 0 }).map(({ property }) => property),
      ["byteLength"],
    );
  });

  const wrong: readonly (readonly [props: Props, property: string])[] = [
    [{ length: 0 }, "length"],
    [{ length: "8" }, "length"],
    [{ minLower: -1 }, "minLower"],
    [{ minLower: 5, minUpper: 4 }, "length"],
    [{ upper: "yes" }, "upper"],
    [{ keepers: { a: 1 } }, "keepers"],
    [{ overrideSpecial: 1 }, "overrideSpecial"],
    [{ number: true, numeric: false }, "number"],
    [{ lower: false, upper: false, numeric: false, special: false }, "length"],
  ];
  for (const [props, property] of wrong)
    it(`finds ${JSON.stringify(props)} wrong`, () => {
      const inputs = withTextDefaults({ length: 8, ...props });
      assert.deepEqual(
        password.faults?.(inputs).map((fault) => fault.property),
        [property],
      );
    });

  it("waits with the sums while a value is not known", () => {
    assert.deepEqual(password.faults?.(withTextDefaults({ length: UNKNOWN, minLower: 5 })), []);
  });

  for (const name of ["Password", "String", "Id"])
    it(`knows the very inputs of the SDK's Random${name}, and replaces on each`, () => {
      const kind = kindOf(name);
      const declared = fs.readFileSync(require.resolve(`@pulumi/random/random${name}.d.ts`), "utf8");
      const args = declared.slice(declared.indexOf(`interface Random${name}Args`));
      const names = [...args.matchAll(/^ {4}(\w+)(\??): /gm)].map(
        ([, input = "", mark]) => [input, mark === "?" ? "optional" : "required"] as const,
      );
      assert.deepEqual(kind.inputs, Object.fromEntries(names));
      assert.deepEqual([...kind.replaceOn].sort(), Object.keys(kind.inputs).sort());
    });

  it("refuses an update, which the engine never asks for", async () => {
    await assert.rejects(async () => password.update("none", { length: 8 }, nothing), /cannot be updated/);
  });

  it("takes no arguments and knows no other type", () => {
    const provider = randomProvider();
    const faultsOf = (args: Props) => provider.checkConfig?.(args).map(({ property }) => property);
    assert.deepEqual(faultsOf({ version: "4.21.2" }), []);
    assert.deepEqual(faultsOf({ seed: "1" }), ["seed"]);
    assert.equal(provider.kind("random:index/randomPet:RandomPet"), undefined);
  });

  it("starts as a plugin, refuses an unknown input, over gRPC", async () => {
    const script = path.resolve(__dirname, "../../../sandbox/plugins/random/pulumi-resource-random");
    const plugin = spawn(script, { stdio: ["ignore", "pipe", "inherit"] });
    try {
      const client = new ResourceProviderClient(await addressOf(plugin), grpc.credentials.createInsecure());
      const request = new proto.CheckRequest()
        .setUrn("urn:pulumi:dev::p::random:index/randomPassword:RandomPassword::admin")
        .setNews(Struct.fromJavaScript({ length: 8, lenght: 9 }));
      const answer = await new Promise<proto.CheckResponse>((resolve, reject) => {
        client.check(request, (error, response) => (error ? reject(error) : resolve(response)));
      });
      client.close();
      assert.deepEqual(
        answer.getFailuresList().map((failure) => failure.getProperty()),
        ["lenght"],
      );
    } finally {
      plugin.kill();
    }
  });
});

/** A plugin prints its port, and nothing else. */
async function addressOf(plugin: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    plugin.stdout?.once("data", (port: Buffer) => resolve(`127.0.0.1:${port.toString().trim()}`));
    plugin.once("exit", (code) => reject(new Error(`the plugin ended with ${String(code)}`)));
  });
}
