import { genSaltSync, hash } from "bcryptjs";

import type { Kind, Observed, Props } from "../stand-in";
import { randomText, textFaults, textInputs, withTextDefaults } from "./text";

/** What makes RandomPassword and RandomString differ. */
interface Variety {
  readonly idOf: (result: string) => string;
  readonly outputsOf: (result: string) => Promise<Props>;
  readonly computed: readonly string[];
}

function textKind({ idOf, outputsOf, computed }: Variety): Kind {
  const read = async (id: string, last: Observed): Promise<Observed> => {
    if (typeof last.outputs.result === "string")
      return { id: idOf(last.outputs.result), inputs: last.inputs, outputs: last.outputs };
    const inputs = withTextDefaults({ length: Buffer.byteLength(id) });
    return { id: idOf(id), inputs, outputs: await outputsOf(id) };
  };
  return {
    inputs: textInputs,
    computed,
    replaceOn: Object.keys(textInputs),
    withDefaults: withTextDefaults,
    faults: textFaults,
    async create(inputs) {
      const result = randomText(inputs);
      return { id: idOf(result), outputs: await outputsOf(result) };
    },
    read,
    update: refuseUpdate,
    delete: forget,
  };
}

/** Every input replaces, so the engine has no reason to ask for an update. */
export async function refuseUpdate(): Promise<Props> {
  return Promise.reject(new Error("a random value cannot be updated: every input of it replaces it"));
}

/** A random value exists in the state alone. */
export async function forget(): Promise<void> {
  return Promise.resolve();
}

/** `random:index/randomPassword:RandomPassword`: its id is always "none", its import id the password itself. */
export const randomPassword: Kind = textKind({
  idOf: () => "none",
  outputsOf: async (result) => ({ result, bcryptHash: await bcryptHash(result) }),
  computed: ["result", "bcryptHash"],
});

/** `random:index/randomString:RandomString`: the same in the open; its id and its import id are the text. */
export const randomString: Kind = textKind({
  idOf: (result) => result,
  outputsOf: (result) => Promise.resolve({ result }),
  computed: ["result"],
});

const cost = 10;

/** The library marks its hashes 2b, the real provider 2a: below 256 bytes both are the same function. */
async function bcryptHash(password: string): Promise<string> {
  return hash(password, genSaltSync(cost).replace(/^\$2b\$/, "$2a$"));
}
