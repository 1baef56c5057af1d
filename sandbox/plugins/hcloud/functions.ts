import type { Props } from "../fake-provider";
import type { Client, ShownLoadBalancer } from "./client";

/** `hcloud:index/getLoadBalancers:getLoadBalancers`: all of them, or those that a selector matches. */
export async function getLoadBalancers(client: Client, args: Props): Promise<Props> {
  const { withSelector, ...unknown } = args;
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined)
    throw new Error(`getLoadBalancers: the stand-in does not know the argument ${stranger}`);
  const found = await client.loadBalancers(typeof withSelector === "string" ? withSelector : undefined);
  return { ...args, id: found.map(({ id }) => id).join("-"), loadBalancers: found.map(show) };
}

function show(lb: ShownLoadBalancer): Props {
  const [attachment] = lb.private_net;
  return {
    id: lb.id,
    name: lb.name,
    loadBalancerType: lb.load_balancer_type.name,
    location: lb.location.name,
    networkZone: lb.location.network_zone,
    algorithms: [lb.algorithm],
    labels: lb.labels,
    deleteProtection: lb.protection.delete,
    ipv4: lb.public_net.ipv4.ip,
    ipv6: lb.public_net.ipv6.ip,
    networkId: attachment?.network ?? 0,
    networkIp: attachment?.ip ?? "",
    // The provider declares services, and selectors of targets, and fills in neither.
    services: [],
    targets: lb.targets.map((target) => ({
      type: target.type,
      serverId: target.type === "server" ? target.server.id : 0,
      labelSelector: "",
    })),
  };
}
