import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import { changed, root } from "./config";
import { prod, read } from "./settings/configurations";

const doc = fs.readFileSync(path.join(root, "docs", "calls.md"), "utf8");

describe("docs/calls.md", () => {
  const examples = [...doc.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = ""]) => text);

  it("has three examples", () => assert.equal(examples.length, 3));

  for (const text of examples)
    it(`shows settings that are taken: ${text.split("\n").slice(1, 5).join(" ").slice(0, 80)}`, async () => {
      const { "platform-networking:apps": apps } = parse(text) as Record<string, object>;
      assert.ok(apps);
      const settings = await read(changed(prod, { apps }));
      assert.deepEqual(
        settings.apps.map(({ name }) => name),
        Object.keys(apps),
      );
    });
});
