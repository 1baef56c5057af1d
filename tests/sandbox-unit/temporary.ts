import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** A maker of folders among the system's temporary files. Each is removed after the test that it was made in. */
export function temporary(prefix: string): () => string {
  const made: string[] = [];
  afterEach(() => {
    for (const folder of made.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), prefix));
    made.push(folder);
    return folder;
  };
}
