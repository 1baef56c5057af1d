import { UNKNOWN, type InputError, type Props } from "../fake-provider";
import type { ApiType } from "./token";
import { annotation, record, text } from "./values";
import { parseConditions, TIMEOUT, WAIT_FOR } from "./wait-for";

/**
 * Whether a new object would stand where the old one does, so that the old one must go first. In another namespace both
 * can be there, and the new one comes before the old one goes.
 */
export function hasSameName(inputs: Props, olds: Props): boolean {
  const [now, before] = [record(inputs.metadata), record(olds.metadata)];
  return now.name === before.name && now.namespace === before.namespace;
}

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Whether it can name most objects: at most 253 characters of a-z, 0-9, - and . */
export const isSubdomain = (name: string): boolean => name.length <= 253 && SUBDOMAIN.test(name);

/** Validation without the API server, which validates the schema later. */
export function validateObject(inputs: Props, type: ApiType): readonly InputError[] {
  const faults: InputError[] = [];
  const expect = (property: string, given: unknown, wanted: string): void => {
    if (given !== wanted && given !== UNKNOWN)
      faults.push({ property, reason: `is ${JSON.stringify(given)}, but this type is "${wanted}"` });
  };
  expect("apiVersion", inputs.apiVersion, type.apiVersion);
  expect("kind", inputs.kind, type.kind);
  if ("status" in inputs)
    faults.push({ property: "status", reason: "is written by the cluster's controllers: leave it out" });

  if (inputs.metadata === UNKNOWN) return faults;
  const { name } = record(inputs.metadata);
  // Roles and their bindings may be called "system:node" and the like.
  const isFree = type.apiVersion.startsWith("rbac.authorization.k8s.io/");
  if (name !== UNKNOWN && !(typeof name === "string" && (isFree || isSubdomain(name))))
    faults.push({
      property: "metadata.name",
      reason: `is ${JSON.stringify(name)}: the stand-in generates no names; one has a-z, 0-9, "-" and ".", and starts and ends with a letter or digit`,
    });
  return [...faults, ...validateAnnotations(inputs)];
}

function validateAnnotations(inputs: Props): readonly InputError[] {
  const faults: InputError[] = [];
  const seconds = annotation(inputs, TIMEOUT);
  if (seconds !== undefined && seconds !== UNKNOWN && !/^[0-9]+$/.test(seconds))
    faults.push({
      property: `metadata.annotations["${TIMEOUT}"]`,
      reason: `is "${seconds}", not a whole number`,
    });
  const waitFor = text(annotation(inputs, WAIT_FOR));
  if (waitFor === undefined || waitFor.includes(UNKNOWN)) return faults;
  try {
    parseConditions(waitFor);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    faults.push({ property: `metadata.annotations["${WAIT_FOR}"]`, reason });
  }
  return faults;
}
