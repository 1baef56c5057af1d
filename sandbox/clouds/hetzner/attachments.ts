import { formatIpv4, parseIpv4, parseCheckedRange, type Range } from "./addresses";
import { LOCATIONS } from "./catalog";
import { notFound, ErrorResponse } from "./errors";
import type { Account, Attachment, LoadBalancer, Network, Subnet } from "./state";

/**
 * An address for a load balancer or server: the asked one, else the next free one of the asked subnet, else of the
 * last subnet by range, as Hetzner picks it. None of those that are kept for another.
 */
export function allocateAddress(
  on: Account,
  asked: {
    readonly network: number;
    readonly ip?: string | undefined;
    readonly ip_range?: string | undefined;
  },
  zone: string | undefined,
  kept: readonly string[] = [],
): Attachment {
  const network = on.networks.find(({ id }) => id === asked.network);
  if (network === undefined) throw notFound("network", asked.network);
  const subnets = network.subnets
    .filter((one) => zone === undefined || one.network_zone === zone)
    .filter((one) => asked.ip_range === undefined || one.ip_range === asked.ip_range)
    .sort((a, b) => parseCheckedRange(a.ip_range).first - parseCheckedRange(b.ip_range).first);
  const last = subnets.at(-1);
  if (last === undefined) {
    const which = asked.ip_range === undefined ? "a subnet" : `the subnet ${asked.ip_range}`;
    throw new ErrorResponse(
      "no_subnet_available",
      `network ${network.id} lacks ${which} in zone ${zone ?? "any"}`,
    );
  }
  const taken = new Set([...findUsedAddresses(on, network.id), ...kept.map((ip) => parseIpv4(ip) ?? 0)]);
  if (asked.ip === undefined) return { network: network.id, ip: findFreeAddress(network, last, taken) };

  const address = parseIpv4(asked.ip);
  const home = subnets.find(
    (one) => address !== undefined && contains(parseCheckedRange(one.ip_range), address),
  );
  if (address === undefined || home === undefined || !isFree(network, home, taken, address))
    throw new ErrorResponse("ip_not_available", `IP ${asked.ip} is not available in network ${network.id}`);
  return { network: network.id, ip: asked.ip };
}

/** Takes the load balancer out of the network, and with it the targets it reached there. */
export function detach(lb: LoadBalancer, network: number): boolean {
  const left = lb.private_net.filter((one) => one.network !== network);
  if (left.length === lb.private_net.length) return false;
  lb.private_net = left;
  lb.targets = lb.targets.filter((target) => !target.use_private_ip);
  return true;
}

/** The zone of a location of the catalog. */
export function findNetworkZone(location: string): string | undefined {
  return LOCATIONS.find(({ name }) => name === location)?.network_zone;
}

/** The addresses of a network that servers and load balancers hold, as numbers. */
function findUsedAddresses(on: Account, network: number): Set<number> {
  const holders = [...on.servers, ...on.loadBalancers].flatMap((one) => one.private_net);
  return new Set(holders.filter((one) => one.network === network).map(({ ip }) => parseIpv4(ip) ?? 0));
}

function findFreeAddress(network: Network, subnet: Subnet, taken: ReadonlySet<number>): string {
  const { first, size } = parseCheckedRange(subnet.ip_range);
  for (let address = first + 1; address < first + size; address += 1)
    if (isFree(network, subnet, taken, address)) return formatIpv4(address);
  throw new ErrorResponse("no_subnet_available", `subnet ${subnet.ip_range} has no free address`);
}

function isFree(network: Network, subnet: Subnet, taken: ReadonlySet<number>, address: number): boolean {
  const { first, size } = parseCheckedRange(subnet.ip_range);
  const reserved = [first, first + size - 1, parseCheckedRange(network.ip_range).first + 1];
  return !reserved.includes(address) && !taken.has(address);
}

/** Whether the address lies in the range. */
function contains({ first, size }: Range, address: number): boolean {
  return address >= first && address < first + size;
}
