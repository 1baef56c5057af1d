import * as assert from "node:assert/strict";
import { createHash, createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import * as fs from "node:fs";

import { UNKNOWN, type ResourceType, type Props } from "../../../sandbox/plugins/fake-provider";
import { tlsProvider } from "../../../sandbox/plugins/tls/provider";

const start = new Date("2024-03-01T12:00:00.250Z");
const hourMs = 3_600_000;
const hoursLater = (hours: number, ms = 0) => new Date(start.getTime() + hours * hourMs + ms);

function findKind(name: string, now = start): ResourceType {
  const token = `tls:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
  return tlsProvider(() => now).findType(token) ?? assert.fail(`no ${token}`);
}

const withDefaults = (kind: ResourceType, inputs: Props) =>
  kind.withDefaults?.(inputs, "name", undefined) ?? inputs;
const findErrors = (name: string, inputs: Props) => {
  const kind = findKind(name);
  return (kind.validate?.(withDefaults(kind, inputs)) ?? []).map(({ property }) => property);
};

/** Creates a resource. @returns all that the state holds of it. */
async function create(name: string, given: Props) {
  assert.deepEqual(findErrors(name, given), []);
  const kind = findKind(name);
  const inputs = withDefaults(kind, given);
  const { id, outputs } = await kind.create(inputs, "name");
  return { ...inputs, ...outputs, id } as Record<string, string>;
}

interface Ca {
  readonly caPrivateKeyPem: string | undefined;
  readonly caCertPem: string | undefined;
}

async function createCa(): Promise<Ca> {
  const { privateKeyPem } = await create("PrivateKey", { algorithm: "RSA" });
  const certificate = {
    privateKeyPem,
    subject: { commonName: "Origin CA" },
    isCaCertificate: true,
    setSubjectKeyId: true,
    allowedUses: ["cert_signing", "crl_signing"],
    validityPeriodHours: 24,
  };
  return {
    caPrivateKeyPem: privateKeyPem,
    caCertPem: (await create("SelfSignedCert", certificate)).certPem,
  };
}

async function createClient(ca: Ca, inputs: Props = {}) {
  const { privateKeyPem } = await create("PrivateKey", { algorithm: "RSA" });
  const subject = { commonName: "client" };
  const { certRequestPem } = await create("CertRequest", { privateKeyPem, subject });
  const allowedUses = ["digital_signature", "client_auth"];
  const all = { ...ca, certRequestPem, allowedUses, validityPeriodHours: 24, ...inputs };
  return { privateKeyPem, certificate: await create("LocallySignedCert", all) };
}

describe("the stand-in for the tls provider", () => {
  let ca: Ca;
  before(async () => {
    ca = await createCa();
  });

  it("creates an RSA key, in PEM of two forms", async () => {
    const created = await create("PrivateKey", { algorithm: "RSA" });
    const key = createPrivateKey(created.privateKeyPem ?? "");
    assert.match(created.privateKeyPem ?? "", /^-----BEGIN RSA PRIVATE KEY-----\n/);
    assert.equal(key.asymmetricKeyDetails?.modulusLength, 2048);
    assert.ok(createPrivateKey(created.privateKeyPemPkcs8 ?? "").equals(key));
    const der = createPublicKey(key).export({ type: "spki", format: "der" });
    assert.equal(created.id, createHash("sha1").update(der).digest("hex"));
  });

  it("signs a chain that verifies, with the key ids and uses of the inputs", async () => {
    const { privateKeyPem, certificate } = await createClient(ca);
    const [root, leaf] = [
      new X509Certificate(ca.caCertPem ?? ""),
      new X509Certificate(certificate.certPem ?? ""),
    ];
    assert.ok(root.verify(root.publicKey) && leaf.verify(root.publicKey) && leaf.checkIssued(root));
    assert.ok(leaf.checkPrivateKey(createPrivateKey(privateKeyPem ?? "")));
    assert.deepEqual(
      [root.ca, root.subject, leaf.ca, leaf.subject],
      [true, "CN=Origin CA", false, "CN=client"],
    );
    assert.deepEqual(leaf.keyUsage, ["1.3.6.1.5.5.7.3.2"]);
    const has = (cert: X509Certificate, hex: string) => cert.raw.includes(Buffer.from(hex, "hex"));
    const [criticalCaUsage, subjectKeyId, authorityKeyId] = [
      "0603551d0f0101ff040403020106",
      "0603551d0e",
      "0603551d23",
    ];
    assert.ok(has(root, criticalCaUsage) && has(root, subjectKeyId) && !has(root, authorityKeyId));
    assert.ok(has(leaf, authorityKeyId) && !has(leaf, subjectKeyId));
  });

  it("dates a certificate from now for its hours, beyond 2049 too, with its serial number as id", async () => {
    const { certificate } = await createClient(ca, { validityPeriodHours: 30 * 365 * 24 });
    const { validFrom, validTo, serialNumber } = new X509Certificate(certificate.certPem ?? "");
    assert.equal(certificate.validityStartTime, "2024-03-01T12:00:00.250Z");
    assert.equal(new Date(validFrom).toISOString(), "2024-03-01T12:00:00.000Z");
    assert.equal(new Date(validTo).getUTCFullYear(), 2054);
    assert.equal(certificate.id, BigInt(`0x${serialNumber}`).toString());
  });

  it("refuses a CA key that is not the certificate's, and never quotes a key", async () => {
    const { caPrivateKeyPem } = await createCa();
    await assert.rejects(createClient({ ...ca, caPrivateKeyPem }), /not the private key of caCertPem/);
    await assert.rejects(
      createClient({ ...ca, caPrivateKeyPem: "s3cret" }),
      /^Error: caPrivateKeyPem is not the PEM/,
    );
  });

  it("renews earlyRenewalHours before the end, and changes that in place", async () => {
    const { certificate } = await createClient(ca, { earlyRenewalHours: 4 });
    assert.equal(String(certificate.readyForRenewal), "false");
    const last = { inputs: certificate, outputs: certificate };
    for (const [now, ready] of [
      [hoursLater(20, -1), false],
      [hoursLater(20), true],
    ] as const) {
      const kind = findKind("LocallySignedCert", now);
      assert.equal((await kind.read("1", last))?.outputs.readyForRenewal, ready);
      assert.deepEqual(
        kind.forcedReplacements?.(certificate, { earlyRenewalHours: 4 }),
        ready ? ["readyForRenewal"] : [],
      );
      assert.deepEqual(await kind.update("1", { earlyRenewalHours: 3 }, last), { readyForRenewal: false });
    }
    assert.ok(!findKind("SelfSignedCert").replaceOn.includes("earlyRenewalHours"));
  });

  it("has the real provider's defaults, so that neither replaces what the other created", () => {
    const shared = {
      earlyRenewalHours: 0,
      isCaCertificate: false,
      maxPathLength: -1,
      setSubjectKeyId: false,
    };
    const key = { algorithm: "RSA", ecdsaCurve: "P224", rsaBits: 2048 };
    assert.deepEqual(withDefaults(findKind("PrivateKey"), {}), key);
    assert.deepEqual(withDefaults(findKind("SelfSignedCert"), {}), { ...shared, setAuthorityKeyId: false });
    assert.deepEqual(withDefaults(findKind("LocallySignedCert"), {}), shared);
  });

  const valid = {
    PrivateKey: { algorithm: "RSA" },
    CertRequest: { privateKeyPem: "k" },
    SelfSignedCert: { privateKeyPem: "k", allowedUses: [UNKNOWN], validityPeriodHours: UNKNOWN },
  } satisfies Record<string, Props>;
  const invalid: readonly (readonly [name: keyof typeof valid, props: Props, property: string])[] = [
    ["PrivateKey", { algorithm: "ECDSA" }, "algorithm"],
    ["PrivateKey", { rsaBits: 1023 }, "rsaBits"],
    ["CertRequest", { subject: { organization: "a" } }, "subject.organization"],
    ["SelfSignedCert", { allowedUses: ["serverAuth"] }, "allowedUses"],
    ["SelfSignedCert", { validityPeriodHours: 1.5 }, "validityPeriodHours"],
    ["SelfSignedCert", { earlyRenewalHours: -1 }, "earlyRenewalHours"],
    ["SelfSignedCert", { maxPathLength: 0 }, "maxPathLength"],
    ["SelfSignedCert", { setAuthorityKeyId: true }, "setAuthorityKeyId"],
  ];
  for (const [name, props, property] of invalid)
    it(`refuses ${JSON.stringify(props)} of a ${name}`, () => {
      assert.deepEqual(findErrors(name, valid[name]), []);
      assert.deepEqual(findErrors(name, { ...valid[name], ...props }), [property]);
    });

  it("reads what the state has, and imports nothing", async () => {
    const last = { inputs: { algorithm: "RSA" }, outputs: { privateKeyPem: "kept" } };
    assert.deepEqual(await findKind("PrivateKey").read("id", last), last);
    for (const name of ["PrivateKey", "CertRequest", "SelfSignedCert", "LocallySignedCert"])
      await assert.rejects(findKind(name).read("id", { inputs: {}, outputs: {} }), /id cannot be imported/);
    await assert.rejects(findKind("PrivateKey").update("id", {}, last), /cannot be updated/);
  });

  it("has the version of the SDK", () => {
    const sdk = fs.readFileSync(require.resolve("@pulumi/tls/package.json"), "utf8");
    assert.equal(tlsProvider().version, (JSON.parse(sdk) as { version: string }).version);
  });
});
