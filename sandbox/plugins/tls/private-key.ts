import { createHash, createPublicKey, generateKeyPair } from "node:crypto";
import { promisify } from "node:util";

import { UNKNOWN, type ResourceType } from "../fake-provider";
import { readFromState } from "./read-from-state";

/** `tls:index/privateKey:PrivateKey`: RSA only; its id is the SHA-1 of its public key. Every input replaces it. */
export const privateKey: ResourceType = {
  inputs: { algorithm: "required", ecdsaCurve: "optional", rsaBits: "optional" },
  computed: ["privateKeyPem", "privateKeyPemPkcs8", "publicKeyPem"],
  replaceOn: ["algorithm", "ecdsaCurve", "rsaBits"],
  withDefaults: (inputs) => ({ ecdsaCurve: "P224", rsaBits: 2048, ...inputs }),
  validate: ({ algorithm, rsaBits }) => [
    ...(algorithm === "RSA" || algorithm === UNKNOWN
      ? []
      : [{ property: "algorithm", reason: `got ${String(algorithm)}, the stand-in has RSA only` }]),
    ...(Number.isSafeInteger(rsaBits) && Number(rsaBits) >= 1024
      ? []
      : [{ property: "rsaBits", reason: `got ${String(rsaBits)}, want a whole number from 1024` }]),
  ],
  async create({ rsaBits }) {
    const { privateKey: key } = await promisify(generateKeyPair)("rsa", { modulusLength: Number(rsaBits) });
    const publicKey = createPublicKey(key);
    const der = publicKey.export({ type: "spki", format: "der" });
    return {
      id: createHash("sha1").update(der).digest("hex"),
      outputs: {
        privateKeyPem: key.export({ type: "pkcs1", format: "pem" }),
        privateKeyPemPkcs8: key.export({ type: "pkcs8", format: "pem" }),
        publicKeyPem: publicKey.export({ type: "spki", format: "pem" }),
      },
    };
  },
  read: (id, last) => readFromState(id, last, "privateKeyPem"),
  update: () => Promise.reject(new Error("a private key cannot be updated: every input replaces it")),
  delete: () => Promise.resolve(),
};
