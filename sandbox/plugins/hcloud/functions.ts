import type { Props } from "../fake-provider";
import type { Client, ShownLoadBalancer } from "./client";
import { toComputed, toSettings } from "./load-balancer";

/** `hcloud:index/getLoadBalancers:getLoadBalancers`: all load balancers of the account. */
export async function getLoadBalancers(client: Client, args: Props): Promise<Props> {
  const [unknown] = Object.keys(args);
  if (unknown !== undefined)
    throw new Error(`getLoadBalancers: the stand-in does not know the argument ${unknown}`);
  const found = await client.loadBalancers();
  return { id: found.map(({ id }) => id).join("-"), loadBalancers: found.map(show) };
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
