import { isPrivateIpv4 } from "../formats/addresses";
import type { Config } from "../schema";

/** The settings of the load balancer, with the values derived from them. */
export type LoadBalancerSettings = ReturnType<typeof resolveLoadBalancer>;

export function resolveLoadBalancer(settings: Config["loadBalancer"]) {
  const { name, type, location, algorithm, nodePorts, proxyProtocol, healthCheck, reverseDns, ipv6 } =
    settings;
  const common = {
    ...{ name, type, location, algorithm, nodePorts, proxyProtocol, healthCheck, reverseDns, ipv6 },
    allowReplacement: settings.allowReplacement === name,
  };
  if (settings.managedBy === "ccm") {
    const { managedBy, privateIp, ccm: { nodeSelector, subnet, healthCheck: nodeCheck } = {} } = settings;
    return {
      ...common,
      managedBy,
      privateIp,
      nodeSelector,
      subnet,
      healthCheck: { ...nodeCheck, ...healthCheck },
    };
  }
  const { managedBy, networkId, privateIp, labelSelector, servers, ips, labels, services } = settings;
  return {
    ...common,
    ...{ managedBy, networkId, privateIp, labels, services },
    targets: { labelSelector, servers, ips },
    /** Whether a target has a public address: the load balancer connects to it from its own public address. */
    reachesPublic: !ips.every(isPrivateIpv4),
  };
}
