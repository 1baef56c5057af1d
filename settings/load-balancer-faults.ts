import { isIPv6 } from "node:net";

import { nodePortsFor, type ControllerName } from "../components/ingress/controllers";
import { ccmFaults } from "./ccm-faults";
import type { Readable } from "./cross-faults";
import type { Fault } from "./faults";
import type { Config } from "./schema";

/** The load balancer, as the schema leaves it. */
export type Balancer = Config["loadBalancer"];

/** Faults of the load balancer. */
export function loadBalancerFaults({ loadBalancer, cluster, awaitReady, ingress }: Readable): Fault[] {
  if (!loadBalancer) return [];
  const { managedBy } = loadBalancer;
  return [
    ...placeFaults(loadBalancer),
    ...nodePortFaults(loadBalancer),
    ...checkFaults(loadBalancer),
    ...nameFaults(loadBalancer),
    ...(ingress ? ingressPortFaults(loadBalancer, ingress.controller) : []),
    ...(managedBy === "pulumi" ? pulumiFaults(loadBalancer) : ccmFaults(loadBalancer, awaitReady)),
    ...limitFaults(loadBalancer, cluster?.nodes),
  ].map(({ path, problem }) => ({ path: path === "" ? "loadBalancer" : `loadBalancer.${path}`, problem }));
}

function placeFaults({ location, networkZone }: Balancer): Fault[] {
  if (location !== undefined && networkZone !== undefined) {
    const problem = `got both location ${location} and networkZone ${networkZone}, want one of the two`;
    return [{ path: "", problem }];
  }
  if (location !== undefined || networkZone !== undefined) return [];
  return [{ path: "", problem: "got neither location nor networkZone, want one of the two" }];
}

const nodePortFaults = ({ nodePorts }: Balancer): Fault[] =>
  twiceFaults("nodePorts", Object.values(nodePorts));

function checkFaults({ healthCheck, services }: Balancer): Fault[] {
  const checks = services.map((each, index) => [`services.${index}.healthCheck`, each.healthCheck] as const);
  return [["healthCheck", { http: undefined, ...healthCheck }] as const, ...checks].flatMap(
    ([path, check]) => {
      const { intervalSeconds, timeoutSeconds } = check;
      const faults: Fault[] = [];
      if (timeoutSeconds > intervalSeconds) {
        const problem = `got ${timeoutSeconds}, want at most intervalSeconds, ${intervalSeconds}`;
        faults.push({ path: `${path}.timeoutSeconds`, problem });
      }
      if (check.http !== undefined && "protocol" in check && check.protocol === "tcp") {
        const problem = "is given with protocol tcp, want protocol: http, or no http";
        faults.push({ path: `${path}.http`, problem });
      }
      return faults;
    },
  );
}

function nameFaults({ name, allowReplacement }: Balancer): Fault[] {
  if (allowReplacement === undefined || allowReplacement === name) return [];
  const problem = `got ${JSON.stringify(allowReplacement)}, want ${name}, the name of the load balancer that may lose its addresses`;
  return [{ path: "allowReplacement", problem }];
}

function pulumiFaults({ networkId, labelSelector, servers, ips, services, ccm }: Balancer): Fault[] {
  const faults: Fault[] = [];
  if (networkId === undefined)
    faults.push({
      path: "networkId",
      problem: "is missing, want the id of the nodes' private network: hcloud network list",
    });
  if (labelSelector === undefined && servers.length + ips.length === 0)
    faults.push({
      path: "",
      problem: "got none of labelSelector, servers and ips, want at least one: nothing would receive traffic",
    });
  if (ccm !== undefined)
    faults.push({ path: "ccm", problem: "is given with managedBy pulumi, want managedBy: ccm, or no ccm" });

  const taken = new Map<number | string, string>([
    [80, "the service http"],
    [443, "the service https"],
    ["http", "the service of port 80"],
    ["https", "the service of port 443"],
  ]);
  for (const [index, service] of services.entries())
    for (const key of ["name", "listenPort"] as const) {
      const owner = taken.get(service[key]);
      if (owner !== undefined) {
        const problem = `got ${service[key]}, which ${owner} has, want another`;
        faults.push({ path: `services.${index}.${key}`, problem });
      } else taken.set(service[key], `services.${index}`);
    }
  for (const [index, ip] of ips.entries())
    if (isIPv6(ip)) {
      const problem = `got ${ip}, an IPv6 address, want an IPv4 one: node ports and pods of the cluster are IPv4 only`;
      faults.push({ path: `ips.${index}`, problem });
    }
  return [...faults, ...twiceFaults("servers", servers), ...twiceFaults("ips", ips)];
}

/** Services that lead to the ingress too, which reads every connection of one port in one way. */
function ingressPortFaults(loadBalancer: Balancer, controller: ControllerName): Fault[] {
  const { services, proxyProtocol: wanted } = loadBalancer;
  const { http, https } = nodePortsFor(controller, loadBalancer);
  const ports: readonly number[] = [http, https];
  return services.flatMap(({ destinationPort, proxyProtocol }, index): Fault[] => {
    if (!ports.includes(destinationPort) || proxyProtocol === wanted) return [];
    const problem =
      `got ${proxyProtocol} for ${destinationPort}, a port of the ingress, which is told ${wanted} by ` +
      `loadBalancer.proxyProtocol; want ${wanted}, or another destinationPort`;
    return [{ path: `services.${index}.proxyProtocol`, problem }];
  });
}

function twiceFaults(path: string, list: readonly (number | string)[]): Fault[] {
  const twice = new Set(list.filter((each, index) => list.indexOf(each) !== index));
  if (twice.size === 0) return [];
  return [{ path, problem: `got ${[...twice].join(", ")} twice, want each of them once` }];
}

/** @see https://docs.hetzner.com/cloud/load-balancers/overview */
const limits = {
  lb11: { services: 5, targets: 25 },
  lb21: { services: 15, targets: 75 },
  lb31: { services: 30, targets: 150 },
} as const;

function limitFaults({ managedBy, type, servers, ips, services, ccm }: Balancer, nodes = 0): Fault[] {
  // How many a selector chooses, only the clouds know.
  const everyNode = managedBy === "ccm" && ccm?.nodeSelector === undefined;
  const counted = {
    services: { count: services.length + 2, of: "80, 443 and loadBalancer.services" },
    targets: everyNode
      ? { count: nodes, of: "cluster.nodes" }
      : { count: servers.length + ips.length, of: "loadBalancer.servers and loadBalancer.ips" },
  };
  return (["services", "targets"] as const).flatMap((what) => {
    const most = limits[type][what];
    const { count, of } = counted[what];
    if (count <= most) return [];
    const larger = Object.entries(limits).find(([, each]) => each[what] >= count)?.[0];
    const want = larger === undefined ? `at most ${most}` : `loadBalancer.type: ${larger}, or fewer`;
    const problem = `got ${type}, which has at most ${most} ${what}, and ${of} make ${count}; want ${want}`;
    return [{ path: "type", problem }];
  });
}
