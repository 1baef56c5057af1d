import * as assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

import { faultsOf, inputsOf, kindOf } from "./made-by-tls";
import { UNKNOWN, type Props } from "../../../sandbox/plugins/stand-in";
import { tlsProvider } from "../../../sandbox/plugins/tls/provider";

const names = ["PrivateKey", "SelfSignedCert", "CertRequest", "LocallySignedCert"];
const declaration = (name: string) =>
  fs.readFileSync(
    require.resolve(`@pulumi/tls/${name.charAt(0).toLowerCase()}${name.slice(1)}.d.ts`),
    "utf8",
  );

const right = {
  CertRequest: { privateKeyPem: "k" },
  SelfSignedCert: { privateKeyPem: "k", allowedUses: ["server_auth"], validityPeriodHours: 1 },
  LocallySignedCert: {
    caPrivateKeyPem: "k",
    caCertPem: "c",
    certRequestPem: "r",
    allowedUses: ["client_auth"],
    validityPeriodHours: 1,
  },
} satisfies Record<string, Props>;

describe("the stand-in for the tls provider", () => {
  for (const name of names) {
    it(`knows the very inputs of the SDK's ${name}, and replaces on each but what the state cannot show`, () => {
      const text = declaration(name);
      const args = text.slice(text.indexOf(`interface ${name}Args`));
      const declared = [...args.matchAll(/^ {4}(\w+)(\??): /gm)].map(
        ([, input = "", mark]) => [input, mark === "?" ? "optional" : "required"] as const,
      );
      const kind = kindOf(name);
      assert.deepEqual(kind.inputs, Object.fromEntries(declared));
      const inPlace = inputsOf(kind).filter((input) => !kind.replaceOn.includes(input));
      assert.deepEqual(
        inPlace,
        ["earlyRenewalHours", "privateKeyPemWo", "caPrivateKeyPemWo"].filter((input) =>
          inputsOf(kind).includes(input),
        ),
      );
    });

    it(`has the very outputs of the SDK's ${name}`, () => {
      const outputs = [...declaration(name).matchAll(/^ {4}readonly (\w+): pulumi\.Output/gm)];
      const kind = kindOf(name);
      assert.deepEqual(
        [...inputsOf(kind), ...kind.computed].sort(),
        outputs.map(([, output = ""]) => output).sort(),
      );
    });
  }

  it("fills in the real provider's defaults, and keeps what was given", () => {
    const shared = {
      earlyRenewalHours: 0,
      isCaCertificate: false,
      maxPathLength: -1,
      setSubjectKeyId: false,
    };
    const filled = (name: string, inputs: Props) => kindOf(name).withDefaults?.(inputs, "n", undefined);
    assert.deepEqual(filled("SelfSignedCert", {}), { ...shared, setAuthorityKeyId: false });
    assert.deepEqual(filled("LocallySignedCert", {}), shared);
    assert.deepEqual(filled("LocallySignedCert", { ...shared, maxPathLength: 0 }), {
      ...shared,
      maxPathLength: 0,
    });
  });

  const wrong: readonly (readonly [name: keyof typeof right, props: Props, property: string])[] = [
    ["SelfSignedCert", { allowedUses: ["serverAuth"] }, "allowedUses"],
    ["SelfSignedCert", { allowedUses: "server_auth" }, "allowedUses"],
    ["SelfSignedCert", { validityPeriodHours: -1 }, "validityPeriodHours"],
    ["SelfSignedCert", { validityPeriodHours: 1.5 }, "validityPeriodHours"],
    ["SelfSignedCert", { earlyRenewalHours: -1 }, "earlyRenewalHours"],
    ["SelfSignedCert", { isCaCertificate: "true" }, "isCaCertificate"],
    ["SelfSignedCert", { setSubjectKeyId: 1 }, "setSubjectKeyId"],
    ["SelfSignedCert", { setAuthorityKeyId: 1 }, "setAuthorityKeyId"],
    ["SelfSignedCert", { maxPathLength: -2 }, "maxPathLength"],
    ["SelfSignedCert", { privateKeyPem: undefined }, "privateKeyPem"],
    ["SelfSignedCert", { privateKeyPemWo: "k", privateKeyPemWoVersion: 1 }, "privateKeyPem"],
    ["SelfSignedCert", { privateKeyPemWoVersion: 1 }, "privateKeyPemWoVersion"],
    ["LocallySignedCert", { caPrivateKeyPem: undefined, caPrivateKeyPemWo: "k" }, "caPrivateKeyPemWoVersion"],
    ["LocallySignedCert", { validityPeriodHours: "1" }, "validityPeriodHours"],
    ["CertRequest", { dnsNames: "example.com" }, "dnsNames"],
    ["CertRequest", { ipAddresses: [1] }, "ipAddresses"],
    ["CertRequest", { uris: {} }, "uris"],
    ["CertRequest", { subject: "CN=a" }, "subject"],
    ["CertRequest", { subject: { cn: "a" } }, "subject.cn"],
    ["CertRequest", { subject: { commonName: 1 } }, "subject.commonName"],
    ["CertRequest", { subject: { streetAddresses: "a" } }, "subject.streetAddresses"],
  ];
  for (const [name, props, property] of wrong)
    it(`finds ${JSON.stringify(props, (_key, value: unknown) => value ?? "nothing")} of a ${name} wrong`, () => {
      const kind = kindOf(name);
      assert.deepEqual(faultsOf(kind, right[name]), []);
      const faults = faultsOf(kind, { ...right[name], ...props });
      assert.deepEqual(
        faults.map((fault) => fault.property),
        [property],
      );
    });

  it("finds nothing wrong with what is not known yet, and nothing with the ends of what is allowed", () => {
    const kind = kindOf("SelfSignedCert");
    const unknown = inputsOf(kind).filter((input) => !input.includes("Wo"));
    assert.deepEqual(faultsOf(kind, Object.fromEntries(unknown.map((input) => [input, UNKNOWN]))), []);
    const inside = { allowedUses: [UNKNOWN], dnsNames: [UNKNOWN], subject: { commonName: UNKNOWN } };
    const ends = { validityPeriodHours: 0, earlyRenewalHours: 0, maxPathLength: -1 };
    assert.deepEqual(faultsOf(kind, { ...right.SelfSignedCert, ...inside, ...ends }), []);
  });

  it("never tells a private key that it finds wrong", () => {
    const faults = faultsOf(kindOf("SelfSignedCert"), { ...right.SelfSignedCert, privateKeyPemWo: "s3cret" });
    assert.doesNotMatch(JSON.stringify(faults), /s3cret/);
  });

  it("takes no arguments and knows no other type", () => {
    const provider = tlsProvider();
    const wrongArgs = (args: Props) => provider.checkConfig?.(args).map(({ property }) => property);
    assert.deepEqual(wrongArgs({ version: "5.6.1" }), []);
    assert.deepEqual(wrongArgs({ proxy: "{}" }), ["proxy"]);
    assert.equal(provider.kind("tls:index/encryptedPem:EncryptedPem"), undefined);
    const sdk = fs.readFileSync(require.resolve("@pulumi/tls/package.json"), "utf8");
    assert.equal(provider.version, (JSON.parse(sdk) as { version: string }).version);
  });

  it("starts as a plugin, makes a key over gRPC, and sends no write-only one back", async () => {
    const script = path.resolve(__dirname, "../../../sandbox/plugins/tls/pulumi-resource-tls");
    const plugin = spawn(script, { stdio: ["ignore", "pipe", "inherit"] });
    try {
      const client = new ResourceProviderClient(await addressOf(plugin), grpc.credentials.createInsecure());
      const create = (type: string, properties: Record<string, string | number>) =>
        new Promise<Props>((resolve, reject) => {
          const request = new proto.CreateRequest()
            .setUrn(`urn:pulumi:dev::p::tls:index/${type}::it`)
            .setProperties(Struct.fromJavaScript(properties));
          client.create(request, (error, response) =>
            error ? reject(error) : resolve(response.getProperties()?.toJavaScript() ?? {}),
          );
        });
      const made = await create("privateKey:PrivateKey", { algorithm: "ED25519" });
      const { privateKeyPem } = made;
      assert.match(String(privateKeyPem), /^-----BEGIN PRIVATE KEY-----\n/);
      const inputs = { privateKeyPemWo: String(privateKeyPem), privateKeyPemWoVersion: 1 };
      const request = await create("certRequest:CertRequest", inputs);
      assert.deepEqual(Object.keys(request).sort(), [
        "certRequestPem",
        "keyAlgorithm",
        "privateKeyPemWoVersion",
      ]);
      client.close();
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
