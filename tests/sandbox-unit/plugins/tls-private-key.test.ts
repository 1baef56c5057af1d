import * as assert from "node:assert/strict";
import { createHash, createPrivateKey, createPublicKey } from "node:crypto";

import { key, kindOf } from "./made-by-tls";
import { UNKNOWN } from "../../../sandbox/plugins/stand-in";

/** The fields of an SSH blob, each behind its length. */
function fields(blob: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 4 <= blob.length; at += 4 + blob.readUInt32BE(at))
    found.push(blob.subarray(at + 4, at + 4 + blob.readUInt32BE(at)));
  return found;
}

const body = (text = "") => Buffer.from(text.replace(/-----.*-----|\n/g, ""), "base64");

const kinds = [
  { inputs: { algorithm: "RSA" }, label: "RSA PRIVATE KEY", ssh: "ssh-rsa", fields: 7 },
  { inputs: { algorithm: "RSA", rsaBits: 1024 }, label: "RSA PRIVATE KEY", ssh: "ssh-rsa", fields: 7 },
  { inputs: { algorithm: "ECDSA" }, label: "EC PRIVATE KEY", ssh: "", fields: 0 },
  ...[256, 384, 521].map((bits) => ({
    inputs: { algorithm: "ECDSA", ecdsaCurve: `P${bits}` },
    label: "EC PRIVATE KEY",
    ssh: `ecdsa-sha2-nistp${bits}`,
    fields: 4,
  })),
  { inputs: { algorithm: "ED25519" }, label: "PRIVATE KEY", ssh: "ssh-ed25519", fields: 3 },
];

describe("the stand-in's PrivateKey", () => {
  for (const { inputs, label, ssh, fields: count } of kinds)
    it(`makes ${Object.values(inputs).join(" ")}, the same key in every spelling`, async () => {
      const made = await key(inputs);
      assert.ok(made.privateKeyPem?.startsWith(`-----BEGIN ${label}-----\n`));
      assert.ok(made.privateKeyPemPkcs8?.startsWith("-----BEGIN PRIVATE KEY-----\n"));
      const own = createPrivateKey(made.privateKeyPem ?? "");
      assert.ok(createPrivateKey(made.privateKeyPemPkcs8 ?? "").equals(own));
      assert.equal(createPublicKey(own).export({ type: "spki", format: "pem" }), made.publicKeyPem);
      assert.equal(made.id, createHash("sha1").update(body(made.publicKeyPem)).digest("hex"));

      const [, blob = "", ...more] = (made.publicKeyOpenssh ?? "").split(" ");
      assert.equal(made.publicKeyOpenssh, ssh === "" ? "" : `${ssh} ${blob}`);
      assert.deepEqual(more, []);
      if (ssh === "") {
        for (const output of ["privateKeyOpenssh", "publicKeyFingerprintMd5", "publicKeyFingerprintSha256"])
          assert.equal(made[output], "");
        return;
      }
      const publicBlob = Buffer.from(blob, "base64");
      assert.equal(fields(publicBlob)[0]?.toString(), ssh);
      const sha = createHash("sha256").update(publicBlob).digest("base64").replace("=", "");
      assert.equal(made.publicKeyFingerprintSha256, `SHA256:${sha}`);
      const md5 = createHash("md5").update(publicBlob).digest("hex");
      assert.equal(made.publicKeyFingerprintMd5?.replaceAll(":", ""), md5);
      assert.match(made.publicKeyFingerprintMd5, /^(..:){15}..$/);

      const magic = "openssh-key-v1\0";
      const file = body(made.privateKeyOpenssh);
      assert.equal(file.subarray(0, magic.length).toString(), magic);
      const head = fields(file.subarray(magic.length));
      assert.deepEqual(head.slice(0, 3).map(String), ["none", "none", ""]);
      const rest = file.subarray(magic.length + 4 + 4 + 4 + 4 + 4 + 4);
      const [first, secret = Buffer.alloc(0)] = fields(rest);
      assert.deepEqual(first, publicBlob);
      assert.equal(secret.length % 8, 0);
      assert.deepEqual(secret.subarray(0, 4), secret.subarray(4, 8));
      assert.equal(fields(secret.subarray(8))[0]?.toString(), ssh);
      const jwk = own.export({ format: "jwk" });
      const d = Buffer.from(jwk.d ?? "", "base64url");
      const stripped = d.subarray(d.findIndex((byte) => byte !== 0));
      assert.ok(
        fields(secret.subarray(8))
          .slice(0, count)
          .some((field) => field.includes(stripped)),
      );
    });

  it("makes 2048 bits and P224 where nothing else is said", async () => {
    const rsa = await key({ algorithm: "RSA" });
    assert.equal(createPrivateKey(rsa.privateKeyPem ?? "").asymmetricKeyDetails?.modulusLength, 2048);
    const ec = await key({ algorithm: "ECDSA" });
    assert.equal(createPrivateKey(ec.privateKeyPem ?? "").asymmetricKeyDetails?.namedCurve, "secp224r1");
    const defaults = kindOf("PrivateKey").withDefaults?.({ algorithm: "RSA" }, "k", undefined);
    assert.deepEqual(defaults, { algorithm: "RSA", ecdsaCurve: "P224", rsaBits: 2048 });
  });

  it("makes another key each time", async () => {
    assert.notEqual((await key()).privateKeyPem, (await key()).privateKeyPem);
  });

  for (const [inputs, property] of [
    [{ algorithm: "ecdsa" }, "algorithm"],
    [{ algorithm: "RSA", rsaBits: 1023 }, "rsaBits"],
    [{ algorithm: "RSA", rsaBits: "2048" }, "rsaBits"],
    [{ algorithm: "ECDSA", ecdsaCurve: "P-256" }, "ecdsaCurve"],
  ] as const)
    it(`finds ${JSON.stringify(inputs)} wrong`, () => {
      assert.deepEqual(
        kindOf("PrivateKey")
          .faults?.(inputs)
          .map((fault) => fault.property),
        [property],
      );
    });

  it("finds nothing wrong with what is not known yet", () => {
    assert.deepEqual(kindOf("PrivateKey").faults?.({ algorithm: UNKNOWN, rsaBits: UNKNOWN }), []);
  });

  it("keeps in a read what the state says, and cannot be imported or updated", async () => {
    const kind = kindOf("PrivateKey");
    const last = { inputs: { algorithm: "RSA" }, outputs: { privateKeyPem: "kept" } };
    assert.deepEqual(await kind.read("id", last), last);
    await assert.rejects(async () => kind.read("id", { inputs: {}, outputs: {} }), /id cannot be imported/);
    await assert.rejects(async () => kind.update("id", last.inputs, last), /cannot be updated/);
    await kind.delete("id", last);
  });
});
