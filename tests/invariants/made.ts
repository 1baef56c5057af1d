import type { Recorded, Values } from "../harness";
import { installed } from "./installed";
import { at, metadataOf, type Resources } from "./resources";

/** The namespace where cert-manager looks for what belongs to none. */
export const certManagerNamespace = "cert-manager";

/**
 * Everything that can be referred to, and what makes it: `<kind> <namespace>/<name>`, with `:<port>` of a Service,
 * `#<key>` of a Secret and `#<listener>` of a Gateway, and `<kind> <reference>` as Traefik's annotations spell it.
 */
export function madeBy(resources: Resources): Map<string, Recorded> {
  const made = new Map<string, Recorded>();
  for (const each of resources) {
    if (!each.custom || !each.type.startsWith("kubernetes:")) continue;
    for (const key of keysOf(each)) made.set(key, each);
  }
  const { className, release } = installed(resources);
  return made.set(`IngressClass /${className}`, release);
}

function keysOf(resource: Recorded): string[] {
  const kind = resource.type.split(":").at(-1) ?? "";
  const { name, namespace } = metadataOf(resource);
  const place = `${namespace}/${name}`;
  const parts = partsOf[kind]?.(resource.inputs, place, namespace) ?? [];
  return [`${kind} ${place}`, `${kind} ${namespace}-${name}@kubernetescrd`, ...parts];
}

const keys = (values: unknown): string[] => Object.keys(values ?? {});
const list = (values: unknown): Values[] => (values ?? []) as Values[];

type Parts = (inputs: Values, place: string, namespace: string) => string[];

const partsOf: Readonly<Record<string, Parts>> = {
  Service: (inputs, place) =>
    list(at(inputs, "spec.ports")).map(({ port }) => `Service ${place}:${port as number}`),
  Secret: ({ data, stringData }, place) =>
    [...keys(data), ...keys(stringData)].map((key) => `Secret ${place}#${key}`),
  // What cert-manager puts there.
  Certificate: (inputs, _, namespace) => {
    const secret = `Secret ${namespace}/${String(at(inputs, "spec.secretName"))}`;
    return [secret, ...["tls.crt", "tls.key", "ca.crt"].map((key) => `${secret}#${key}`)];
  },
  Gateway: (inputs, place) =>
    list(at(inputs, "spec.listeners")).map(({ name }) => `Gateway ${place}#${name as string}`),
};
