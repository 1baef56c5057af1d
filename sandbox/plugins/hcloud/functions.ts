import type { Props } from "../fake-provider";
import type { Client, ShownLoadBalancer } from "./client";

/** `hcloud:index/getLoadBalancers:getLoadBalancers`: all load balancers of the account. */
export async function getLoadBalancers(client: Client, args: Props): Promise<Props> {
  const [unknown] = Object.keys(args);
  if (unknown !== undefined)
    throw new Error(`getLoadBalancers: the stand-in does not know the argument ${unknown}`);
  const found = await client.loadBalancers();
  return { id: found.map(({ id }) => id).join("-"), loadBalancers: found.map(show) };
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
