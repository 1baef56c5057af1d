import * as fs from "node:fs";
import * as path from "node:path";

import { stringify } from "yaml";

/** The templates of charts that no Go module carries: as much of each as other objects depend on. */
const templatesDir = path.join(__dirname, "..", "charts");

/** A kind that Linkerd's chart registers and whose schema no Go module carries. */
export interface OpenKind {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly version: string;
}

const policy = "policy.linkerd.io";

/** The kinds of the chart linkerd-crds that the program creates, all of them namespaced. */
export const linkerdKinds: readonly OpenKind[] = [
  { group: "linkerd.io", kind: "ServiceProfile", plural: "serviceprofiles", version: "v1alpha2" },
  { group: policy, kind: "AuthorizationPolicy", plural: "authorizationpolicies", version: "v1alpha1" },
  { group: policy, kind: "MeshTLSAuthentication", plural: "meshtlsauthentications", version: "v1alpha1" },
  { group: policy, kind: "NetworkAuthentication", plural: "networkauthentications", version: "v1alpha1" },
  { group: policy, kind: "Server", plural: "servers", version: "v1beta3" },
];

/** A definition that takes any spec: the API server checks name, group and version, and no field. */
function openDefinition({ group, kind, plural, version }: OpenKind) {
  const open = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const schema = { openAPIV3Schema: { type: "object", properties: { spec: open, status: open } } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      scope: "Namespaced",
      versions: [{ name: version, served: true, storage: true, schema, subresources: { status: {} } }],
    },
  };
}

/** Files of a stand-in chart: YAML by file name. */
export interface StandInFiles {
  /** Registered before the templates and never removed, as Helm does with this folder. */
  readonly crds?: Readonly<Record<string, string>>;
  readonly templates?: Readonly<Record<string, string>>;
}

/** The charts with such templates. */
export const standInCharts = [
  "traefik",
  "ingress-nginx",
  "linkerd-control-plane",
  "linkerd2-cni",
  "linkerd-viz",
] as const;

/** The templates of a stand-in chart, by file name. */
export function readStandInTemplates(name: string): Record<string, string> {
  const dir = path.join(templatesDir, name);
  return Object.fromEntries(
    fs.readdirSync(dir).map((file) => [file, fs.readFileSync(path.join(dir, file), "utf8")]),
  );
}

/** Writes a stand-in for a chart that no Go module has: same name and version, and the given files. */
export function writeStandIn(dir: string, name: string, version: string, files: StandInFiles): void {
  const description = `Stand-in of the sandbox for the chart ${name}: the objects that others depend on, no more.`;
  const everything = {
    "Chart.yaml": stringify({ apiVersion: "v2", name, version, type: "application", description }),
    ...inFolder("crds", files.crds),
    ...inFolder("templates", files.templates),
  };
  for (const [file, text] of Object.entries(everything)) {
    const target = path.join(dir, file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, text);
  }
}

/** The templates of linkerd-crds. */
export function linkerdTemplates(): Record<string, string> {
  return Object.fromEntries(
    linkerdKinds.map((kind) => [`${kind.plural}.yaml`, stringify(openDefinition(kind))]),
  );
}

function inFolder(folder: string, files: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
}
