import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { collectWords, draw, productFiles } from "../../tools/sample";

describe("sample", () => {
  it("finds exported names, docstrings and messages", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sample-"));
    const file = path.join(folder, "code.ts");
    fs.writeFileSync(
      file,
      `import * as fs from "node:fs";
/** A wheel.
 *  It turns. */
export interface Wheel {
  /** In mm. */
  readonly radius: number;
}
const inner = 1;
export const one = 1, two = () => { throw new Error(\`got \${inner}, want two \` + "wheels or more"); };
`,
    );
    const place = path.relative(path.resolve(__dirname, "../.."), file);
    assert.deepEqual(collectWords([file]), {
      names: [`${place}:4  Wheel`, `${place}:9  one`, `${place}:9  two`],
      docstrings: [`${place}:2  A wheel. It turns.`, `${place}:5  In mm.`],
      messages: [`${place}:9  got \${...}, want two wheels or more`],
    });
    fs.rmSync(folder, { recursive: true });
  });

  it("draws the same items for the same seed, and others for another", () => {
    const { names } = collectWords(productFiles());
    assert.equal(new Set(draw(names, 10, "a")).size, 10);
    assert.deepEqual(draw(names, 10, "a"), draw(names, 10, "a"));
    assert.notDeepEqual(draw(names, 10, "a"), draw(names, 10, "b"));
  });
});
