import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { bumpChart, type Targets } from "../../tools/bump-chart";
import { resolveCharts } from "../../components/charts";
import { root } from "../config";
import { fixtures } from "../fixtures/upstream";

const pinned = resolveCharts().traefik.version;

describe("npm run bump-chart", () => {
  let dir: string;
  let targets: Targets;
  let from: string;

  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), "bump-chart-"));
    targets = { pins: path.join(dir, "charts.ts"), fixtures: path.join(dir, "upstream") };
    fs.copyFileSync(path.join(root, "components", "charts.ts"), targets.pins);
    fs.cpSync(fixtures, targets.fixtures, { recursive: true });
    from = path.join(dir, "traefik");
    fs.mkdirSync(path.join(from, "crds"), { recursive: true });
    fs.writeFileSync(path.join(from, "Chart.yaml"), "name: traefik\nversion: 99.0.0\n");
    fs.writeFileSync(path.join(from, "values.yaml"), "# a comment\nnew: {key: 1}\n");
  });
  afterEach(() => fs.rmSync(dir, { recursive: true }));

  const crdFiles = () => path.join(targets.fixtures, "crds", "traefik");
  const writeCrds = () => {
    for (const file of fs.readdirSync(crdFiles())) {
      const crd = { kind: "CustomResourceDefinition", metadata: { name: file.replace(/\.json$/, "") } };
      const spec = { description: "prose", version: "v9" };
      fs.writeFileSync(path.join(from, "crds", `${file}.yaml`), JSON.stringify({ ...crd, spec }));
    }
  };

  it("moves the pin, the values and the CRDs", () => {
    writeCrds();
    assert.equal(bumpChart({ chart: "traefik", version: "99.0.0", from }, targets), pinned);
    const pins = fs.readFileSync(targets.pins, "utf8");
    assert.ok(pins.includes('version: "99.0.0"') && !pins.includes(`version: "${pinned}"`));
    const values = path.join(targets.fixtures, "charts", "traefik", "values.json");
    assert.deepEqual(JSON.parse(fs.readFileSync(values, "utf8")), { new: { key: 1 } });
    const [crd = ""] = fs.readdirSync(crdFiles());
    const { spec } = JSON.parse(fs.readFileSync(path.join(crdFiles(), crd), "utf8")) as { spec: unknown };
    assert.deepEqual(spec, { version: "v9" });
  });

  for (const [what, bump, message] of [
    [
      "an unknown chart",
      { chart: "traefk", version: "99.0.0" },
      /^traefk: unknown chart, want one of cilium, /,
    ],
    [
      "another version",
      { chart: "traefik", version: "98.0.0" },
      /: got traefik 99\.0\.0, want traefik 98\.0\.0$/,
    ],
    [
      "a CRD that is missing",
      { chart: "traefik", version: "99.0.0" },
      /traefik\.io: not in .*--crds FOLDER$/,
    ],
  ] as const)
    it(`refuses ${what} and writes nothing`, () => {
      assert.throws(() => bumpChart({ ...bump, from }, targets), { message });
      assert.ok(fs.readFileSync(targets.pins, "utf8").includes(`version: "${pinned}"`));
      const values = path.join("charts", "traefik", "values.json");
      assert.deepEqual(
        fs.readFileSync(path.join(targets.fixtures, values)),
        fs.readFileSync(path.join(fixtures, values)),
      );
    });
});
