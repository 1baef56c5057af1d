import { createHash, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";

import type { Kind, Props } from "../stand-in";
import { faultsOf, isFrom } from "./checks";
import { algorithms, curves, publicPart } from "./keys";
import { openSsh } from "./openssh";
import { fromState } from "./state";

const oneOf = (values: readonly string[]) => (value: unknown) => values.includes(String(value));

/** `tls:index/privateKey:PrivateKey`: its id is the SHA-1 of its public key. Every input replaces it. */
export const privateKey: Kind = {
  inputs: { algorithm: "required", ecdsaCurve: "optional", rsaBits: "optional" },
  computed: [
    "privateKeyOpenssh",
    "privateKeyPem",
    "privateKeyPemPkcs8",
    "publicKeyFingerprintMd5",
    "publicKeyFingerprintSha256",
    "publicKeyOpenssh",
    "publicKeyPem",
  ],
  replaceOn: ["algorithm", "ecdsaCurve", "rsaBits"],
  withDefaults: (inputs) => ({ ecdsaCurve: "P224", rsaBits: 2048, ...inputs }),
  faults: (inputs) =>
    faultsOf(inputs, [
      ["algorithm", oneOf(Object.values(algorithms)), "RSA, ECDSA or ED25519"],
      ["ecdsaCurve", oneOf(Object.keys(curves)), `one of ${Object.keys(curves).join(", ")}`],
      ["rsaBits", isFrom(1024), "a whole number from 1024"],
    ]),
  async create(inputs) {
    const key = await generate(inputs);
    const { der } = publicPart(createPublicKey(key));
    return { id: createHash("sha1").update(der).digest("hex"), outputs: outputsOf(key) };
  },
  read: async (id, last) => Promise.resolve(fromState(id, last, "privateKeyPem")),
  update: () => Promise.reject(new Error("a private key cannot be updated: every input of it replaces it")),
  delete: () => Promise.resolve(),
};

async function generate(inputs: Props): Promise<KeyObject> {
  const pair = promisify(generateKeyPair);
  switch (inputs.algorithm) {
    case "RSA":
      return (await pair("rsa", { modulusLength: Number(inputs.rsaBits) })).privateKey;
    case "ECDSA":
      return (await pair("ec", { namedCurve: curves[inputs.ecdsaCurve as keyof typeof curves] })).privateKey;
    default:
      return (await pair("ed25519", {})).privateKey;
  }
}

function outputsOf(key: KeyObject): Props {
  const pkcs8 = key.export({ type: "pkcs8", format: "pem" });
  const classic = { rsa: "pkcs1", ec: "sec1" } as const;
  const type = key.asymmetricKeyType;
  const ssh = openSsh(key);
  return {
    privateKeyOpenssh: ssh?.privateKey ?? "",
    privateKeyPem:
      type === "rsa" || type === "ec" ? key.export({ type: classic[type], format: "pem" }) : pkcs8,
    privateKeyPemPkcs8: pkcs8,
    publicKeyFingerprintMd5: ssh?.md5 ?? "",
    publicKeyFingerprintSha256: ssh?.sha256 ?? "",
    publicKeyOpenssh: ssh?.publicKey ?? "",
    publicKeyPem: createPublicKey(key).export({ type: "spki", format: "pem" }),
  };
}
