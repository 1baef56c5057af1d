import { crdSchema } from "../../fixtures/upstream";
import { faultsOf } from "../../json-schema";

const apiVersions: Readonly<Record<string, string>> = {
  Middleware: "traefik.io/v1alpha1",
  ServersTransport: "traefik.io/v1alpha1",
  TraefikService: "traefik.io/v1alpha1",
  HTTPRoute: "gateway.networking.k8s.io/v1",
};

/** The errors of a spec by the CRD of its kind, one of Traefik's or Gateway API's. */
export function definitionFaults(kind: string, spec: unknown): string[] {
  const schema = crdSchema(apiVersions[kind] ?? "", kind)?.properties?.spec;
  if (!schema) throw new Error(`no CRD for ${kind}`);
  return faultsOf(spec, schema, { root: schema, closed: true });
}
