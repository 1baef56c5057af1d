import * as fs from "node:fs";

/** Writes a file whole or not at all: into a draft beside it, which is then renamed. Readable by its owner only. */
export function writeFileAtomically(file: string, text: string): void {
  const draft = `${file}.${process.pid}.draft`;
  fs.writeFileSync(draft, text, { mode: 0o600, flush: true });
  fs.renameSync(draft, file);
}
