import * as pulumi from "@pulumi/pulumi";

import { CcmLoadBalancer } from "./components/load-balancer/ccm-load-balancer";
import { HetznerLoadBalancer } from "./components/load-balancer/hetzner-load-balancer";
import type { IngressLayer } from "./components/ingress/ingress-layer";
import { checkOf, controllers, nodePortsOf, type Controller } from "./components/ingress/controllers";
import type { ThroughNodePorts, ThroughService } from "./components/ingress/ingress-values-args";
import { LoadBalancerServices } from "./components/load-balancer/load-balancer-services";
import type { Providers } from "./providers";
import type { Settings } from "./settings";

export interface WayIn {
  readonly balancer: Pick<HetznerLoadBalancer, "ipv4" | "ipv6" | "privateIpv4">;
  readonly layer: IngressLayer;
  /** What must be there before anything is routed. */
  readonly ready: readonly pulumi.Resource[];
  /**
   * Opens the door, or turns it to another controller, when what is behind it is there.
   *
   * @returns what is done when it is open.
   */
  readonly open: (behind: readonly pulumi.Resource[]) => readonly pulumi.Resource[];
}

/**
 * The load balancer and the controller behind it, in the one order in which they can be made. A load balancer of ours
 * comes first, since the controller tells its address; the cloud controller manager's comes after the controller, since
 * a Service waits for the pods it leads to, and is open from then on.
 */
export function wayIn(
  { loadBalancer: door, protect }: Pick<Settings, "loadBalancer" | "protect">,
  controller: Controller,
  { atHetzner, inClusterAndAtHetzner }: Providers,
  layerBehind: (front: ThroughNodePorts | ThroughService) => IngressLayer,
): WayIn {
  const { healthCheck, proxyProtocol } = door;
  const told = { healthCheck, proxyProtocol };

  if (door.managedBy === "ccm") {
    const { ingressEndpoint, targetPorts } = controllers[controller];
    const layer = layerBehind({ ...told, service: door.name, senders: [door.privateIp] });
    const selector = { "app.kubernetes.io/name": ingressEndpoint.app };
    const balancer = new CcmLoadBalancer(
      "load-balancer",
      { ...door, namespace: layer.namespace, selector, targetPorts },
      { ...inClusterAndAtHetzner, protect },
    );
    return { balancer, layer, ready: [layer, balancer], open: () => [] };
  }

  const balancer = new HetznerLoadBalancer(
    "load-balancer",
    { ...door, deleteProtection: protect },
    { ...atHetzner, protect },
  );
  const { ipv4, privateIpv4, loadBalancerId } = balancer;
  const nodePorts = nodePortsOf(controller, door);
  // A target at a public address is reached from the load balancer's own public address.
  const senders = pulumi.all(door.reachesPublic ? [privateIpv4, ipv4] : [privateIpv4]);
  const layer = layerBehind({ ...told, ipv4, senders, nodePorts });
  const open = (behind: readonly pulumi.Resource[]) => [
    new LoadBalancerServices(
      "load-balancer",
      { ...door, loadBalancerId, nodePorts, healthCheck: checkOf(controller, door) },
      { ...atHetzner, protect, dependsOn: [layer, ...behind] },
    ),
  ];
  return { balancer, layer, ready: [layer], open };
}
