import { crdSchema } from "../../fixtures/upstream";
import { faultsOf } from "../../json-schema";

const apiVersions: Readonly<Record<string, string>> = {
  Middleware: "traefik.io/v1alpha1",
  ServersTransport: "traefik.io/v1alpha1",
  TraefikService: "traefik.io/v1alpha1",
  HTTPRoute: "gateway.networking.k8s.io/v1",
};

/** What the CRD of a kind of Traefik or Gateway API finds wrong with a spec. */
export function definitionFaults(kind: string, spec: unknown): string[] {
  const schema = crdSchema(apiVersions[kind] ?? "", kind)?.properties?.spec;
  if (!schema) throw new Error(`no CRD for ${kind}`);
  return faultsOf(spec, schema, { root: schema, closed: true });
}
