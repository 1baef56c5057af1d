// The library's dependency tsyringe needs it, and before itself.
import "reflect-metadata";

import { createHash, createPrivateKey, createPublicKey, randomBytes, webcrypto } from "node:crypto";

import * as x509 from "@peculiar/x509";

import { UNKNOWN, type InputError, type ResourceType, type Props } from "../fake-provider";
import { validateFixedInputs } from "../fixed-inputs";
import { readFromState } from "./read-from-state";

const hourMs = 3_600_000;
const signingAlgorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

/** The values of `allowedUses` that the program has, as the real provider spells them. */
const keyUsages: Readonly<Record<string, x509.KeyUsageFlags>> = {
  digital_signature: x509.KeyUsageFlags.digitalSignature,
  cert_signing: x509.KeyUsageFlags.keyCertSign,
  crl_signing: x509.KeyUsageFlags.cRLSign,
};
const extendedKeyUsages: Readonly<Record<string, x509.ExtendedKeyUsage>> = {
  client_auth: x509.ExtendedKeyUsage.clientAuth,
};

/** @throws {Error} The text is no RSA key; the message does not quote it. */
async function importKeys(pem: unknown, property: string) {
  try {
    const key = createPrivateKey(String(pem));
    const publicDer = createPublicKey(key).export({ type: "spki", format: "der" });
    const privateDer = key.export({ type: "pkcs8", format: "der" });
    const { subtle } = webcrypto;
    return {
      privateKey: await subtle.importKey("pkcs8", privateDer, signingAlgorithm, false, ["sign"]),
      publicKey: await subtle.importKey("spki", publicDer, signingAlgorithm, true, ["verify"]),
    };
  } catch (error) {
    throw new Error(`${property} is not the PEM of an RSA private key`, { cause: error });
  }
}

const toSubjectName = (subject: unknown): x509.JsonName => {
  const { commonName } = (subject ?? {}) as { readonly commonName?: string };
  return commonName === undefined ? [] : [{ CN: [commonName] }];
};

function validateSubject({ subject }: Props): readonly InputError[] {
  if (typeof subject !== "object" || subject === null) return [];
  return Object.keys(subject)
    .filter((field) => field !== "commonName")
    .map((field) => ({
      property: `subject.${field}`,
      reason: "the stand-in does not know this input",
    }));
}

/** `tls:index/certRequest:CertRequest`: its id is its own SHA-1. Every input replaces it. */
export const certRequest: ResourceType = {
  inputs: { privateKeyPem: "required", subject: "optional" },
  computed: ["certRequestPem", "keyAlgorithm"],
  replaceOn: ["privateKeyPem", "subject"],
  validate: validateSubject,
  async create({ privateKeyPem, subject }) {
    const keys = await importKeys(privateKeyPem, "privateKeyPem");
    const name = toSubjectName(subject);
    const request = await x509.Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm });
    return {
      id: createHash("sha1").update(new Uint8Array(request.rawData)).digest("hex"),
      outputs: { certRequestPem: `${request.toString("pem")}\n`, keyAlgorithm: "RSA" },
    };
  },
  read: (id, last) => readFromState(id, last, "certRequestPem"),
  update: () => Promise.resolve({}),
  delete: () => Promise.resolve(),
};

interface CertificateOptions {
  /** Inputs beside those that both types share. */
  readonly inputs: Readonly<Record<string, "required" | "optional">>;
  readonly fixed?: Props;
  readonly validate?: (inputs: Props) => readonly InputError[];
  /** The output with the algorithm of the key that signs. */
  readonly algorithmOutput: "keyAlgorithm" | "caKeyAlgorithm";
  /** Subject and issuer. */
  readonly parties: (inputs: Props) => Promise<Parties>;
}

interface Parties {
  readonly subject: x509.JsonName | string;
  readonly publicKey: webcrypto.CryptoKey | x509.PublicKey;
  readonly issuer: x509.JsonName | string;
  readonly signingKey: webcrypto.CryptoKey;
  /** Of the issuer; undefined for a certificate that signs itself. */
  readonly issuerKeyId?: string | undefined;
}

/** Inputs that the real provider fills in; the stand-in has no other value. */
const fixedInputs = { maxPathLength: -1 } as const;

/**
 * A certificate in the state. Its id is its serial number. Every input but `earlyRenewalHours` replaces it. From
 * `earlyRenewalHours` before its end the next update replaces it, with `readyForRenewal` as the reason.
 */
