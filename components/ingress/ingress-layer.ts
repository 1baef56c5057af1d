import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { releaseArgs, type Chart } from "../charts";
import { findController, type ControllerName } from "./controllers";
import type { IngressArgs } from "./ingress-args";

export interface IngressLayerArgs extends IngressArgs {
  readonly controller: ControllerName;
  readonly chart: Chart;
}

/**
 * The controller on every node that runs one: it ends TLS, routes by host and path, and knows the client's true address
 * by believing the load balancer's PROXY protocol header and Cloudflare's word, and nobody else's.
 *
 * Two of them stand side by side, each on node ports of its own: when the settings name another, the new one routes
 * before the old one goes. Give them names of their own for that, such as `controllers[controller].name`. Between Ingress
 * objects and HTTPRoutes it is one Traefik, whose new pods take over from its old ones.
 *
 * @see https://doc.traefik.io/traefik/reference/install-configuration/entrypoints/
 * @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/
 */
export class IngressLayer extends pulumi.ComponentResource {
  /**
   * The controller's namespace; known when the controller is ready to route, or where it waits for a Service, when it is
   * installed.
   */
  readonly namespace: pulumi.Output<string>;
  /** How long a copy takes requests after it was told to end. */
  readonly acceptSeconds: number;

  constructor(name: string, args: IngressLayerArgs, opts?: pulumi.ComponentResourceOptions) {
    const { controller, chart, loadBalancer } = args;
    const { installation } = findController(controller);
    const { identity, deprecation, needsService = false } = installation;
    super("platform:networking:IngressLayer", name, {}, opts);

    if (deprecation !== undefined && pulumi.runtime.isDryRun()) void pulumi.log.warn(deprecation, this);
    const namespace = new kubernetes.core.v1.Namespace(
      name,
      { metadata: { name: identity.podSelector.namespace } },
      { parent: this },
    ).metadata.name;
    const before = installation.createBeforeRelease?.(name, { ...args, namespace }, { parent: this });
    const installed = new kubernetes.helm.v3.Release(
      `${name}-chart`,
      releaseArgs(chart, {
        name: identity.name,
        namespace,
        values: installation.chartValues(args),
        // Its pods restart until the Service exists; who waits for the Service waits for them.
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
