import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { codes } from "../../doctor/finding";

const root = path.resolve(__dirname, "../..");

describe("the runbook", () => {
  it("has a section for each code of the doctor, and no other", () => {
    const text = fs.readFileSync(path.join(root, "docs/runbook.md"), "utf8");
    const sections = [...text.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading);
    assert.deepEqual(sections.toSorted(), codes.toSorted());
  });
});
