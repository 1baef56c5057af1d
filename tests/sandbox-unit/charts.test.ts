import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { parse, parseAllDocuments } from "yaml";

import { resolveCharts, gatewayApiUrl, gatewayApiVersion } from "../../components/charts";
import { root } from "../../sandbox/paths";
import { assemble, type ChartVersions } from "../../sandbox/tools/assemble-charts";
import { parseDownloads, registeredDefinitions } from "../../sandbox/tools/charts";
import { pinnedVersion, readGoMod } from "../../sandbox/tools/go";
import { linkerdKinds, linkerdTemplates, openDefinition } from "../../sandbox/tools/stand-in-charts";

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
  let dir: string;
  beforeEach(() => (dir = fs.mkdtempSync(path.join(os.tmpdir(), "charts-"))));
  afterEach(() => fs.rmSync(dir, { recursive: true }));

  /** Module folders as go leaves them: read-only. */
  function moduleDirs(): ReadonlyMap<string, string> {
    const modules = Object.entries(sources).map(([module, files], index): [string, string] => {
      const folder = path.join(dir, `module-${index}`);
      for (const [name, text] of Object.entries(files)) {
        fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
        fs.writeFileSync(path.join(folder, name), text, { mode: 0o444 });
      }
      return [module, folder];
    });
    return new Map(modules);
  }

  const target = () => path.join(dir, "charts");
  const read = (...parts: string[]) => fs.readFileSync(path.join(target(), ...parts), "utf8");
  const make = () =>
    assemble(
      target(),
      moduleDirs(),
      versions,
      new Map([
        ["github.com/cert-manager/cert-manager", versions["cert-manager"]],
        ["sigs.k8s.io/external-dns", "v0.22.0"],
      ]),
    );

  it("makes one folder for each chart, named and versioned as the program pins it", () => {
    make();
    for (const [name, version] of Object.entries(versions)) {
      assert.match(
        read(name, "Chart.yaml"),
        new RegExp(`^version: ${version.replaceAll(".", "\\.")}$`, "m"),
        name,
      );
    }
  });

  for (const [name, appVersion] of [
    ["cilium", versions.cilium],
    ["cert-manager", versions["cert-manager"]],
    ["trust-manager", versions["trust-manager"]],
    ["external-dns", "0.22.0"],
  ] as const)
    it(`writes the version of what ${name} installs as the chart's own release does: ${appVersion}`, () => {
      make();
      const { appVersion: written } = parse(read(name, "Chart.yaml")) as { appVersion: unknown };
      assert.equal(written, appVersion);
    });

  it("brings external-dns's definitions along", () => {
    make();
    assert.equal(read("external-dns", "crds", "dnsendpoints.yaml"), "kind: D\n");
  });

  it("has Gateway API's standard channel where the program looks for it in a mirror", () => {
    make();
    const documents = parseAllDocuments(fs.readFileSync(gatewayApiUrl(target()), "utf8"));
    assert.deepEqual(
      documents.map((document) => document.toJS() as unknown),
      [{ kind: "E" }, { kind: "F" }, { kind: "G" }],
    );
  });

  it("takes Gateway API at the version that the program wants", () =>
    assert.equal(
      pinnedVersion(readGoMod(path.join(root, "tools", "charts")), "sigs.k8s.io/gateway-api"),
      gatewayApiVersion,
    ));

  it("copies whole folders, and writably", () => {
    make();
    assert.equal(read("cilium", "templates", "deep", "one.yaml"), "a: 1\n");
    const { mode } = fs.statSync(path.join(target(), "cilium", "Chart.yaml"));
    assert.ok(mode & 0o200, "read-only");
  });

  it("gives trust-manager the image tag its own release would", () => {
    make();
    assert.match(read("trust-manager", "values.yaml"), /^ {2}_defaultReference: :2025-1-2$/m);
  });

  it("sets aside what Cilium's operator registers, and what alerts need of Prometheus', and nothing else", () => {
    make();
    assert.deepEqual(
      registeredDefinitions(target()).map(({ by, file }) => `${by} ${path.basename(file)}`),
      [
        "cilium-operator ciliumnodes.yaml",
        "cilium-operator ciliumpodippools.yaml",
        "prometheus-operator monitoring.coreos.com_prometheusrules.yaml",
        "prometheus-operator monitoring.coreos.com_servicemonitors.yaml",
      ],
    );
  });

  it("says in a stand-in's description that it is one", () => {
    make();
    for (const name of ["traefik", "ingress-nginx", "linkerd-crds", "linkerd-control-plane", "linkerd-viz"]) {
      assert.match(read(name, "Chart.yaml"), /Stand-in of the sandbox/, name);
    }
    assert.equal(read("traefik", "crds", "traefik.io.yaml"), "kind: C\n");
    assert.match(read("traefik", "templates", "traefik.yaml"), /controller: traefik\.io\/ingress-controller/);
  });

  it("fails rather than leave a placeholder when a module looks different", () => {
    const dirs = moduleDirs();
    const file = path.join(
      dirs.get("github.com/cert-manager/cert-manager") ?? "",
      "deploy/charts/cert-manager/Chart.yaml",
    );
    fs.chmodSync(file, 0o644);
    fs.writeFileSync(file, "apiVersion: v2\n");
    assert.throws(() => assemble(target(), dirs, versions, new Map()), /has no line \^version/);
  });

  it("reads go's answer, one object after the other", () => {
    const answer = '{\n\t"Path": "a",\n\t"Dir": "/a"\n}\n{\n\t"Path": "b",\n\t"Dir": "/b"\n}\n';
    assert.deepEqual(
      [...parseDownloads(answer)],
      [
        ["a", "/a"],
        ["b", "/b"],
      ],
    );
  });

  it("describes each kind of Linkerd's as the API server wants a definition", () => {
    assert.equal(
      new Set(linkerdKinds.map(({ group, plural }) => `${plural}.${group}`)).size,
      linkerdKinds.length,
    );
    for (const kind of linkerdKinds) {
      const { metadata, spec } = openDefinition(kind);
      assert.equal(metadata.name, `${kind.plural}.${kind.group}`);
      assert.equal(spec.versions.filter(({ storage }) => storage).length, 1, kind.kind);
      assert.ok(spec.versions.every(({ served }) => served));
    }
    const templates = Object.values(linkerdTemplates());
    assert.equal(templates.length, linkerdKinds.length);
    for (const text of templates) {
      assert.equal((parse(text) as { kind: string }).kind, "CustomResourceDefinition");
      assert.doesNotMatch(text, /\{\{/);
    }
  });

  it("serves every version of a Linkerd Server, and stores the newest", () => {
    const server = linkerdKinds.find(({ kind }) => kind === "Server");
    assert.ok(server);
    const { versions: served } = openDefinition(server).spec;
    assert.deepEqual(
      served.map(({ name }) => name),
      ["v1beta1", "v1beta2", "v1beta3"],
    );
    assert.equal(served.find(({ storage }) => storage)?.name, "v1beta3");
  });
});
