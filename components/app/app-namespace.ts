import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { networkPolicy } from "../custom-resources/cilium-resources";

export interface AppNamespaceArgs {
  /** The namespace's name. A change replaces everything in it. */
  readonly namespace: string;
}

/**
 * The namespace the apps live in, closed by default: a pod that no app's policy speaks of reaches nothing and is
 * reached by nothing.
 *
 * @see https://docs.cilium.io/en/stable/security/policy/intro/#rule-basics
 */
export class AppNamespace extends pulumi.ComponentResource {
  /** The namespace's name, known once it exists. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: AppNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:networking:AppNamespace", name, {}, opts);

    const namespace = new kubernetes.core.v1.Namespace(
      name,
      { metadata: { name: args.namespace } },
      { parent: this },
    );
    this.namespace = namespace.metadata.name;

    // An empty rule matches nobody; an empty list of rules would not restrict at all.
    networkPolicy(
      `${name}-default-deny`,
      { name: "default-deny", namespace: this.namespace },
      { endpointSelector: {}, ingress: [{}], egress: [{}] },
      { parent: this },
    );

    this.registerOutputs({ namespace: this.namespace });
  }
}
