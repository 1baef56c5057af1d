import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import { resolveCharts, gatewayApiUrl, gatewayApiVersion } from "../../components/charts";
import { root } from "../../sandbox/paths";
import { assemble, type ChartVersions } from "../../sandbox/tools/assemble-charts";
import { parseDownloads, registeredDefinitions } from "../../sandbox/tools/charts";
import { pinnedVersion, readGoMod } from "../../sandbox/tools/go";
import { temporary } from "./temporary";

const charts = resolveCharts();
const versions = Object.fromEntries(
  Object.entries(charts).map(([name, { version }]) => [name, version]),
) as ChartVersions;

const chartYaml = "apiVersion: v2\nname: some\nversion: v0.0.0\nappVersion: v0.0.0\n";
const sources: Record<string, Record<string, string>> = {
  "github.com/cilium/cilium": {
    "install/kubernetes/cilium/Chart.yaml": chartYaml,
    "install/kubernetes/cilium/templates/deep/one.yaml": "a: 1\n",
    "pkg/k8s/apis/cilium.io/client/crds/v2/ciliumnodes.yaml": "kind: A\n",
    "pkg/k8s/apis/cilium.io/client/crds/v2/embed.go": "package v2\n",
    "pkg/k8s/apis/cilium.io/client/crds/v2alpha1/ciliumpodippools.yaml": "kind: B\n",
  },
  "github.com/cert-manager/cert-manager": { "deploy/charts/cert-manager/Chart.yaml": chartYaml },
  "github.com/cert-manager/trust-manager": {
    "deploy/charts/trust-manager/Chart.yaml": chartYaml,
    "deploy/charts/trust-manager/values.yaml": "defaultPackageImage:\n  _defaultReference: :v0.0.0\n",
    "make/00_debian_trixie_version.mk": "DEBIAN_TRIXIE_BUNDLE_VERSION := 2025+1~2\n",
  },
  "github.com/traefik/traefik/v3": {
    "docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml": "kind: C\n",
  },
  "github.com/prometheus-operator/prometheus-operator": {
    "example/prometheus-operator-crd/monitoring.coreos.com_prometheuses.yaml": "kind: I\n",
    "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml": "kind: J\n",
    "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml": "kind: K\n",
  },
  "sigs.k8s.io/external-dns": {
    "charts/external-dns/Chart.yaml": chartYaml,
    "charts/external-dns/crds/dnsendpoints.yaml": "kind: D\n",
  },
  "sigs.k8s.io/gateway-api": {
    "config/crd/standard/gateways.yaml": "kind: E\n",
    "config/crd/standard/httproutes.yaml": "kind: F\n---\nkind: G\n",
    "config/crd/experimental/gateways.yaml": "kind: H\n",
  },
};

describe("charts of the sandbox", () => {
  const folder = temporary("charts-");
  let target: string;
  /** The folders of the modules. */
  let dirs: ReadonlyMap<string, string>;

  /** Module folders as go leaves them: read-only. */
  function writeModules(parent: string): ReadonlyMap<string, string> {
    const modules = Object.entries(sources).map(([module, files], index): [string, string] => {
      const dir = path.join(parent, `module-${index}`);
      for (const [name, text] of Object.entries(files)) {
        fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
        fs.writeFileSync(path.join(dir, name), text, { mode: 0o444 });
      }
      return [module, dir];
    });
    return new Map(modules);
  }

  const appVersions = new Map([
    ["github.com/cert-manager/cert-manager", versions["cert-manager"]],
    ["sigs.k8s.io/external-dns", "v0.22.0"],
  ]);
  beforeEach(() => {
    const parent = folder();
    target = path.join(parent, "charts");
    dirs = writeModules(parent);
    assemble(target, dirs, versions, appVersions);
  });
  const read = (...parts: string[]) => fs.readFileSync(path.join(target, ...parts), "utf8");
  const readChart = (name: string) => parse(read(name, "Chart.yaml")) as Readonly<Record<string, string>>;

  it("are one folder for each chart, at the version that the program installs", () => {
    for (const [name, version] of Object.entries(versions)) assert.equal(readChart(name).version, version);
  });

  for (const [name, appVersion] of [
    ["cilium", versions.cilium],
    ["cert-manager", versions["cert-manager"]],
    ["trust-manager", versions["trust-manager"]],
    ["external-dns", "0.22.0"],
  ] as const)
    it(`have the appVersion of the chart's own release: ${name} ${appVersion}`, () =>
      assert.equal(readChart(name).appVersion, appVersion));

  for (const [file, content] of [
    // The image tag that trust-manager's own release writes.
    ["trust-manager/values.yaml", /^ {2}_defaultReference: :2025-1-2$/m],
    ...[
      "traefik",
      "ingress-nginx",
      "linkerd-crds",
      "linkerd-control-plane",
      "linkerd2-cni",
      "linkerd-viz",
    ].map((name) => [`${name}/Chart.yaml`, /Stand-in of the sandbox/] as const),
  ] as const)
    it(`have ${file} with ${content.source.slice(0, 40)}`, () => assert.match(read(file), content));

  it("have Gateway API at the program's version, where it looks for its standard channel in a mirror", () => {
    assert.match(
      fs.readFileSync(gatewayApiUrl(target), "utf8"),
      /^---\nkind: E\n---\nkind: F\n---\nkind: G\n$/,
    );
    const mod = readGoMod(path.join(root, "tools", "charts"));
    assert.equal(pinnedVersion(mod, "sigs.k8s.io/gateway-api"), gatewayApiVersion);
  });

  it("have apart the definitions that operators register", () =>
    assert.deepEqual(
      registeredDefinitions(target).map(({ by, file }) => `${by} ${path.basename(file, ".yaml")}`),
      [
        ...["cilium-operator ciliumnodes", "cilium-operator ciliumpodippools"],
        "prometheus-operator monitoring.coreos.com_prometheusrules",
        "prometheus-operator monitoring.coreos.com_servicemonitors",
      ],
    ));

  it("cannot be assembled without the line to replace in a module", () => {
    const module = dirs.get("github.com/cert-manager/cert-manager") ?? "";
    const file = path.join(module, "deploy/charts/cert-manager/Chart.yaml");
    fs.rmSync(file);
    fs.writeFileSync(file, "apiVersion: v2\n");
    assert.throws(() => assemble(target, dirs, versions, new Map()), /has no line \^version/);
  });

  it("come from the folders that go prints, one object after the other", () => {
    const answer = '{\n\t"Path": "a",\n\t"Dir": "/a"\n}\n{\n\t"Path": "b",\n\t"Dir": "/b"\n}\n';
    assert.deepEqual(Object.fromEntries(parseDownloads(answer)), { a: "/a", b: "/b" });
  });
});
