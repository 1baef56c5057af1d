import type { Recorded, Values } from "../harness";
import { findController } from "./ingress-controller";
import { readPath, readMetadata, type Resources } from "./resources";

/** The namespace where cert-manager reads the Secrets of cluster-scoped resources. */
export const certManagerNamespace = "cert-manager";

/**
 * Finds everything that can be referred to, and the resource that creates it: `<kind> <namespace>/<name>`, with `:<port>` of a Service,
 * `#<key>` of a Secret and `#<listener>` of a Gateway, and `<kind> <reference>` as Traefik's annotations spell it.
 */
export function findCreatedObjects(resources: Resources): Map<string, Recorded> {
  const made = new Map<string, Recorded>();
  for (const each of resources) {
    if (!each.custom || !each.type.startsWith("kubernetes:")) continue;
    for (const key of buildKeys(each)) made.set(key, each);
  }
  const { className, release } = findController(resources);
  for (const name of keys(readPath(release.inputs, "values.tlsOptions")))
    made.set(`TLSOption ${readMetadata(release).namespace}-${name}@kubernetescrd`, release);
  return made.set(`IngressClass /${className}`, release);
}

function buildKeys(resource: Recorded): string[] {
  const kind = resource.type.split(":").at(-1) ?? "";
  const { name, namespace } = readMetadata(resource);
  const place = `${namespace}/${name}`;
  const parts = partKeys[kind]?.(resource.inputs, place, namespace) ?? [];
  return [`${kind} ${place}`, `${kind} ${namespace}-${name}@kubernetescrd`, ...parts];
}

const keys = (values: unknown): string[] => Object.keys(values ?? {});
const list = (values: unknown): Values[] => (values ?? []) as Values[];

type Parts = (inputs: Values, place: string, namespace: string) => string[];

const partKeys: Readonly<Record<string, Parts>> = {
  Service: (inputs, place) =>
    list(readPath(inputs, "spec.ports")).map(({ port }) => `Service ${place}:${port as number}`),
  Secret: ({ data, stringData }, place) =>
    [...keys(data), ...keys(stringData)].map((key) => `Secret ${place}#${key}`),
  // The Secret that cert-manager creates.
  Certificate: (inputs, _, namespace) => {
    const secret = `Secret ${namespace}/${String(readPath(inputs, "spec.secretName"))}`;
    return [secret, ...["tls.crt", "tls.key", "ca.crt"].map((key) => `${secret}#${key}`)];
  },
  Gateway: (inputs, place) =>
    list(readPath(inputs, "spec.listeners")).map(({ name }) => `Gateway ${place}#${name as string}`),
};
