import type { Props } from "../fake-provider";
import type { Client, ShownLoadBalancer } from "./client";
import { toComputed, toSettings } from "./load-balancer";

/** `hcloud:index/getLoadBalancers:getLoadBalancers`: all load balancers of the account. */
export async function getLoadBalancers(client: Client, args: Props): Promise<Props> {
  refuseArguments("getLoadBalancers", args);
  const found = await client.loadBalancers();
  return { id: found.map(({ id }) => id).join("-"), loadBalancers: found.map(show) };
}

/** `hcloud:index/getServers:getServers`: all servers of the account, with the attributes that the program reads. */
export async function getServers(client: Client, args: Props): Promise<Props> {
  refuseArguments("getServers", args);
  const found = await client.servers();
  return {
    id: found.map(({ id }) => id).join("-"),
    servers: found.map(({ id, name, labels, public_net, private_net }) => ({
      ...{ id, name, labels },
      ipv4Address: public_net.ipv4.ip,
      ipv6Address: public_net.ipv6.ip.replace("::/64", "::1"),
      firewallIds: public_net.firewalls.map((each) => each.id),
      networks: private_net.map(({ ip, network }) => ({ ip, networkId: network })),
    })),
  };
}

function refuseArguments(name: string, args: Props): void {
  const [unknown] = Object.keys(args);
  if (unknown !== undefined) throw new Error(`${name}: the stand-in does not know the argument ${unknown}`);
}

function show(lb: ShownLoadBalancer): Props {
  const { algorithm, ...settings } = toSettings(lb);
  const { ipv4, ipv6, networkId = 0, networkIp = "" } = toComputed(lb);
  return {
    ...{ ...settings, id: lb.id, algorithms: [algorithm], ipv4, ipv6, networkId, networkIp },
    // The provider declares services, and selectors of targets, and fills in neither.
    services: [],
    targets: lb.targets.map((target) => ({
      type: target.type,
      serverId: target.type === "server" ? target.server.id : 0,
      labelSelector: "",
    })),
  };
}
