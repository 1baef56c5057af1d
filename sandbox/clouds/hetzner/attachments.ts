import { dotted, ipv4, rangeOf, type Range } from "./addresses";
import { LOCATIONS } from "./catalog";
import { missing, Refusal } from "./errors";
import type { Account, Attachment, LoadBalancer, Network, Subnet } from "./state";

/**
 * An address for a load balancer or server: the asked one, else the next free one of the asked subnet, else of the
 * last subnet by range, as Hetzner picks it. None of those that are kept for another.
 */
export function addressIn(
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
  if (network === undefined) throw missing("network", asked.network);
  const subnets = network.subnets
    .filter((one) => zone === undefined || one.network_zone === zone)
    .filter((one) => asked.ip_range === undefined || one.ip_range === asked.ip_range)
    .sort((a, b) => rangeOf(a.ip_range).first - rangeOf(b.ip_range).first);
  const last = subnets.at(-1);
  if (last === undefined) {
    const which = asked.ip_range === undefined ? "a subnet" : `the subnet ${asked.ip_range}`;
    throw new Refusal("no_subnet_available", `network ${network.id} lacks ${which} in zone ${zone ?? "any"}`);
  }
  const taken = new Set([...takenIn(on, network.id), ...kept.map((ip) => ipv4(ip) ?? 0)]);
  if (asked.ip === undefined) return { network: network.id, ip: nextFree(network, last, taken) };

  const address = ipv4(asked.ip);
  const home = subnets.find((one) => address !== undefined && contains(rangeOf(one.ip_range), address));
  if (address === undefined || home === undefined || !isFree(network, home, taken, address))
    throw new Refusal("ip_not_available", `IP ${asked.ip} is not available in network ${network.id}`);
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
export function zoneOf(location: string): string | undefined {
  return LOCATIONS.find(({ name }) => name === location)?.network_zone;
}

/** The addresses of a network that servers and load balancers hold, as numbers. */
export function takenIn(on: Account, network: number): Set<number> {
  const holders = [...on.servers, ...on.loadBalancers].flatMap((one) => one.private_net);
  return new Set(holders.filter((one) => one.network === network).map(({ ip }) => ipv4(ip) ?? 0));
}

function nextFree(network: Network, subnet: Subnet, taken: ReadonlySet<number>): string {
  const { first, size } = rangeOf(subnet.ip_range);
  for (let address = first + 1; address < first + size; address += 1)
    if (isFree(network, subnet, taken, address)) return dotted(address);
  throw new Refusal("no_subnet_available", `subnet ${subnet.ip_range} has no free address`);
}

function isFree(network: Network, subnet: Subnet, taken: ReadonlySet<number>, address: number): boolean {
  const { first, size } = rangeOf(subnet.ip_range);
  const reserved = [first, first + size - 1, rangeOf(network.ip_range).first + 1];
  return !reserved.includes(address) && !taken.has(address);
}

/** Whether the address lies in the range. */
export function contains({ first, size }: Range, address: number): boolean {
  return address >= first && address < first + size;
}
