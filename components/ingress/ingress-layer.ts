import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { releaseArgs, type Chart } from "../charts";
import { gateway, gatewayClass } from "../custom-resources/gateway-api-resources";
import { controllers, type ControllerName } from "./controllers";
import type { IngressArgs } from "./ingress-args";
import { nginxHealth } from "./controllers/nginx/nginx-health";
import { nginxDrain, nginxValues } from "./controllers/nginx/nginx-values";
import {
  gatewayClassName,
  platformGateway,
  platformGatewaySpec,
  traefikGatewayClass,
} from "./controllers/gateway/platform-gateway";
import { traefikDrain, traefikValues } from "./controllers/traefik/traefik-values";

/** What only Gateway API asks for: a Gateway must name its certificate and whose routes it takes. */
interface GatewayArgs {
  readonly controller: "gateway";
  readonly defaultCertificate: string;
  /** The namespaces whose HTTPRoutes are taken. */
  readonly routesFrom: readonly [pulumi.Input<string>, ...pulumi.Input<string>[]];
}

/** Who routes. Default `traefik`. */
type ControllerArgs = { readonly controller?: Exclude<ControllerName, "gateway"> } | GatewayArgs;

export type IngressLayerArgs = IngressArgs &
  ControllerArgs & {
    readonly chart: Chart;
    /** Whether Traefik reads HTTPRoutes beside Ingress objects. Default: where Gateway API says who routes. */
    readonly readsGateways?: boolean;
  };

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
    const { controller = "traefik", chart, loadBalancer, readsGateways = controller === "gateway" } = args;
    const identity = controllers[controller];
    super("platform:networking:IngressLayer", name, {}, opts);

    if (controller === "nginx" && pulumi.runtime.isDryRun()) void pulumi.log.warn(retirement, this);
    const namespace = new kubernetes.core.v1.Namespace(
      name,
      { metadata: { name: identity.podSelector.namespace } },
      { parent: this },
    );
    const health =
      controller === "nginx" && !("service" in loadBalancer)
        ? [
            nginxHealth(
              `${name}-health`,
              {
                namespace: namespace.metadata.name,
                nodePort: loadBalancer.nodePorts.health,
                senders: loadBalancer.senders,
              },
              { parent: this },
            ),
          ]
        : [];
    const installed = new kubernetes.helm.v3.Release(
      `${name}-chart`,
      releaseArgs(chart, {
        name: identity.name,
        namespace: namespace.metadata.name,
        values:
          controller === "nginx"
            ? nginxValues(args)
            : traefikValues(args, readsGateways ? "gateway" : "traefik"),
        // It ends itself until the Service it is to publish is there; who waits for the Service waits for it.
        ...(controller === "nginx" && "service" in loadBalancer && { atomic: false, skipAwait: true }),
      }),
      { parent: this, dependsOn: health },
    );
    if (args.controller === "gateway") {
      const { defaultCertificate, routesFrom } = args;
      const parent = { parent: this, dependsOn: installed };
      gatewayClass(`${name}-class`, { name: gatewayClassName }, traefikGatewayClass, parent);
      gateway(
        `${name}-gateway`,
        { name: platformGateway.name, namespace: platformGateway.namespace },
        platformGatewaySpec(defaultCertificate, routesFrom),
        parent,
      );
    }

    this.namespace = installed.status.namespace;
    this.acceptSeconds = (controller === "nginx" ? nginxDrain : traefikDrain)(loadBalancer).acceptSeconds;
    this.registerOutputs({ namespace: this.namespace });
  }
}

/** @see https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/ */
const retirement =
  "ingress-nginx is retired: since March 2026 nobody fixes its security holes. " +
  "Say ingress.controller: traefik; the routes stay as they are.";
