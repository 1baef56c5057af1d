import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { releaseArgs, type Chart } from "../charts";
import { findController, type ControllerName } from "./controllers";
import type { IngressArgs } from "./ingress-args";
import { meshedPodSecurity } from "../namespaces";

export interface IngressLayerArgs extends IngressArgs {
  readonly controller: ControllerName;
  readonly chart: Chart;
  /** Whether Linkerd's CNI plugin sets up the pods. Then the Pod Security level `restricted` is enforced. Default: false. */
  readonly meshCni?: boolean | undefined;
}

/**
 * The ingress controller: it terminates TLS, routes by host and path, and takes the client's address only from the load
 * balancer's PROXY protocol header and from Cloudflare's headers.
 *
 * Two controllers can run at the same time, on different node ports: after a change of the setting, the new one routes
 * before the old one is deleted. Their components need different names for that, such as the installation's
 * `identity.name`. A change between Ingress objects and HTTPRoutes is a rolling update of the same Traefik.
 *
 * @see https://doc.traefik.io/traefik/reference/install-configuration/entrypoints/
 * @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/
 */
export class IngressLayer extends pulumi.ComponentResource {
  /**
   * The controller's namespace. It resolves when the controller is ready to route or, if it waits for a Service, when it
   * is installed.
   */
  readonly namespace: pulumi.Output<string>;
  /** The time for which a pod accepts requests after SIGTERM. */
  readonly acceptSeconds: number;

  constructor(name: string, args: IngressLayerArgs, opts?: pulumi.ComponentResourceOptions) {
    const { controller, chart, loadBalancer } = args;
    const { installation } = findController(controller);
    const { identity, deprecation, needsService = false } = installation;
    super("platform:networking:IngressLayer", name, {}, opts);

    if (deprecation !== undefined && pulumi.runtime.isDryRun()) void pulumi.log.warn(deprecation, this);
    const namespace = new kubernetes.core.v1.Namespace(
      name,
      {
        metadata: { name: identity.podSelector.namespace, labels: meshedPodSecurity(args.meshCni ?? false) },
      },
      { parent: this },
    ).metadata.name;
    const before = installation.createBeforeRelease?.(name, { ...args, namespace }, { parent: this });
    const installed = new kubernetes.helm.v3.Release(
      `${name}-chart`,
      releaseArgs(chart, {
        name: identity.name,
        namespace,
        values: installation.chartValues(args),
        // Its pods restart until the Service exists. The Service's own await covers them.
        ...(needsService && "service" in loadBalancer && { atomic: false, skipAwait: true }),
      }),
      { parent: this, dependsOn: [...(before ?? [])] },
    );
    installation.createAfterRelease?.(name, args, { parent: this, dependsOn: installed });

    this.namespace = installed.status.namespace;
    this.acceptSeconds = installation.drain(loadBalancer).acceptSeconds;
    this.registerOutputs({ namespace: this.namespace });
  }
}
