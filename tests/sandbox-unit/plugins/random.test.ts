import * as assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import * as path from "node:path";

import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { compare } from "bcryptjs";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

import { randomProvider } from "../../../sandbox/plugins/random/provider";
import { randomPassword } from "../../../sandbox/plugins/random/random-password";
import { UNKNOWN, type Props } from "../../../sandbox/plugins/fake-provider";

const withDefaults = (inputs: Props) => randomPassword.withDefaults?.(inputs, "p", undefined) ?? inputs;

describe("the stand-in for the random provider", () => {
  it("creates a password of the length and the characters of its inputs, all of them equally likely", async () => {
    const counts = new Map<string, number>();
    const inputs = withDefaults({ length: 20_000, lower: false, upper: false, special: false });
    const { outputs } = await randomPassword.create(inputs, "p");
    for (const digit of String(outputs.result)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
    // Expected 2000 each, standard deviation 42: ten deviations never happen by chance.
    assert.equal(counts.size, 10);
    for (const count of counts.values()) assert.ok(Math.abs(count - 2000) < 420, String(count));
  });

  it("adds a bcrypt hash of cost 10 that verifies, under the id none", async () => {
    const { id, outputs } = await randomPassword.create(withDefaults({ length: 32, special: false }), "p");
    assert.equal(id, "none");
    assert.match(String(outputs.result), /^[a-zA-Z0-9]{32}$/);
    assert.match(String(outputs.bcryptHash), /^\$2a\$10\$[./A-Za-z0-9]{53}$/);
    assert.ok(await compare(String(outputs.result), String(outputs.bcryptHash)));
  });

  it("has the real provider's defaults, so that neither replaces what the other created", () => {
    const allowed = { lower: true, upper: true, special: true };
    const least = { minLower: 0, minUpper: 0, minNumeric: 0, minSpecial: 0 };
    for (const numeric of [true, false])
      assert.deepEqual(withDefaults({ length: 8, ...(numeric ? {} : { numeric }) }), {
        length: 8,
        ...allowed,
        ...least,
        numeric,
        number: numeric,
      });
  });

  it("reads what the state has, and refuses an update", async () => {
    const last = { inputs: { length: 4 }, outputs: { result: "abcd", bcryptHash: "h" } };
    assert.deepEqual(await randomPassword.read("none", last), last);
    await assert.rejects(randomPassword.update("none", { length: 8 }, last), /cannot be updated/);
  });

  const invalid: readonly (readonly [props: Props, property: string])[] = [
    [{ length: 0 }, "length"],
    [{ length: "8" }, "length"],
    [{ minLower: 1 }, "minLower"],
    [{ upper: "yes" }, "upper"],
    [{ lower: false, upper: false, numeric: false, special: false }, "lower"],
  ];
  for (const [props, property] of invalid)
    it(`refuses ${JSON.stringify(props)}`, () => {
      const errors = randomPassword.validate?.(withDefaults({ length: 8, ...props })) ?? [];
      assert.deepEqual(
        errors.map((error) => error.property),
        [property],
      );
    });

  it("accepts a length that is not known yet", () =>
    assert.deepEqual(randomPassword.validate?.(withDefaults({ length: UNKNOWN })), []));

  it("takes no provider arguments and has no other type", () => {
    const provider = randomProvider();
    const errors = (args: Props) => provider.checkConfig?.(args).map(({ property }) => property);
    assert.deepEqual(errors({ version: "4.21.2", seed: "1" }), ["seed"]);
    assert.equal(provider.findType("random:index/randomPet:RandomPet"), undefined);
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
