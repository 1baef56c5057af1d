import { BlockList } from "node:net";

import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";

/** The fields of a server at Hetzner that are checked. */
export interface ServerInfo {
  readonly name: string;
  /** Empty for a server without the address. */
  readonly ipv4Address: string;
  readonly ipv6Address: string;
  readonly firewallIds: readonly number[];
  readonly networks?: readonly { readonly ip: string }[] | undefined;
}

/**
 * Warns of servers in the nodes' network that have a public address and no firewall. If the servers cannot be listed, it
 * warns of nothing.
 *
 * @param nodeCidr The private network of the nodes, an IPv4 range.
 */
export async function warnOfMissingFirewalls(nodeCidr: string, opts: pulumi.InvokeOptions): Promise<void> {
  const { servers } = await hcloud.getServers({}, opts).catch(() => ({ servers: [] }));
  const warning = firewallWarning(servers, nodeCidr);
  if (warning !== undefined) await pulumi.log.warn(warning);
}

/** The warning that names the servers; undefined if there is none. */
function firewallWarning(servers: readonly ServerInfo[], nodeCidr: string): string | undefined {
  const range = new BlockList();
  const [address = "", prefix] = nodeCidr.split("/");
  range.addSubnet(address, Number(prefix));
  const names = servers
    .filter(({ networks = [] }) => networks.some(({ ip }) => range.check(ip)))
    .filter(({ ipv4Address, ipv6Address }) => ipv4Address !== "" || ipv6Address !== "")
    .filter(({ firewallIds }) => firewallIds.length === 0)
    .map(({ name }) => name)
    .sort();
  if (names.length === 0) return undefined;
  return (
    `cluster.nodeCidr: ${names.join(", ")}: a public address and no firewall at Hetzner, so that the internet reaches the ` +
    "API server, the kubelet, VXLAN and metrics without login; attach one that lets nothing in (docs/cilium.md)."
  );
}
