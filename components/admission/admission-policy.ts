import type * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

type PolicySpec =
  pulumi.Unwrap<kubernetes.types.input.admissionregistration.v1.ValidatingAdmissionPolicySpec>;
type LabelSelector = pulumi.Unwrap<kubernetes.types.input.meta.v1.LabelSelector>;

/** A policy of the API server, which refuses requests that violate it. Its conditions are in CEL. */
export interface AdmissionPolicy {
  /** The names of the ValidatingAdmissionPolicy and of its binding. */
  readonly name: string;
  /** The namespaces of the objects that it checks. Default: all. */
  readonly namespaceSelector?: LabelSelector;
  readonly spec: PolicySpec;
}

/** A list of strings in CEL. */
export const celList = (texts: readonly string[]): string =>
  `[${texts.map((text) => JSON.stringify(text)).join(", ")}]`;
