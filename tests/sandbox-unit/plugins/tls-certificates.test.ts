import * as assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";

import { authority, key, made, signed, start } from "./made-by-tls";
import type { Props } from "../../../sandbox/plugins/stand-in";

const read = (pem = "") => new X509Certificate(pem);

/** DER of an extension as it stands in the certificate, `critical` included. */
const holds = (pem: string | undefined, hex: string) => read(pem).raw.includes(Buffer.from(hex, "hex"));

const every = ["RSA", "P224", "P256", "P384", "P521", "ED25519"].map((name) =>
  name.startsWith("P") ? { algorithm: "ECDSA", ecdsaCurve: name } : { algorithm: name },
);

describe("the stand-in's certificates", () => {
  for (const inputs of every)
    it(`form a chain that verifies, with ${Object.values(inputs).join(" ")}`, async () => {
      const ca = await authority({}, inputs);
      const { certificate, privateKeyPem } = await signed(ca, {}, undefined, inputs);
      const [root, leaf] = [read(ca.caCertPem), read(certificate.certPem)];
      assert.ok(root.verify(root.publicKey) && leaf.verify(root.publicKey));
      assert.ok(leaf.checkIssued(root));
      assert.equal(root.ca, true);
      assert.equal(leaf.ca, false);
      assert.equal(leaf.publicKey.asymmetricKeyType, root.publicKey.asymmetricKeyType);
      assert.equal(certificate.caKeyAlgorithm, inputs.algorithm);
      assert.equal(ca.certificate.keyAlgorithm, inputs.algorithm);
      const own = await made("SelfSignedCert", {
        privateKeyPem,
        allowedUses: [],
        validityPeriodHours: 1,
      });
      assert.ok(read(own.certPem).publicKey.equals(leaf.publicKey));
    });

  it("are valid from now on for the hours that were asked for, under their serial number as id", async () => {
    const { certificate } = await authority({ validityPeriodHours: 36 });
    const { validFrom, validTo, serialNumber } = read(certificate.certPem);
    assert.equal(new Date(validFrom).getTime(), Math.trunc(start.getTime() / 1000) * 1000);
    assert.equal(new Date(validTo).getTime() - new Date(validFrom).getTime(), 36 * 3_600_000);
    assert.equal(certificate.validityStartTime, "2024-03-01T12:00:00.250Z");
    assert.equal(certificate.validityEndTime, "2024-03-03T00:00:00.250Z");
    assert.equal(certificate.id, BigInt(`0x${serialNumber}`).toString());
    assert.notEqual(certificate.id, (await authority()).certificate.id);
  });

  it("outlive 2049, from when on X.509 writes years in full", async () => {
    const { certificate } = await authority({ validityPeriodHours: 30 * 365 * 24 });
    assert.equal(new Date(read(certificate.certPem).validTo).getUTCFullYear(), 2054);
  });

  it("say of whom they are, in the order of the real provider, whatever the order of the fields", async () => {
    const subject = {
      emailAddress: "ca@example.com",
      serialNumber: "7",
      commonName: "Origin CA",
      postalCode: "12345",
      streetAddresses: ["1 A Street", "2 B Street"],
      province: "BE",
      locality: "Berlin",
      organizationalUnit: "",
      organization: "Exämple",
      country: "DE",
    };
    const { certificate } = await authority({ subject });
    assert.deepEqual(read(certificate.certPem).subject.split("\n"), [
      "C=DE",
      "O=Exämple",
      "L=Berlin",
      "ST=BE",
      "street=1 A Street + street=2 B Street",
      "postalCode=12345",
      "CN=Origin CA",
      "serialNumber=7",
      "emailAddress=ca@example.com",
    ]);
  });

  it("take the subject and the names of the request", async () => {
    const names = {
      dnsNames: ["a.example.com", "*.b.example.com"],
      ipAddresses: ["192.0.2.1", "2001:db8::1"],
      uris: ["spiffe://example.com/web"],
    };
    const { certificate } = await signed(await authority(), {}, { subject: { commonName: "web" }, ...names });
    const leaf = read(certificate.certPem);
    assert.equal(leaf.subject, "CN=web");
    assert.equal(
      leaf.subjectAltName,
      "DNS:a.example.com, DNS:*.b.example.com, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1, " +
        "URI:spiffe://example.com/web",
    );
    assert.ok(leaf.checkHost("x.b.example.com") && leaf.checkIP("192.0.2.1"));
    const { certificate: nameless } = await signed(await authority(), {}, { dnsNames: ["a.example.com"] });
    assert.equal(read(nameless.certPem).subject, undefined);
    const criticalNames = "0603551d110101ff";
    assert.ok(holds(nameless.certPem, criticalNames) && !holds(certificate.certPem, criticalNames));
  });

  it("say what the key may be used for, and nothing where nothing was allowed", async () => {
    const { certificate } = await signed(await authority(), {
      allowedUses: ["client_auth", "digital_signature", "decipher_only", "server_auth"],
    });
    assert.deepEqual(read(certificate.certPem).keyUsage, ["1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1"]);
    const criticalKeyUsage = "0603551d0f0101ff";
    assert.ok(holds(certificate.certPem, `${criticalKeyUsage}04050303078080`));
    assert.ok(holds((await authority()).caCertPem, `${criticalKeyUsage}040403020106`));
    const { certificate: free } = await signed(await authority(), { allowedUses: [] });
    assert.equal(read(free.certPem).keyUsage, undefined);
    assert.ok(!holds(free.certPem, "0603551d0f"));
  });

  it("bound the path below a CA when asked to, and a certificate that is no CA never", async () => {
    const constraints = "0603551d130101ff04";
    assert.ok(holds((await authority()).caCertPem, `${constraints}0530030101ff`));
    assert.ok(holds((await authority({ maxPathLength: 0 })).caCertPem, `${constraints}0830060101ff020100`));
    assert.ok(holds((await authority({ maxPathLength: 3 })).caCertPem, `${constraints}0830060101ff020103`));
    const { certificate } = await signed(await authority(), { maxPathLength: 3 });
    assert.ok(holds(certificate.certPem, `${constraints}023000`));
  });

  it("identify the keys: a CA always its own, the others when asked; signed ones the CA's where it has one", async () => {
    const has = (pem?: string) => ({
      subject: holds(pem, "0603551d0e"),
      authority: holds(pem, "0603551d23"),
    });
    const ca = await authority();
    assert.deepEqual(has(ca.caCertPem), { subject: true, authority: false });
    assert.deepEqual(has((await authority({ setAuthorityKeyId: true })).caCertPem), {
      subject: true,
      authority: true,
    });
    assert.deepEqual(has((await signed(ca)).certificate.certPem), { subject: false, authority: true });
    assert.deepEqual(has((await signed(ca, { setSubjectKeyId: true })).certificate.certPem), {
      subject: true,
      authority: true,
    });
    const anonymous = await authority({ isCaCertificate: false });
    assert.deepEqual(has(anonymous.caCertPem), { subject: false, authority: false });
    assert.deepEqual(has((await signed(anonymous)).certificate.certPem), {
      subject: false,
      authority: false,
    });
  });

  it("take the key from its write-only input too, and keep that out of the outputs", async () => {
    const { privateKeyPem } = await key();
    const own = {
      allowedUses: [],
      validityPeriodHours: 1,
      privateKeyPemWo: privateKeyPem,
      privateKeyPemWoVersion: 1,
    };
    const certificate = await made("SelfSignedCert", own);
    assert.ok(read(certificate.certPem).verify(read(certificate.certPem).publicKey));
    assert.equal(certificate.privateKeyPemWo, undefined);
    const request = await made("CertRequest", { privateKeyPemWo: privateKeyPem, privateKeyPemWoVersion: 1 });
    assert.equal(request.privateKeyPemWo, undefined);
    assert.equal(request.keyAlgorithm, "ECDSA");
  });

  const refused: readonly (readonly [why: string, () => Promise<unknown>, RegExp])[] = [
    ["a CA without a subject", () => authority({ subject: {} }), /a CA needs a subject/],
    [
      "an authority's identifier without its own",
      () => authority({ isCaCertificate: false, setAuthorityKeyId: true }),
      /setAuthorityKeyId needs setSubjectKeyId/,
    ],
    [
      "an address that is none",
      () => authority({ ipAddresses: ["192.0.2.256"] }),
      /"192.0.2.256" given, want an/,
    ],
    ["a name that is not ASCII", () => authority({ dnsNames: ["bücher.example"] }), /"bücher.example" given/],
    ["no PEM", () => authority({ privateKeyPem: "s3cret" }), /^Error: privateKeyPem holds no PEM, want/],
    [
      "a certificate for a key",
      async () => authority({ privateKeyPem: (await authority()).caCertPem }),
      /privateKeyPem holds a CERTIFICATE, want PEM that begins with -----BEGIN RSA PRIVATE KEY-----/,
    ],
    [
      "a key that is damaged",
      () =>
        authority({ privateKeyPem: "-----BEGIN PRIVATE KEY-----\nczNjcmV0\n-----END PRIVATE KEY-----\n" }),
      /^Error: privateKeyPem holds no private key that can be read$/,
    ],
    [
      "the key of another CA",
      async () => signed({ ...(await authority()), caPrivateKeyPem: (await key()).privateKeyPem }),
      /caPrivateKeyPem is not the private key of caCertPem/,
    ],
    [
      "a request that is none",
      async () => signed(await authority(), { certRequestPem: (await key()).publicKeyPem } satisfies Props),
      /certRequestPem holds a PUBLIC KEY, want/,
    ],
  ];
  for (const [why, make, words] of refused)
    it(`are refused for ${why}`, async () => {
      await assert.rejects(make, words);
    });
});