function certificateType(type: CertificateOptions, now: () => Date): ResourceType {
  const { algorithmOutput } = type;
  const inputs = {
    allowedUses: "required",
    earlyRenewalHours: "optional",
    isCaCertificate: "optional",
    maxPathLength: "optional",
    setSubjectKeyId: "optional",
    validityPeriodHours: "required",
    ...type.inputs,
  } as const;
  const isDue = (end: unknown, { earlyRenewalHours }: Props) =>
    Date.parse(String(end)) - Number(earlyRenewalHours) * hourMs <= now().getTime();
  const fixed = { ...fixedInputs, ...type.fixed };

  return {
    inputs,
    computed: ["certPem", algorithmOutput, "readyForRenewal", "validityEndTime", "validityStartTime"],
    replaceOn: Object.keys(inputs).filter((input) => input !== "earlyRenewalHours"),
    forcedReplacements: ({ validityEndTime }, given) =>
      isDue(validityEndTime, given) ? ["readyForRenewal"] : [],
    withDefaults: (given) => ({
      earlyRenewalHours: 0,
      isCaCertificate: false,
      setSubjectKeyId: false,
      ...fixed,
      ...given,
    }),
    validate: (given) => [
      ...validateUses(given.allowedUses),
      ...["earlyRenewalHours", "validityPeriodHours"]
        .filter(
          (key) => given[key] !== UNKNOWN && !(Number.isSafeInteger(given[key]) && Number(given[key]) >= 0),
        )
        .map((property) => ({
          property,
          reason: `got ${String(given[property])}, want a whole number from 0`,
        })),
      ...validateFixedInputs(given, fixed),
      ...(type.validate?.(given) ?? []),
    ],
    async create(given) {
      const start = now();
      const end = new Date(start.getTime() + Number(given.validityPeriodHours) * hourMs);
      const serial = randomBytes(16);
      // A first byte of 1 to 127, for a positive number of 16 bytes.
      serial[0] = ((serial[0] ?? 0) & 0x7f) | 1;
      const serialNumber = serial.toString("hex");
      const parties = await type.parties(given);
      const certificate = await x509.X509CertificateGenerator.create({
        ...parties,
        serialNumber,
        notBefore: start,
        notAfter: end,
        signingAlgorithm,
        extensions: await createExtensions(given, parties),
      });
      return {
        id: BigInt(`0x${serialNumber}`).toString(),
        outputs: {
          certPem: `${certificate.toString("pem")}\n`,
          [algorithmOutput]: "RSA",
          readyForRenewal: isDue(end.toISOString(), given),
          validityStartTime: start.toISOString(),
          validityEndTime: end.toISOString(),
        },
      };
    },
    async read(id, last) {
      const { inputs: given, outputs } = await readFromState(id, last, "certPem");
      return {
        inputs: given,
        outputs: { ...outputs, readyForRenewal: isDue(outputs.validityEndTime, outputs) },
      };
    },
    update: (_id, given, { outputs }) =>
      Promise.resolve({ readyForRenewal: isDue(outputs.validityEndTime, given) }),
    delete: () => Promise.resolve(),
  };
}

function validateUses(uses: unknown): readonly InputError[] {
  const known = [...Object.keys(keyUsages), ...Object.keys(extendedKeyUsages)];
  const isValid = (use: unknown) => use === UNKNOWN || known.includes(String(use));
  return uses === UNKNOWN || (Array.isArray(uses) && uses.every(isValid))
    ? []
    : [
        {
          property: "allowedUses",
          reason: `got ${JSON.stringify(uses)}, want a list of ${known.join(", ")}`,
        },
      ];
}

async function createExtensions(
  { allowedUses, isCaCertificate, setSubjectKeyId }: Props,
  { publicKey, issuerKeyId }: Parties,
): Promise<x509.Extension[]> {
  const uses = allowedUses as readonly string[];
  const flags = uses.flatMap((use) => keyUsages[use] ?? []);
  const extended = uses.flatMap((use) => extendedKeyUsages[use] ?? []);
  // As the real provider: a CA always has its key's id.
  const hasKeyId = isCaCertificate === true || setSubjectKeyId === true;
  return [
    ...(flags.length === 0
      ? []
      : [
          new x509.KeyUsagesExtension(
            flags.reduce((all, flag) => all | flag),
            true,
          ),
        ]),
    ...(extended.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(extended)]),
    new x509.BasicConstraintsExtension(isCaCertificate === true, undefined, true),
    ...(hasKeyId ? [await x509.SubjectKeyIdentifierExtension.create(publicKey)] : []),
    ...(issuerKeyId === undefined ? [] : [new x509.AuthorityKeyIdentifierExtension(issuerKeyId)]),
  ];
}

/** `tls:index/selfSignedCert:SelfSignedCert`. */
export const selfSignedCert = (now: () => Date): ResourceType =>
  certificateType(
    {
      inputs: { privateKeyPem: "required", setAuthorityKeyId: "optional", subject: "optional" },
      fixed: { setAuthorityKeyId: false },
      validate: validateSubject,
      algorithmOutput: "keyAlgorithm",
      async parties({ privateKeyPem, subject }) {
        const { privateKey, publicKey } = await importKeys(privateKeyPem, "privateKeyPem");
        const name = toSubjectName(subject);
        return { subject: name, issuer: name, publicKey, signingKey: privateKey };
      },
    },
    now,
  );

/** `tls:index/locallySignedCert:LocallySignedCert`. As the real provider, it signs with a `caCertPem` that is no CA. */
export const locallySignedCert = (now: () => Date): ResourceType =>
  certificateType(
    {
      inputs: { caCertPem: "required", caPrivateKeyPem: "required", certRequestPem: "required" },
      algorithmOutput: "caKeyAlgorithm",
      async parties({ caCertPem, caPrivateKeyPem, certRequestPem }) {
        const { privateKey, publicKey } = await importKeys(caPrivateKeyPem, "caPrivateKeyPem");
        const ca = new x509.X509Certificate(String(caCertPem));
        const own = Buffer.from(await webcrypto.subtle.exportKey("spki", publicKey));
        if (!own.equals(Buffer.from(ca.publicKey.rawData)))
          throw new Error("caPrivateKeyPem is not the private key of caCertPem");
        const request = new x509.Pkcs10CertificateRequest(String(certRequestPem));
        return {
          subject: request.subject,
          issuer: ca.subject,
          publicKey: request.publicKey,
          signingKey: privateKey,
          issuerKeyId: ca.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId,
        };
      },
    },
    now,
  );
