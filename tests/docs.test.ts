import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { root } from "./config";

/** GitHub's anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, "")
    .replaceAll(" ", "-");

const read = (file: string): string => fs.readFileSync(path.join(root, file), "utf8");

const anchors = (file: string): string[] =>
  [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading));

/** The links of a page that are not URLs: `docs/edge.md#records`, from the repository's root. */
const links = (file: string): string[] =>
  [...read(file).matchAll(/\]\((?!\w+:)([^)\s]+)\)/g)].map(([, target = ""]) =>
    target.startsWith("#") ? file + target : path.join(path.dirname(file), target),
  );

describe("documentation", () => {
  const pages = [
    ...fs.readdirSync(root),
    ...fs.readdirSync(path.join(root, "docs")).map((file) => `docs/${file}`),
  ].filter((file) => file.endsWith(".md"));

  for (const page of pages)
    it(`${page} links to files and headings that exist`, () => {
      const broken = links(page).filter((link) => {
        const [file = "", anchor] = link.split("#");
        if (!fs.existsSync(path.join(root, file))) return true;
        return anchor !== undefined && !anchors(file).includes(anchor);
      });
      assert.deepEqual(broken, []);
    });

  it("README.md links to every page", () =>
    assert.deepEqual(
      pages.filter(
        (page) => page.startsWith("docs/") && !links("README.md").some((link) => link.split("#")[0] === page),
      ),
      [],
    ));

  it("README.md has at most 150 lines", () => assert.ok(read("README.md").split("\n").length <= 150));
});
