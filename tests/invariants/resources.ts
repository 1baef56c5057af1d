import type { Recorded, Values } from "../harness";

export type Resources = readonly Recorded[];

export const id = ({ type, name }: Recorded): string => `${type} ${name}`;

export const filterByType = (resources: Resources, end: string): Resources =>
  resources.filter(({ type }) => type.endsWith(`:${end}`));

/** The resources of a type that belong to an app. */
export const filterOfApps = (resources: Resources, end: string): Resources =>
  filterByType(resources, end).filter(({ parent }) => parent.includes(":AppService "));

/** Metadata of an object, or the same fields of a release. */
export interface Metadata {
  readonly name: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly annotations: Readonly<Record<string, string>>;
}

export function readMetadata({ inputs }: Recorded): Metadata {
  const fields = (inputs.metadata ?? inputs) as Partial<Record<keyof Metadata, unknown>>;
  return {
    name: fields.name as string,
    namespace: (fields.namespace ?? "") as string,
    annotations: (fields.annotations ?? {}) as Metadata["annotations"],
  };
}

/** Reads the value at a dotted path; undefined if there is none. */
export const readPath = (values: Values | undefined, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>((inside, key) => (inside as Values | null | undefined)?.[key], values ?? {});

/** Whether a name is the domain or a subdomain of it. */
export const isWithin = (name: string, domain: string): boolean =>
  name === domain || name.endsWith(`.${domain}`);

/** The wildcard that covers a host. */
export const wildcardFor = (host: string): string => host.replace(/^[^.]+/, "*");
