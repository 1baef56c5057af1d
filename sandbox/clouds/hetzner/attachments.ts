import { formatIpv4, parseIpv4, parseRange } from "./addresses";
import { LOCATIONS } from "./catalog";
import { notFound, ErrorResponse } from "./errors";
import type { Account, Attachment, LoadBalancer } from "./state";

/**
 * An address for a load balancer or server in a network, which has one subnet: the given one, else the next free one.
 *
 * @param zone the network zone of the load balancer. Default: any.
 * @param kept addresses that stay free for another.
 */
export function allocateAddress(
  on: Account,
  { network: networkId, ip }: { readonly network: number; readonly ip?: string | undefined },
  zone?: string,
  kept: readonly string[] = [],
): Attachment {
  const network = on.networks.find(({ id }) => id === networkId);
  if (network === undefined) throw notFound("network", networkId);
  const [subnet] = network.subnets;
  if (subnet === undefined || (zone !== undefined && subnet.network_zone !== zone))
    throw new ErrorResponse(
      "no_subnet_available",
      `network ${networkId} lacks a subnet in zone ${zone ?? "any"}`,
    );
  const { first, size } = parseRange(subnet.ip_range);
  // Of each range the first address, the gateway and the last one are reserved.
  const used = new Set([first, first + 1, first + size - 1, ...findUsedAddresses(on, networkId)]);
  if (ip === undefined) {
    for (const address of kept) used.add(parseIpv4(address) ?? 0);
    for (let address = first; address < first + size; address += 1)
      if (!used.has(address)) return { network: networkId, ip: formatIpv4(address) };
    throw new ErrorResponse("no_subnet_available", `subnet ${subnet.ip_range} has no free address`);
  }
  const address = parseIpv4(ip) ?? -1;
  if (address < first || address >= first + size || used.has(address))
    throw new ErrorResponse("ip_not_available", `IP ${ip} is not available in network ${networkId}`);
  return { network: networkId, ip };
}

/** Takes the load balancer out of the network, and with it the targets that it reaches there. */
export function detach(lb: LoadBalancer, network: number): boolean {
  const left = lb.private_net.filter((one) => one.network !== network);
  if (left.length === lb.private_net.length) return false;
  lb.private_net = left;
  lb.targets = lb.targets.filter((target) => !target.use_private_ip);
  return true;
}

/** The network zone of a location. */
export function findNetworkZone(location: string): string | undefined {
  return LOCATIONS.find(({ name }) => name === location)?.network_zone;
}

/** The addresses of a network that servers and load balancers have, as numbers. */
function findUsedAddresses(on: Account, network: number): readonly number[] {
  const attachments = [...on.servers, ...on.loadBalancers].flatMap((one) => one.private_net);
  return attachments.filter((one) => one.network === network).map(({ ip }) => parseIpv4(ip) ?? 0);
}
