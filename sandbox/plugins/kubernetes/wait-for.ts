import type { Props } from "../fake-provider";
import type { ApiServer } from "./api-server";
import { parseJsonPath } from "./json-path";
import type { ApiType } from "./token";
import { annotation, list, record, text } from "./values";

const SKIP_AWAIT = "pulumi.com/skipAwait";
export const TIMEOUT = "pulumi.com/timeoutSeconds";
export const WAIT_FOR = "pulumi.com/waitFor";

/** Says what is still missing of an object; undefined once it has it. */
export type Condition = (
  object: Props,
  api: Pick<ApiServer, "get">,
) => string | undefined | Promise<string | undefined>;

function jsonPathCondition(clause: string): Condition {
  const [, path, wanted] = /^jsonpath=\{(.+)\}=(.+)$/.exec(clause) ?? [];
  if (path === undefined || wanted === undefined)
    throw new Error(`got "${clause}", want jsonpath={path}=value, such as jsonpath={.status.phase}=Running`);
  const find = parseJsonPath(path);
  return (object) => {
    const found = find(object).map((value) => (typeof value === "string" ? value : JSON.stringify(value)));
    if (found.includes(wanted)) return undefined;
    return `${path} is ${found.length > 0 ? found.join(", ") : "not there"}, not ${wanted}`;
  };
}

function statusCondition(type: string, wanted: string): Condition {
  return (object) => {
    const condition = list(record(object.status).conditions)
      .map(record)
      .find((candidate) => text(candidate.type)?.toLowerCase() === type.toLowerCase());
    const status = text(condition?.status);
    if (status?.toLowerCase() === wanted.toLowerCase()) return undefined;
    const why = [text(condition?.reason), text(condition?.message)].filter(
      (part) => part !== undefined && part !== "",
    );
    return `condition ${type} is ${status ?? "not there"}, not ${wanted}${why.length > 0 ? ` (${why.join(": ")})` : ""}`;
  };
}

function parseCondition(clause: string): Condition {
  if (clause.startsWith("jsonpath=")) return jsonPathCondition(clause);
  const [, type, wanted] = /^condition=([^=]+)(?:=(.+))?$/.exec(clause) ?? [];
  if (type === undefined)
    throw new Error(`"${clause}" is neither jsonpath={...}=value nor condition=Type[=value]`);
  return statusCondition(type, wanted ?? "True");
}

/** Reads the `pulumi.com/waitFor` annotation: one clause, or a JSON array of clauses that must all hold. */
export function parseConditions(waitFor: string): readonly Condition[] {
  if (!waitFor.trimStart().startsWith("[")) return [parseCondition(waitFor)];
  const clauses: unknown = JSON.parse(waitFor);
  if (
    !Array.isArray(clauses) ||
    clauses.length === 0 ||
    !clauses.every((clause) => typeof clause === "string")
  )
    throw new Error(`${waitFor} is not a JSON array of clauses`);
  return clauses.map(parseCondition);
}

const count = (value: unknown, otherwise: number): number => (typeof value === "number" ? value : otherwise);

const isDeployed: Condition = (object) => {
  const { generation } = record(object.metadata);
  const { observedGeneration, updatedReplicas, availableReplicas } = record(object.status);
  const wanted = count(record(object.spec).replicas, 1);
  if (count(observedGeneration, 0) < count(generation, 1))
    return "no controller has seen this generation yet";
  if (count(updatedReplicas, 0) < wanted)
    return `${count(updatedReplicas, 0)} of ${wanted} replicas are up to date`;
  if (count(availableReplicas, 0) < wanted)
    return `${count(availableReplicas, 0)} of ${wanted} replicas are available`;
  return undefined;
};

const hasAddress: Condition = (object) =>
  list(record(record(object.status).loadBalancer).ingress).length > 0
    ? undefined
    : ".status.loadBalancer.ingress holds no address";

/** Whether a Service with a selector has a ready endpoint. */
const hasEndpoints: Condition = async (object, api) => {
  const { name, namespace } = record(object.metadata);
  const slices = await api.get(
    `/apis/discovery.k8s.io/v1/namespaces/${text(namespace) ?? ""}/endpointslices?labelSelector=kubernetes.io/service-name=${text(name) ?? ""}`,
  );
  const ready = list(slices?.items)
    .flatMap((slice) => list(record(slice).endpoints))
    .some((endpoint) => record(record(endpoint).conditions).ready === true);
  return ready ? undefined : "the Service has no ready endpoint";
};

/** The provider's default conditions by type. */
function builtIn(type: ApiType, inputs: Props): readonly Condition[] {
  switch (`${type.apiVersion}/${type.kind}`) {
    case "apiextensions.k8s.io/v1/CustomResourceDefinition":
      return [statusCondition("Established", "True")];
    case "apps/v1/Deployment":
      return [isDeployed];
    case "networking.k8s.io/v1/Ingress":
      return [hasAddress];
    case "v1/Service": {
      const { type: kind, selector } = record(inputs.spec);
      return [
        ...(Object.keys(record(selector)).length > 0 && kind !== "ExternalName" ? [hasEndpoints] : []),
        ...(kind === "LoadBalancer" ? [hasAddress] : []),
      ];
    }
    default:
      return [];
  }
}

/** Everything that must hold before the object counts as ready; nothing with `pulumi.com/skipAwait: "true"`. */
export function findConditions(type: ApiType, inputs: Props): readonly Condition[] {
  if (annotation(inputs, SKIP_AWAIT) === "true") return [];
  const waitFor = annotation(inputs, WAIT_FOR);
  return waitFor === undefined ? builtIn(type, inputs) : parseConditions(waitFor);
}

/** Seconds until a wait ends in an error: `pulumi.com/timeoutSeconds`, default 600. */
export const readTimeoutSeconds = (object: Props): number =>
  limitTimeout(Number(annotation(object, TIMEOUT) ?? 600));

/** A timeout in seconds, at most `PLATFORM_SANDBOX_AWAIT_SECONDS`, so that a test sees the end of a wait. */
export const limitTimeout = (seconds: number): number =>
  Math.min(seconds, Number(process.env.PLATFORM_SANDBOX_AWAIT_SECONDS ?? Infinity));
