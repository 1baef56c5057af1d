import { createHash, randomBytes, type KeyObject } from "node:crypto";

import { pem } from "./pem";

/** A key as OpenSSH writes it. */
export interface OpenSsh {
  /** One line of `authorized_keys` without a comment, and a line feed. */
  readonly publicKey: string;
  /** PEM, not encrypted. @see https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key */
  readonly privateKey: string;
  /** Such as `aa:bb:cc`. */
  readonly md5: string;
  /** Such as `SHA256:` and base64 without padding. */
  readonly sha256: string;
}

/** Undefined for a curve that SSH does not have: it has no P-224. */
export function openSsh(key: KeyObject): OpenSsh | undefined {
  const parts = partsOf(key);
  if (parts === undefined) return undefined;
  const type = text(parts.type);
  const blob = Buffer.concat([type, ...parts.public]);
  const hash = (name: string) => createHash(name).update(blob).digest();
  return {
    publicKey: `${parts.type} ${blob.toString("base64")}\n`,
    privateKey: pem("OPENSSH PRIVATE KEY", privateBlob(blob, Buffer.concat([type, ...parts.private]))),
    md5: hash("md5")
      .toString("hex")
      .replace(/(..)(?=.)/g, "$1:"),
    sha256: `SHA256:${hash("sha256").toString("base64").replace(/=+$/, "")}`,
  };
}

interface Parts {
  readonly type: string;
  readonly public: readonly Buffer[];
  readonly private: readonly Buffer[];
}

const sshCurves: Readonly<Record<string, string>> = {
  prime256v1: "nistp256",
  secp384r1: "nistp384",
  secp521r1: "nistp521",
};

function partsOf(key: KeyObject): Parts | undefined {
  const curve = key.asymmetricKeyDetails?.namedCurve ?? "";
  if (key.asymmetricKeyType === "ec" && !(curve in sshCurves)) return undefined;
  const jwk = key.export({ format: "jwk" });
  const bytes = (name: string) => Buffer.from(String(jwk[name]), "base64url");
  const number = (name: string) => mpint(bytes(name));
  switch (key.asymmetricKeyType) {
    case "rsa":
      return {
        type: "ssh-rsa",
        public: [number("e"), number("n")],
        private: ["n", "e", "d", "qi", "p", "q"].map(number),
      };
    case "ec": {
      const name = sshCurves[curve] ?? "";
      const point = [text(name), string(Buffer.concat([Buffer.from([4]), bytes("x"), bytes("y")]))];
      return { type: `ecdsa-sha2-${name}`, public: point, private: [...point, number("d")] };
    }
    default: {
      const point = string(bytes("x"));
      return {
        type: "ssh-ed25519",
        public: [point],
        private: [point, string(Buffer.concat([bytes("d"), bytes("x")]))],
      };
    }
  }
}

function privateBlob(publicBlob: Buffer, privatePart: Buffer): Buffer {
  // The same number twice tells a reader of an encrypted key that the passphrase was right.
  const check = randomBytes(4);
  const comment = string(Buffer.alloc(0));
  const secret = Buffer.concat([check, check, privatePart, comment]);
  const padding = Buffer.from(Array.from({ length: -secret.length & 7 }, (_, index) => index + 1));
  return Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...["none", "none", ""].map(text),
    uint32(1),
    string(publicBlob),
    string(Buffer.concat([secret, padding])),
  ]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const string = (bytes: Buffer): Buffer => Buffer.concat([uint32(bytes.length), bytes]);

const text = (value: string): Buffer => string(Buffer.from(value));

/** A positive number: no zero bytes before it, but one where its first bit would read as a sign. */
function mpint(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = bytes.subarray(start);
  return string((digits[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.from([0]), digits]) : digits);
}
