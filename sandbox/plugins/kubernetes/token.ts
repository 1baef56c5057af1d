/** A type of object as the Kubernetes API names it. */
export interface ApiType {
  /** Group and version, such as `apps/v1`; `v1` for the core group. */
  readonly apiVersion: string;
  readonly kind: string;
}

/** The token of Helm releases, the one resource of the provider that is no API object. */
export const RELEASE_TOKEN = "kubernetes:helm.sh/v3:Release";

const TOKEN = /^kubernetes:(?:([a-z][a-z0-9.-]*)\/)?([a-z][a-z0-9-]*):([A-Z][A-Za-z0-9]*)$/;

/**
 * The API type behind a resource token such as `kubernetes:core/v1:Namespace` or
 * `kubernetes:cert-manager.io/v1:ClusterIssuer`. Undefined for another provider's token; a kind that the API server does
 * not have is refused there.
 */
export function parseApiType(token: string): ApiType | undefined {
  const [, group = "core", version, kind] = TOKEN.exec(token) ?? [];
  if (version === undefined || kind === undefined) return undefined;
  return { apiVersion: group === "core" ? version : `${group}/${version}`, kind };
}
