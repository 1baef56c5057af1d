import type { Recorded, Values } from "../harness";

export type Resources = readonly Recorded[];

export const id = ({ type, name }: Recorded): string => `${type} ${name}`;

export const ofType = (resources: Resources, end: string): Resources =>
  resources.filter(({ type }) => type.endsWith(`:${end}`));

/** What every object says of itself; a release says it at its top. */
export interface Metadata {
  readonly name: string;
  /** Empty for what is in none. */
  readonly namespace: string;
  readonly annotations: Readonly<Record<string, string>>;
}

export function metadataOf({ inputs }: Recorded): Metadata {
  const said = (inputs.metadata ?? inputs) as Partial<Record<keyof Metadata, unknown>>;
  return {
    name: said.name as string,
    namespace: (said.namespace ?? "") as string,
    annotations: (said.annotations ?? {}) as Metadata["annotations"],
  };
}

/** What is at a dotted path; undefined where there is nothing. */
export const at = (values: Values | undefined, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>((inside, key) => (inside as Values | null | undefined)?.[key], values ?? {});

/** Whether a name is the domain or one below it. */
export const isWithin = (name: string, domain: string): boolean =>
  name === domain || name.endsWith(`.${domain}`);

/** The one wildcard that covers a host. */
export const wildcardOf = (host: string): string => host.replace(/^[^.]+/, "*");
