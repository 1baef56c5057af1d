import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { resolveCharts } from "../../components/charts";
import { root } from "../config";

describe("renovate.json", () => {
  interface Manager {
    readonly managerFilePatterns: readonly string[];
    readonly matchStrings: readonly string[];
  }
  const { customManagers } = JSON.parse(fs.readFileSync(path.join(root, "renovate.json"), "utf8")) as {
    customManagers: readonly Manager[];
  };
  const patterns = customManagers
    .filter(({ managerFilePatterns: [pattern = ""] }) =>
      new RegExp(pattern.slice(1, -1)).test("components/charts.ts"),
    )
    .flatMap(({ matchStrings }) => matchStrings);

  it("finds the version of every chart, and of Gateway API", () => {
    const source = fs.readFileSync(path.join(root, "components", "charts.ts"), "utf8");
    const found = patterns.flatMap((pattern) =>
      [...source.matchAll(new RegExp(pattern, "g"))].map(({ groups }) => groups?.currentValue ?? ""),
    );
    const versions = new Set(Object.values(resolveCharts()).map(({ version }) => version));
    const [gatewayApi, ...others] = found.filter((version) => !versions.has(version));
    assert.match(gatewayApi ?? "", /^v1\./);
    assert.deepEqual(others, []);
    assert.deepEqual(
      [...versions].filter((version) => !found.includes(version)),
      [],
    );
  });
});
