import type { Hono } from "hono";

import { formatIpv4, isPrivate, parseRange } from "./addresses";
import { invalidInput, notFound } from "./errors";
import { answerList } from "./requests";
import { now, type Account, type Attachment, type Network } from "./state";

/** Routes of `/networks`, read-only: the networks of the account are in its seed. */
export function networks(app: Hono, on: Account): void {
  const show = (network: Network): object => ({
    ...network,
    routes: [],
    servers: attachedTo(network, on.servers),
    load_balancers: attachedTo(network, on.loadBalancers),
  });

  app.get("/networks", (c) => answerList(c, "networks", on.networks, show));
  app.get("/networks/:id", (c) => {
    const found = on.networks.find(({ id }) => String(id) === c.req.param("id"));
    if (found === undefined) throw notFound("network", c.req.param("id"));
    return c.json({ network: show(found) });
  });
}

/** @throws {Refusal} `invalid_input`: the range is not one of RFC 1918. */
export function createNetwork(id: number, name: string, ip_range: string, network_zone: string): Network {
  const whole = parseRange(ip_range);
  if (whole === undefined || !isPrivate(whole))
    throw invalidInput("ip_range", `is '${ip_range}', want a range of RFC 1918 such as 10.0.0.0/16`);
  const gateway = formatIpv4(whole.first + 1);
  return {
    ...{ id, name, ip_range, labels: {}, created: now(), expose_routes_to_vswitch: false },
    subnets: [{ type: "cloud", ip_range, network_zone, gateway }],
    protection: { delete: false },
  };
}

const attachedTo = (network: Network, all: readonly { id: number; private_net: Attachment[] }[]): number[] =>
  all.filter((one) => one.private_net.some((at) => at.network === network.id)).map(({ id }) => id);
