import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { readTopology } from "../../topology/read-topology";
import { drawSvgFile } from "../../topology/svg";
import { overview } from "../../topology/views";
import { root } from "../config";
import { deployOnce } from "./stacks";

const folder = join(root, "docs", "pictures");

describe("docs/pictures", () => {
  for (const name of ["dev", "prod", "100-apps"] as const)
    it(`${name}.svg is up to date, and small`, async () => {
      const file = join(folder, `${name}.svg`);
      const svg = await drawSvgFile(overview(readTopology(await deployOnce(name))));
      if (process.env.WRITE_PICTURES === "1") {
        mkdirSync(folder, { recursive: true });
        writeFileSync(file, svg);
      }
      assert.ok(svg.length < 100_000);
      assert.ok(
        readFileSync(file, "utf8") === svg,
        `docs/pictures/${name}.svg is out of date: WRITE_PICTURES=1 npx mocha -g docs/pictures`,
      );
    });
});
