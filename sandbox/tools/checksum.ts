import { createHash } from "node:crypto";
import * as fs from "node:fs";

import { writeFileAtomically } from "../write-file";

/** A short digest of everything a made thing depends on. */
export function digest(...parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return hash.digest("hex").slice(0, 32);
}

/** Whether what the stamp belongs to was made from the same parts. */
export function isUpToDate(file: string, expected: string): boolean {
  return fs.existsSync(file) && fs.readFileSync(file, "utf8").trim() === expected;
}

/** Says that it was. To be written last, when all of it is in place. */
export function writeChecksum(file: string, value: string): void {
  writeFileAtomically(file, `${value}\n`);
}
