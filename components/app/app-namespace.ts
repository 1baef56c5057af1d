import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { networkPolicy } from "../custom-resources/cilium-resources";
import { appNamespaceLabel, meshedPodSecurity, podSecurityLabel } from "../namespaces";

export interface AppNamespaceArgs {
  /** Its name. A change replaces everything in it. */
  readonly namespace: string;
  /** Whether Linkerd's CNI plugin sets up the pods. Then the Pod Security level `restricted` is enforced. Default: false. */
  readonly meshCni?: boolean | undefined;
  /** The credentials of private registries: the text of Docker's `config.json`. Secret. Default: none. */
  readonly dockerConfig?: pulumi.Input<string> | undefined;
  /** Whether apps get parts of their node, which the API server otherwise refuses. Default: false. */
  readonly privileged?: boolean | undefined;
}

/**
 * The namespace of the apps, with default deny: a pod that no app's policy selects can neither send nor receive traffic.
 *
 * @see https://docs.cilium.io/en/stable/security/policy/intro/#rule-basics
 */
export class AppNamespace extends pulumi.ComponentResource {
  /** The namespace's name, known once it exists. */
  readonly namespace: pulumi.Output<string>;
  /** The name of the Secret with the credentials of private registries, if there are any. */
  readonly pullSecret: pulumi.Output<string> | undefined;

  constructor(name: string, args: AppNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:networking:AppNamespace", name, {}, opts);

    const namespace = new kubernetes.core.v1.Namespace(
      name,
      {
        metadata: {
          name: args.namespace,
          labels: {
            [appNamespaceLabel]: "true",
            ...meshedPodSecurity(args.meshCni ?? false),
            ...(args.privileged === true && { [podSecurityLabel("enforce")]: "privileged" }),
          },
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

    this.pullSecret =
      args.dockerConfig === undefined
        ? undefined
        : new kubernetes.core.v1.Secret(
            `${name}-registries`,
            {
              metadata: { name: "registries", namespace: this.namespace },
              type: "kubernetes.io/dockerconfigjson",
              stringData: { ".dockerconfigjson": args.dockerConfig },
            },
            { parent: this },
          ).metadata.name;

    this.registerOutputs({ namespace: this.namespace });
  }
}
