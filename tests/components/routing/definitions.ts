import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import { root } from "../../config";
import { faultsOf, type Schema } from "../../json-schema";

/** Definitions as upstream publishes them, at the versions that are pinned. */
const folder = path.resolve(root, "../shared/reference/crds");

const files: Readonly<Record<string, string>> = {
  Middleware: "traefik/traefik.io_middlewares.yaml",
  ServersTransport: "traefik/traefik.io_serverstransports.yaml",
  TraefikService: "traefik/traefik.io_traefikservices.yaml",
  HTTPRoute: "gateway-api/gateway.networking.k8s.io_httproutes.yaml",
};

interface Definition {
  readonly spec: {
    readonly versions: readonly {
      readonly schema: { readonly openAPIV3Schema: { readonly properties: { readonly spec: Schema } } };
    }[];
  };
}

const read = new Map<string, Schema>();

/** Whether there is anything to compare with. */
export const areThere = fs.existsSync(folder);

/** What upstream's definition of a kind has against a spec; nothing where the definition is not there. */
export function definitionFaults(kind: string, spec: unknown): string[] {
  const file = files[kind];
  if (!areThere || file === undefined) return [];
  let schema = read.get(kind);
  if (schema === undefined) {
    const { spec: its } = parse(fs.readFileSync(path.join(folder, file), "utf8")) as Definition;
    schema = its.versions[0]?.schema.openAPIV3Schema.properties.spec ?? {};
    read.set(kind, schema);
  }
  return faultsOf(spec, schema, { root: schema, closed: true });
}
