import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { resolveCharts } from "../../components/charts";
import { root } from "../../sandbox/paths";
import { pinnedVersion, readGoMod } from "../../sandbox/tools/go";
import { policy } from "../../sandbox/tools/policy";

describe("the policy engine of the tests", () => {
  const source = path.join(root, "tools", policy.name);

  it("is that of the Cilium the platform installs", () => {
    assert.equal(
      pinnedVersion(readGoMod(source), "github.com/cilium/cilium"),
      `v${resolveCharts().cilium.version}`,
      "components/charts.ts and tools/policy/go.mod name different versions of Cilium",
    );
  });

  it("is built from a program of our own", () => {
    const [mainPackage, ...others] = Object.values(policy.programs);
    assert.deepEqual([mainPackage, others], ["platform-networking/tools/policy", []]);
    assert.match(
      fs.readFileSync(path.join(source, "go.mod"), "utf8"),
      /^module platform-networking\/tools\/policy$/m,
    );
  });
});
