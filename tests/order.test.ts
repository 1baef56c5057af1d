import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import * as pulumi from "@pulumi/pulumi";

import * as platform from "../components";
import { bundle, yamlOf } from "./components/ingress/gateway-api-bundle";
import { changed, root, runProgram, stackConfig, wholeEdge } from "./config";
import type { Recorded } from "./harness";
import { id } from "./invariants/resources";
import { serviceStatus, throughService } from "./through-service";

const component = "platform:networking:";

/**
 * The edges between components that the program registers, as `<component> waits for <component>`. Protection has none
 * here: it waits for all.
 */
function edgesOf(resources: readonly Recorded[]): Set<string> {
  const byId = new Map(resources.map((each) => [id(each), each]));
  /** The class of the outermost component that a resource is in; undefined for providers. */
  const outermost = (key: string): string | undefined => {
    const each = byId.get(key);
    if (each === undefined) return undefined;
    return each.parent === "" ? each.type.split(component)[1] : outermost(each.parent);
  };
  const edges = new Set<string>();
  for (const each of resources)
    for (const dependency of each.dependencies) {
      const [one, other] = [outermost(id(each)), outermost(dependency)];
      if (one !== undefined && other !== undefined && one !== other && one !== "Protection")
        edges.add(`${one} waits for ${other}`);
    }
  return edges;
}

/** The rows of docs/order.md. */
function readRows(): { readonly edge: string; readonly reason: string }[] {
  const lines = fs.readFileSync(path.join(root, "docs", "order.md"), "utf8").split("\n");
  return lines.flatMap((line) => {
    const [, one = "", other = "", reason = ""] = /^\| (\w+) +\| (\w+) +\| (.*?) *\|$/.exec(line) ?? [];
    return one === "" || one === "Component" ? [] : [{ edge: `${one} waits for ${other}`, reason }];
  });
}

describe("docs/order.md", () => {
  const rows = readRows();
  let dir: string;
  let registered: Set<string>;
  let types: Set<string>;

  before(async () => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), "order-"));
    const definitions = path.join(dir, "standard-install.yaml");
    fs.writeFileSync(definitions, yamlOf(bundle()));
    const all = changed(stackConfig("prod"), {
      ...wholeEdge("business"),
      "mesh.defaultInboundPolicy": "deny",
    });
    const gateway = {
      "ingress.controller": "gateway",
      "ingress.gatewayApi": definitions,
      originLock: { clientCertificate: false, allowList: true },
    };
    const runs = [
      await runProgram(all),
      await runProgram(changed(all, gateway)),
      await runProgram(throughService(all), { answers: serviceStatus }),
    ];
    registered = new Set(runs.flatMap(({ resources }) => [...edgesOf(resources)]));
    types = new Set(runs.flatMap(({ resources }) => resources.map(({ type }) => type)));
  });
  after(() => fs.rmSync(dir, { recursive: true }));

  it("is checked with every component: those of tests/config.ts (wholeEdge) and its variants", () => {
    const isComponent = (each: unknown): each is new () => pulumi.ComponentResource =>
      typeof each === "function" && each.prototype instanceof pulumi.ComponentResource;
    const names = Object.values(platform)
      .filter(isComponent)
      .map(({ name }) => `${component}${name}`);
    assert.deepEqual([...types].filter((type) => type.startsWith(component)).sort(), names.sort());
  });

  it("has every edge that the program registers", () =>
    assert.deepEqual(
      [...registered].filter((edge) => !rows.some((row) => row.edge === edge)),
      [],
    ));

  it("has no edge that the program does not register, and none twice", () => {
    const edges = rows.map(({ edge }) => edge);
    assert.deepEqual(
      edges.filter((edge, index) => !registered.has(edge) || edges.indexOf(edge) < index),
      [],
    );
  });

  it("gives a reason for each", () => {
    for (const { edge, reason } of rows) assert.match(reason, /^\*\*[A-Z][a-z, ]+\.?\*\*/, edge);
  });
});
