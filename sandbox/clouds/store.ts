import * as fs from "node:fs";
import * as path from "node:path";

import { writeFileAtomically } from "../write-file";

/**
 * The state of the emulated clouds, in one JSON file. Each cloud has a section and calls {@link Store.save}
 * before it answers a change, so that killing the process never loses what was acknowledged.
 */
export class Store {
  readonly #file: string;
  readonly #sections: Record<string, object>;

  /**
   * Reads the file; a missing one is an empty store.
   *
   * @throws {Error} the file is no JSON object, e.g. cut off by a full disk.
   */
  constructor(file: string) {
    this.#file = file;
    this.#sections = load(file);
  }

  /**
   * The section of one cloud, with what `empty` has for all keys that are missing, such as in a file of an older version.
   * Change the object in place, then {@link save}; every call with the same name returns the same object.
   */
  section<T extends object>(name: string, empty: () => T): T {
    const section = (this.#sections[name] ??= {});
    return Object.assign(section, { ...empty(), ...section });
  }

  /** A file in the same folder that goes with this store, e.g. `clouds.<name>` beside `clouds.json`. */
  beside(name: string): string {
    const { dir, name: own } = path.parse(this.#file);
    return path.join(dir, `${own}.${name}`);
  }

  /** Writes all sections. */
  save(): void {
    writeFileAtomically(this.#file, JSON.stringify(this.#sections, undefined, 1));
  }
}

function load(file: string): Record<string, object> {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  if (!fs.existsSync(file)) return {};
  let content: unknown;
  try {
    content = JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (error) {
    throw corrupt(file, error instanceof Error ? error.message : String(error));
  }
  const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject(content) || !Object.values(content as object).every(isObject))
    throw corrupt(file, "it is not an object of objects");
  return content as Record<string, object>;
}

function corrupt(file: string, why: string): Error {
  return new Error(
    `The state of the sandbox's clouds cannot be read: ${file}: ${why}. ` +
      `Run "npm start -- stop", remove the folder ${path.dirname(file)}, and run "npm start" again: it starts afresh.`,
  );
}
