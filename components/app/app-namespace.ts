import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { networkPolicy } from "../custom-resources/cilium-resources";
import { appNamespaceLabel, meshedPodSecurity } from "../namespaces";

export interface AppNamespaceArgs {
  /** Its name. A change replaces everything in it. */
  readonly namespace: string;
  /** Whether Linkerd's CNI plugin sets up the pods. Then the Pod Security level `restricted` is enforced. Default: false. */
  readonly meshCni?: boolean | undefined;
}

/**
 * The namespace of the apps, with default deny: a pod that no app's policy selects can neither send nor receive traffic.
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
      {
        metadata: {
          name: args.namespace,
          labels: { [appNamespaceLabel]: "true", ...meshedPodSecurity(args.meshCni ?? false) },
        },
      },
      { parent: this },
    );
    this.namespace = namespace.metadata.name;

    // An empty rule matches no peer; an empty list of rules would not enable default deny.
    networkPolicy(
      `${name}-default-deny`,
      { name: "default-deny", namespace: this.namespace },
      { endpointSelector: {}, ingress: [{}], egress: [{}] },
      { parent: this },
    );

    this.registerOutputs({ namespace: this.namespace });
  }
}
