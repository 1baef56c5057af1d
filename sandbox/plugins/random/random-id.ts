import { randomBytes } from "node:crypto";

import { UNKNOWN, type Fault, type Kind, type Props } from "../stand-in";
import { forget, refuseUpdate } from "./random-text";

/** `random:index/randomId:RandomId`: its id is `b64Url`; its import id that, or `<prefix>,<b64Url>`. */
export const randomId: Kind = {
  inputs: { byteLength: "required", keepers: "optional", prefix: "optional" },
  computed: ["b64Std", "b64Url", "dec", "hex"],
  replaceOn: ["byteLength", "keepers", "prefix"],
  faults,
  create(inputs) {
    const bytes = randomBytes(Number(inputs.byteLength));
    return Promise.resolve({ id: bytes.toString("base64url"), outputs: spellings(bytes, inputs.prefix) });
  },
  read(id, last) {
    if (last.outputs.hex !== undefined) return Promise.resolve(last);
    const comma = id.lastIndexOf(",");
    const [prefix, bytes] = [id.slice(0, Math.max(comma, 0)), Buffer.from(id.slice(comma + 1), "base64url")];
    const inputs = { byteLength: bytes.length, ...(prefix !== "" && { prefix }) };
    return Promise.resolve({ inputs, outputs: spellings(bytes, prefix) });
  },
  update: refuseUpdate,
  delete: forget,
};

function faults({ byteLength, prefix }: Props): readonly Fault[] {
  const isLength = Number.isSafeInteger(byteLength) && Number(byteLength) >= 1;
  const isText = prefix === undefined || typeof prefix === "string";
  return [
    ...(isLength || byteLength === undefined || byteLength === UNKNOWN
      ? []
      : [
          {
            property: "byteLength",
            reason: `${JSON.stringify(byteLength)} given, want a whole number from 1`,
          },
        ]),
    ...(isText ? [] : [{ property: "prefix", reason: `${JSON.stringify(prefix)} given, want text` }]),
  ];
}

function spellings(bytes: Buffer, prefix: unknown): Props {
  const before = typeof prefix === "string" ? prefix : "";
  const hex = bytes.toString("hex");
  return {
    b64Std: before + bytes.toString("base64"),
    b64Url: before + bytes.toString("base64url"),
    dec: before + BigInt(`0x${hex}`).toString(),
    hex: before + hex,
  };
}
