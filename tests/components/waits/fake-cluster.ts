import type { ReadApi } from "../../../components/conflicts/cluster-api";

/** A Kubernetes object as the API server returns it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string } & Readonly<
    Record<string, unknown>
  >;
  readonly [field: string]: unknown;
}

/** An API server with these objects, read at each request. The plural of a kind is `<kind>s`, in lower case. */
export const serve =
  (objects: readonly Manifest[]): ReadApi =>
  (path, shape, { absent } = {}) => {
    const [, api = "", namespace, plural, name] =
      /^\/apis?\/((?:[^/]+\/)?v\w+)(?:\/namespaces\/([^/]+))?(?:\/(\w+))?(?:\/([^/?]+))?/.exec(path) ?? [];
    const ofApi = objects.filter(({ apiVersion }) => apiVersion === api);
    const toPlural = (kind: string) => `${kind.toLowerCase()}s`;
    if (plural === undefined)
      return Promise.resolve(
        shape.parse({ resources: ofApi.map(({ kind }) => ({ kind, name: toPlural(kind) })) }),
      );
    const items = ofApi.filter(
      ({ kind, metadata }) => toPlural(kind) === plural && metadata.namespace === namespace,
    );
    if (name === undefined) return Promise.resolve(shape.parse({ items }));
    const found = items.find(({ metadata }) => metadata.name === name);
    if (found !== undefined) return Promise.resolve(shape.parse(found));
    return absent === undefined ? Promise.reject(new Error(`404 at ${path}`)) : Promise.resolve(absent);
  };

/** An object of the namespace `apps` with the UID `<kind>-<name>`. */
export const object = (
  apiVersion: string,
  kind: string,
  name: string,
  {
    owner,
    metadata,
    ...fields
  }: { readonly owner?: string; readonly metadata?: object } & Readonly<Record<string, unknown>> = {},
): Manifest => ({
  apiVersion,
  kind,
  metadata: {
    name,
    namespace: "apps",
    uid: `${kind}-${name}`,
    ownerReferences: owner === undefined ? [] : [{ uid: owner }],
    ...metadata,
  },
  ...fields,
});

/** A condition with a reason and a message. */
export const condition = (type: string, status: string, reason = "", message = "") => ({
  conditions: [{ type, status, reason, message }],
});

/** A Warning event of an object with the UID `<kind>-<name>`. */
export const warning = (uid: string, reason: string, message: string, minute = 0): Manifest =>
  object("v1", "Event", `${uid}.${reason}.${minute}`, {
    involvedObject: { uid },
    reason,
    message,
    lastTimestamp: `2026-11-30T12:${String(minute).padStart(2, "0")}:00Z`,
  });
