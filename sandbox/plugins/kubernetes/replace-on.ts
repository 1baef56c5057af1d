import type { ApiType } from "./token";

/** Fields that the API server or the real provider does not change in place, of the kinds that the program creates. */
const IMMUTABLE: Readonly<Record<string, readonly string[]>> = {
  "apps/v1/Deployment": ["spec.selector"],
  "v1/ConfigMap": ["data", "binaryData"],
  "v1/Secret": ["type", "data", "stringData"],
  "v1/Service": ["spec.clusterIP", "spec.type"],
};

/** The dotted paths whose change replaces an object of this type. `mutableSecrets` excepts the data of Secrets. */
export function replaceOn({ apiVersion, kind }: ApiType, mutableSecrets: boolean): readonly string[] {
  const fields = kind === "Secret" && mutableSecrets ? ["type"] : (IMMUTABLE[`${apiVersion}/${kind}`] ?? []);
  return ["apiVersion", "kind", "metadata.name", "metadata.namespace", ...fields];
}
