import { createHash, createPublicKey, generateKeyPair } from "node:crypto";
import { promisify } from "node:util";

import type { ResourceType } from "../fake-provider";
import { validateFixedInputs } from "../fixed-inputs";
import { readFromState } from "./read-from-state";

/** The program's values, and the real provider's default of a curve that RSA has not. */
const fixed = { algorithm: "RSA", ecdsaCurve: "P224", rsaBits: 2048 } as const;

/** `tls:index/privateKey:PrivateKey`: RSA only; its id is the SHA-1 of its public key. Every input replaces it. */
export const privateKey: ResourceType = {
  inputs: { algorithm: "required", ecdsaCurve: "optional", rsaBits: "optional" },
  computed: ["privateKeyPem", "privateKeyPemPkcs8", "publicKeyPem"],
  replaceOn: ["algorithm", "ecdsaCurve", "rsaBits"],
  withDefaults: (inputs) => ({ ...fixed, ...inputs }),
  validate: (inputs) => validateFixedInputs(inputs, fixed),
  async create() {
    const { privateKey: key } = await promisify(generateKeyPair)("rsa", { modulusLength: fixed.rsaBits });
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
