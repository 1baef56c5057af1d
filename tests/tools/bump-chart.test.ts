import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { bumpChart, findOtherModules, versionPattern, type Targets } from "../../tools/bump-chart";
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
    writeChart("traefik", "99.0.0");
  });
  afterEach(() => fs.rmSync(dir, { recursive: true }));

  const writeChart = (name: string, version: string) => {
    const chart = `name: ${name}\nversion: ${version}\nappVersion: v9.1.0\n`;
    fs.writeFileSync(path.join(from, "Chart.yaml"), chart);
    fs.writeFileSync(path.join(from, "values.yaml"), "# a comment\nnew: {key: 1}\n");
    fs.writeFileSync(path.join(from, "values-ha.yaml"), "{}");
    fs.writeFileSync(path.join(from, "values.schema.json"), "{}");
  };
  const readPins = () => fs.readFileSync(targets.pins, "utf8");
  const crdFiles = (project = "traefik") => path.join(targets.fixtures, "crds", project);
  const writeCrds = (project?: string) => {
    for (const file of fs.readdirSync(crdFiles(project))) {
      const crd = { kind: "CustomResourceDefinition", metadata: { name: file.replace(/\.json$/, "") } };
      const spec = { description: "prose", version: "v9" };
      fs.writeFileSync(path.join(from, "crds", `${file}.yaml`), JSON.stringify({ ...crd, spec }));
    }
  };

  it("moves the pin, the values and the CRDs", () => {
    writeCrds();
    assert.deepEqual(bumpChart({ chart: "traefik", version: "99.0.0", from }, targets), {
      before: pinned,
      appVersion: "v9.1.0",
      sharing: [],
    });
    const pins = readPins();
    assert.ok(pins.includes('version: "99.0.0"') && !pins.includes(`version: "${pinned}"`));
    const values = path.join(targets.fixtures, "charts", "traefik", "values.json");
    assert.deepEqual(JSON.parse(fs.readFileSync(values, "utf8")), { new: { key: 1 } });
    const [crd = ""] = fs.readdirSync(crdFiles());
    const { spec } = JSON.parse(fs.readFileSync(path.join(crdFiles(), crd), "utf8")) as { spec: unknown };
    assert.deepEqual(spec, { version: "v9" });
  });

  it("keeps the prefix of the pin, and another chart's pin of the same version", () => {
    const same = `version: "${pinned}"`;
    fs.writeFileSync(targets.pins, readPins().replaceAll(/version: "[^"]+"/g, same));
    writeChart("ingress-nginx", "99.0.0");
    bumpChart({ chart: "ingress-nginx", version: "v99.0.0", from }, targets);
    assert.match(readPins(), /"ingress-nginx": \{[^}]*\},\s+version: "99\.0\.0"/);
    assert.equal(readPins().split(same).length - 1, 6);

    writeChart("trust-manager", "99.0.0");
    writeCrds("trust-manager");
    bumpChart({ chart: "trust-manager", version: "99.0.0", from }, targets);
    assert.ok(readPins().includes('trust-manager", version: "v99.0.0"'));
  });

  it("moves the pin that Linkerd's charts share", () => {
    writeChart("linkerd-viz", "99.0.0");
    const { sharing } = bumpChart({ chart: "linkerd-viz", version: "99.0.0", from }, targets);
    assert.deepEqual(sharing, ["linkerd-crds", "linkerd-control-plane", "linkerd2-cni"]);
    assert.match(readPins(), /^const linkerd = .* version: "99\.0\.0" \};$/m);
    assert.ok(readPins().includes(`version: "${pinned}"`));
  });

  it("finds the places that name the version, in full or without the patch number", () => {
    const pattern = new RegExp(versionPattern("v7.22.0"));
    const matches = ["7.22.0", '"v7.22.0"', "the chart at 7.22: x", "of 7.22.", "7.22"];
    const others = ["7.22.1", "17.22.0", "7.220", "0.7.22", "7.22.01", "1x22"];
    assert.deepEqual(
      [...matches, ...others].filter((text) => pattern.test(text)),
      matches,
    );
  });

  it("finds the Go modules at another version than the chart's appVersion", () => {
    const other = "tools/wire/go.mod:9: github.com/traefik/traefik/v3 v3.6.12";
    const lines = ["github.com/traefik/traefik/v3 v3.7.13", other, "github.com/traefik/yaegi v0.16.1"];
    assert.deepEqual(findOtherModules(lines, "traefik", "v3.7.13"), [other]);
  });

  it("refuses a folder without a file that is kept, and writes nothing", () => {
    writeCrds();
    fs.rmSync(path.join(from, "values.schema.json"));
    const message = /: has no values\.schema\.json, want the whole chart/;
    assert.throws(() => bumpChart({ chart: "traefik", version: "99.0.0", from }, targets), { message });
    assert.ok(readPins().includes(`version: "${pinned}"`));
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
      assert.ok(readPins().includes(`version: "${pinned}"`));
      const values = path.join("charts", "traefik", "values.json");
      assert.deepEqual(
        fs.readFileSync(path.join(targets.fixtures, values)),
        fs.readFileSync(path.join(fixtures, values)),
      );
    });
});
