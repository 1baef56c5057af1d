import type { Hono } from "hono";
import { z } from "zod";

import { dotted, isPrivate, overlap, range, rangeOf, within } from "./addresses";
import { contains, detach, takenIn } from "./attachments";
import { NETWORK_ZONES } from "./catalog";
import { invalid, missing, parse, Refusal } from "./errors";
import { answerList, labels, nameOf, uniqueName, type Call } from "./requests";
import { act, now, type Account, type Attachment, type Network } from "./state";

const newSubnet = z.strictObject({
  type: z.enum(["cloud", "server"]),
  ip_range: z.string().optional(),
  network_zone: z.string(),
});

const newNetwork = z.strictObject({
  name: nameOf,
  ip_range: z.string(),
  labels: labels.default({}),
  subnets: z.array(newSubnet).default([]),
  expose_routes_to_vswitch: z.boolean().default(false),
});

const changedNetwork = z.strictObject({
  name: nameOf.optional(),
  labels: labels.optional(),
  expose_routes_to_vswitch: z.boolean().optional(),
});

/** Routes of `/networks`. */
export function networks(app: Hono, on: Account): void {
  const find = (c: Call): Network => {
    const found = on.networks.find(({ id }) => String(id) === c.req.param("id"));
    if (found === undefined) throw missing("network", c.req.param("id") ?? "");
    return found;
  };
  const show = (network: Network): object => ({
    ...network,
    seeded: undefined,
    routes: [],
    servers: attached(on.servers, network.id),
    load_balancers: attached(on.loadBalancers, network.id),
  });
  const acted = (network: Network, command: string): object => ({
    action: act(on, command, { id: network.id, type: "network" }),
  });

  app.get("/networks", (c) => answerList(c, "networks", on.networks, show));
  app.get("/networks/:id", (c) => c.json({ network: show(find(c)) }));
  app.post("/networks", async (c) => {
    const { name, ip_range, subnets, ...rest } = parse(newNetwork, await c.req.text());
    const network = makeNetwork(on, { id: on.nextId, name, ip_range, ...rest });
    for (const subnet of subnets) addSubnet(network, subnet);
    on.nextId += 1;
    on.networks.push(network);
    return c.json({ network: show(network) }, 201);
  });
  app.put("/networks/:id", async (c) => {
    const change = parse(changedNetwork, await c.req.text());
    const network = find(c);
    if (change.name !== undefined) uniqueName(on.networks, change.name, network.id);
    Object.assign(network, change);
    return c.json({ network: show(network) });
  });
  app.delete("/networks/:id", (c) => {
    const network = find(c);
    if (network.protection.delete) throw new Refusal("protected", "network deletion is protected");
    for (const lb of on.loadBalancers) detach(lb, network.id);
    for (const server of on.servers)
      server.private_net = server.private_net.filter((one) => one.network !== network.id);
    on.networks = on.networks.filter((one) => one !== network);
    return c.body(null, 204);
  });

  app.post("/networks/:id/actions/add_subnet", async (c) => {
    const subnet = parse(newSubnet, await c.req.text());
    const network = find(c);
    addSubnet(network, subnet);
    return c.json(acted(network, "add_subnet"), 201);
  });
  app.post("/networks/:id/actions/delete_subnet", async (c) => {
    const { ip_range } = parse(z.strictObject({ ip_range: z.string() }), await c.req.text());
    const network = find(c);
    deleteSubnet(on, network, ip_range);
    return c.json(acted(network, "delete_subnet"), 201);
  });
  app.post("/networks/:id/actions/change_protection", async (c) => {
    const protection = parse(z.strictObject({ delete: z.boolean() }), await c.req.text());
    const network = find(c);
    network.protection = protection;
    return c.json(acted(network, "change_protection"), 201);
  });
}

/** A network without subnets, not yet part of the account. */
export function makeNetwork(
  on: Account,
  asked: Pick<Network, "id" | "name" | "ip_range"> & Partial<Network>,
): Network {
  const whole = range(asked.ip_range);
  if (whole === undefined || !isPrivate(whole))
    throw invalid("ip_range", `is '${asked.ip_range}', want a range of RFC 1918 such as 10.0.0.0/16`);
  uniqueName(on.networks, asked.name);
  const fresh = { labels: {}, created: now(), expose_routes_to_vswitch: false, seeded: false };
  return { ...fresh, subnets: [], protection: { delete: false }, ...asked };
}

/** Adds a subnet; without a range the whole network becomes it. */
export function addSubnet(network: Network, asked: z.infer<typeof newSubnet>): void {
  const { type, ip_range = network.ip_range, network_zone } = asked;
  const whole = rangeOf(network.ip_range);
  const inner = range(ip_range);
  if (inner === undefined || !within(inner, whole))
    throw invalid("ip_range", `is '${ip_range}', want a range inside ${network.ip_range}`);
  if (network.subnets.some((other) => overlap(rangeOf(other.ip_range), inner)))
    throw invalid("ip_range", `'${ip_range}' overlaps with another subnet`);
  if (!NETWORK_ZONES.has(network_zone))
    throw invalid("network_zone", `is '${network_zone}', want one of ${[...NETWORK_ZONES].join(", ")}`);
  network.subnets.push({ type, ip_range, network_zone, gateway: dotted(whole.first + 1) });
}

function deleteSubnet(on: Account, network: Network, cidr: string): void {
  const subnet = network.subnets.find((one) => one.ip_range === cidr);
  if (subnet === undefined) throw missing("subnet", cidr);
  const inner = rangeOf(cidr);
  const used = [...takenIn(on, network.id)].some((address) => contains(inner, address));
  if (used) throw new Refusal("service_error", "cannot remove subnet because it has attached resources");
  network.subnets = network.subnets.filter((one) => one !== subnet);
}

function attached(all: readonly { id: number; private_net: Attachment[] }[], network: number): number[] {
  return all.filter((one) => one.private_net.some((at) => at.network === network)).map(({ id }) => id);
}
