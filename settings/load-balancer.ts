import type { CcmHealthCheck } from "../components/load-balancer/ccm-annotations";
import type { HealthCheckTiming } from "../components/load-balancer/health-check";
import type { HetznerLoadBalancerArgs } from "../components/load-balancer/hetzner-load-balancer";
import type { ExtraService } from "../components/load-balancer/load-balancer-services";
import type { Config } from "./schema";
import { isPrivateIpv4 } from "./schema/load-balancer";

type Said = Config["loadBalancer"];

/** What is said of any load balancer. */
interface AnyLoadBalancer extends Pick<
  HetznerLoadBalancerArgs,
  "algorithm" | "ipv6" | "location" | "allowReplacement" | "name" | "proxyProtocol" | "reverseDns" | "type"
> {
  /** Of 80 and 443. */
  readonly healthCheck: HealthCheckTiming;
  /** The node ports the ingress controller listens on. */
  readonly nodePorts: Said["nodePorts"];
}

/** One that this program makes at Hetzner. */
export interface PulumiLoadBalancer
  extends AnyLoadBalancer, Pick<HetznerLoadBalancerArgs, "labels" | "networkId" | "privateIp" | "targets"> {
  readonly managedBy: "pulumi";
  /** Beside 80 and 443. */
  readonly services: readonly ExtraService[];
  /** Whether a target has a public address. It reaches such a one from its own public address. */
  readonly reachesPublic: boolean;
}

/** One that Hetzner's cloud controller manager makes for a Service. */
export interface ServiceLoadBalancer extends AnyLoadBalancer {
  readonly managedBy: "ccm";
  readonly healthCheck: HealthCheckTiming & CcmHealthCheck;
  readonly privateIp: string;
  readonly subnet?: string | undefined;
  readonly nodeSelector?: string | undefined;
}

/** The load balancer, all of it decided, of a config without faults. */
export function loadBalancerOf(said: Said): PulumiLoadBalancer | ServiceLoadBalancer {
  const { location, networkZone, networkId = 0, privateIp, labelSelector, servers, ips, ccm = {} } = said;
  const { name, type, algorithm, nodePorts, proxyProtocol, healthCheck, reverseDns, ipv6 } = said;
  const common: AnyLoadBalancer = {
    ...{ name, type, algorithm, nodePorts, proxyProtocol, healthCheck, reverseDns, ipv6 },
    location: location ? { location } : { networkZone: networkZone ?? "" },
    allowReplacement: said.allowReplacement === name,
  };
  if (said.managedBy === "ccm") {
    const { nodeSelector, subnet } = ccm;
    const checks = { ...ccm.healthCheck, ...healthCheck };
    return {
      ...common,
      managedBy: "ccm",
      privateIp: privateIp ?? "",
      nodeSelector,
      subnet,
      healthCheck: checks,
    };
  }
  const { labels, services } = said;
  const targets = { labelSelector, servers, ips };
  const reachesPublic = !ips.every(isPrivateIpv4);
  return { ...common, managedBy: "pulumi", networkId, privateIp, targets, labels, services, reachesPublic };
}
