import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { hook } from "../pulumi/hooks";
import { buildHostPolicy, type HostPolicyArgs } from "./host-policy";
import { issuerPolicy } from "./issuer-policy";
import { nodeProxyPolicy } from "./node-proxy-policy";
import { podPolicy } from "./pod-policy";

export type AdmissionArgs = HostPolicyArgs;

/** The API server reads changed policies every second. */
const policyRefreshMilliseconds = 3000;

/**
 * Policies of the API server, which need no webhook. They refuse what other users of the cluster could do to the platform
 * with a role such as `edit`: take its hosts or have its issuers sign for them, or take over a node by a pod beside the apps
 * or by the permissions of viz's Prometheus. Objects that exist already are not checked until they change.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export class Admission extends pulumi.ComponentResource {
  constructor(name: string, args: AdmissionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:networking:Admission", name, {}, opts);

    // A namespace that an update adds is exempt before the platform's objects are created in it.
    const takesEffect = hook(
      `${name}-takes-effect`,
      () => new Promise((resolve) => void setTimeout(resolve, policyRefreshMilliseconds)),
    );
    for (const { name: policyName, namespaceSelector, spec } of [
      issuerPolicy,
      buildHostPolicy(args),
      podPolicy,
      nodeProxyPolicy,
    ]) {
      const policy = new kubernetes.admissionregistration.v1.ValidatingAdmissionPolicy(
        `${name}-${policyName}`,
        { metadata: { name: policyName }, spec },
        { parent: this },
      );
      new kubernetes.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
        `${name}-${policyName}-binding`,
        {
          metadata: { name: policyName },
          spec: {
            policyName,
            validationActions: ["Deny"],
            ...(namespaceSelector && { matchResources: { namespaceSelector } }),
          },
        },
        { parent: this, dependsOn: policy, hooks: { afterUpdate: [takesEffect] } },
      );
    }
    this.registerOutputs();
  }
}
