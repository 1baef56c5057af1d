import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import { MeshScrapes } from "../../../components/mesh-scrapes";
import {
  controlPlaneValues,
  trustManagerValues,
  vizValues,
  type MeshValuesArgs,
} from "../../../components/mesh/values";
import { root } from "../../config";
import { run, type Recorded } from "../../harness";
import { faultsOf, unknownPaths, type Schema } from "../../json-schema";
import { providers } from "../providers";
import { made } from "./made";

/** Linkerd's charts and the definitions of all kinds as upstream publishes them, at the versions that are pinned. */
const reference = path.resolve(root, "../shared/reference");
const read = (...file: string[]): string => fs.readFileSync(path.join(reference, ...file), "utf8");

interface Definition {
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

/** What of `values` stands neither in the chart's values.yaml nor in its values-ha.yaml: the chart would ignore it. */
function ignored(chart: string, values: unknown): string[] {
  const files = ["values.yaml", "values-ha.yaml"].map(
    (file) => parse(read("charts", chart, file)) as unknown,
  );
  const [first = [], ...others] = files.map((defaults) => unknownPaths(values, defaults, {}, {}));
  return first.filter((each) => others.every((other) => other.includes(each)));
}

const everything: MeshValuesArgs = {
  trustDomain: "mesh.example.com",
  ha: true,
  defaultInboundPolicy: "deny",
  tracing: {
    endpoint: "collector.observability:4317",
    meshIdentity: { serviceAccountName: "collector", namespace: "observability" },
  },
  prometheus: "http://prometheus.monitoring:9090",
  dashboardHosts: ["linkerd.example.com"],
};
const least: MeshValuesArgs = { trustDomain: "cluster.local", ha: false };

describe("the contract with Linkerd", () => {
  before(function () {
    if (!fs.existsSync(reference)) this.skip();
  });

  for (const [what, args] of Object.entries({ least, everything })) {
    it(`is kept by the values of linkerd-control-plane with ${what}`, () =>
      assert.deepEqual(ignored("linkerd-control-plane", controlPlaneValues(args)), []));

    it(`is kept by the values of linkerd-viz with ${what}`, () =>
      assert.deepEqual(ignored("linkerd-viz", vizValues(args)), []));

    it(`is kept by the values of trust-manager with ${what}`, () => {
      const schema = JSON.parse(read("charts", "trust-manager", "values.schema.json")) as Schema;
      assert.deepEqual(faultsOf(trustManagerValues(args), schema, { root: schema, closed: false }), []);
    });
  }

  it("is broken by a value that the chart does not have, at any depth", () => {
    const values = { proxy: { defaultInboundPolici: "deny" }, controllerReplica: 3, disableHeartBeat: true };
    assert.deepEqual(ignored("linkerd-control-plane", values), [
      "proxy.defaultInboundPolici",
      "controllerReplica",
    ]);
  });

  it("is kept by whatever highly available means to upstream, but for what is not run", () => {
    const upstream = parse(read("charts", "linkerd-control-plane", "values-ha.yaml")) as Record<
      string,
      unknown
    >;
    const values = controlPlaneValues({ ...least, ha: true });
    // There is no heartbeat, and a budget of one pod is the chart's default.
    const others = ["heartbeatResources", "controller"];
    const missing = Object.keys(upstream).filter((key) => !(key in values) && !others.includes(key));
    assert.deepEqual(missing, []);
  });

  /** The faults of what is written in each kind of the folder, by resource. */
  function faultsIn(resources: readonly Recorded[], groups: Readonly<Record<string, string>>) {
    const definitions = [...new Set(Object.values(groups))].flatMap((folder) =>
      fs
        .readdirSync(path.join(reference, "crds", folder))
        .map((file) => parse(read("crds", folder, file)) as Definition),
    );
    const written = resources.filter(({ type }) => groups[type.split(/[:/]/)[1] ?? ""] !== undefined);
    const faults = written.map(({ name, inputs }) => {
      const version = (inputs.apiVersion as string).split("/")[1];
      const schema = definitions
        .find(({ spec }) => spec.names.kind === inputs.kind)
        ?.spec.versions.find((each) => each.name === version)?.schema.openAPIV3Schema;
      assert.ok(schema, `nobody defines ${name}`);
      return [name, faultsOf({ spec: inputs.spec }, schema, { root: schema, closed: true })] as const;
    });
    return { count: written.length, faults: faults.filter(([, each]) => each.length > 0) };
  }

  it("is kept by every issuer, certificate and bundle", async () => {
    const { resources } = await made({ ...everything, nodes: 3, previousAnchor: true });
    assert.deepEqual(
      faultsIn(resources, { "cert-manager.io": "cert-manager", "trust.cert-manager.io": "trust-manager" }),
      { count: 16, faults: [] },
    );
  });

  it("is kept by what lets Prometheus in", async () => {
    const { resources } = await run(
      () =>
        new MeshScrapes(
          "scrapes",
          { namespaces: { apps: "production" }, trustDomain: "cluster.local" },
          { providers: providers() },
        ),
    );
    assert.deepEqual(faultsIn(resources, { "policy.linkerd.io": "linkerd" }), { count: 3, faults: [] });
  });
});
