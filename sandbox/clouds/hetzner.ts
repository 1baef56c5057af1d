import { Hono } from "hono";
import { z } from "zod";

import { formatIpv4, parseRange } from "./hetzner/addresses";
import { allocateAddress } from "./hetzner/attachments";
import { LOCATIONS } from "./hetzner/catalog";
import { notFound, ErrorResponse } from "./hetzner/errors";
import { loadBalancers, showLoadBalancer } from "./hetzner/load-balancers";
import { answerList } from "./hetzner/requests";
import { account, now, type Account, type Attachment, type Network, type Server } from "./hetzner/state";
import { selectServers } from "./hetzner/targets";
import type { Store } from "./store";

/**
 * The Hetzner Cloud API over the store, as far as load balancers need it: `/load_balancers`, `/networks/{id}` and
 * `/servers`, below the path that it is mounted at. A change is saved before it is answered.
 *
 * @see https://docs.hetzner.cloud
 */
export function hetzner(store: Store): Hono {
  const on = account(store);
  const app = new Hono();

  app.use(async (c, next) => {
    const token = /^Bearer (.*)$/.exec(c.req.header("Authorization") ?? "")?.[1];
    if (token === undefined || !on.tokens.includes(token))
      throw new ErrorResponse("unauthorized", "unable to authenticate");
    await next();
    if (c.req.method !== "GET" && c.res.ok) store.save();
  });
  app.onError((error, c) => {
    if (error instanceof ErrorResponse) return c.json(error.body, error.status);
    process.stderr.write(`${c.req.method} ${c.req.path}: ${error.stack ?? error.message}\n`);
    return c.json({ error: { code: "server_error", message: error.message, details: null } }, 500);
  });

  loadBalancers(app, on);
  app.get("/networks/:id", (c) =>
    c.json({ network: showNetwork(on, findById("network", on.networks, c.req.param("id"))) }),
  );
  app.get("/servers", (c) => {
    const selector = c.req.query("label_selector");
    const found = selector === undefined ? on.servers : selectServers(on, selector);
    return answerList(c, "servers", found, (server) => showServer(on, server));
  });
  app.get("/servers/:id", (c) =>
    c.json({ server: showServer(on, findById("server", on.servers, c.req.param("id"))) }),
  );
  app.all("*", (c) => {
    throw new ErrorResponse(
      "not_found",
      `the sandbox's Hetzner Cloud API has no ${c.req.method} ${c.req.path}`,
    );
  });
  return app;
}

function findById<T extends { readonly id: number }>(what: string, all: readonly T[], wanted: string): T {
  const found = all.find(({ id }) => String(id) === wanted);
  if (found === undefined) throw notFound(what, wanted);
  return found;
}

function showNetwork(on: Account, network: Network): object {
  const attached = (all: readonly { readonly id: number; readonly private_net: readonly Attachment[] }[]) =>
    all.filter((one) => one.private_net.some((at) => at.network === network.id)).map(({ id }) => id);
  return {
    ...network,
    labels: {},
    routes: [],
    protection: { delete: false },
    expose_routes_to_vswitch: false,
    servers: attached(on.servers),
    load_balancers: attached(on.loadBalancers),
  };
}

function showServer(on: Account, server: Server): object {
  const { firewalls = [], ...shown } = server;
  const { id, private_net } = server;
  const index = on.servers.indexOf(server);
  return {
    ...shown,
    status: "running",
    server_type: { id: 1, name: "cx23" },
    image: null,
    iso: null,
    private_net: private_net.map((at) => ({ ...at, alias_ips: [], mac_address: "86:00:00:00:00:01" })),
    public_net: {
      ipv4: { id, ip: `192.0.2.${(index % 254) + 1}`, blocked: false, dns_ptr: "" },
      ipv6: { id, ip: `2001:db8:ffff:${(index + 1).toString(16)}::/64`, blocked: false, dns_ptr: [] },
      floating_ips: [],
      firewalls: firewalls.map((firewall) => ({ id: firewall, status: "applied" })),
    },
    location: LOCATIONS[0],
    protection: { delete: false, rebuild: false },
    load_balancers: [],
    volumes: [],
  };
}

const seedSchema = z.strictObject({
  tokens: z.array(z.string().length(64)).default([]),
  networks: z
    .array(z.strictObject({ id: z.int(), name: z.string(), ip_range: z.cidrv4(), network_zone: z.string() }))
    .default([]),
  servers: z
    .array(
      z.strictObject({
        id: z.int(),
        name: z.string(),
        labels: z.record(z.string(), z.string()).default({}),
        network: z.int().optional(),
        firewalls: z.array(z.int()).default([]),
      }),
    )
    .default([]),
  /** Addresses that the servers above do not get. */
  kept_ips: z.array(z.ipv4()).default([]),
  robot_ips: z.array(z.union([z.ipv4(), z.ipv6()])).default([]),
});

/**
 * Adds the content of the account before the program runs: API tokens, networks of one subnet each, servers with an
 * address in their network, and addresses of dedicated servers. What exists, by id, stays as it is.
 *
 * @throws {z.ZodError} the seed has another shape.
 * @throws {ErrorResponse} it contradicts itself or the account, such as a server in an unknown network.
 */
export function seedHetzner(store: Store, seed: unknown): void {
  const wanted = seedSchema.parse(seed);
  const on = account(store);
  on.tokens = [...new Set([...on.tokens, ...wanted.tokens])];
  on.robotIps = [...new Set([...on.robotIps, ...wanted.robot_ips])];

  for (const { network_zone, ...network } of wanted.networks) {
    if (on.networks.some(({ id }) => id === network.id)) continue;
    const gateway = formatIpv4(parseRange(network.ip_range).first + 1);
    const subnets = [{ type: "cloud" as const, ip_range: network.ip_range, network_zone, gateway }];
    on.networks.push({ ...network, created: now(), subnets });
  }
  for (const { network, ...server } of wanted.servers) {
    if (on.servers.some(({ id }) => id === server.id)) continue;
    const private_net =
      network === undefined ? [] : [allocateAddress(on, { network }, undefined, wanted.kept_ips)];
    on.servers.push({ ...server, created: now(), private_net });
  }
  on.nextId = Math.max(on.nextId, ...[...on.networks, ...on.servers].map(({ id }) => id + 1));
  store.save();
}

const openPorts = z.record(z.string(), z.array(z.int()));

/** Records the ports at which servers answer, by their ids. */
export function setOpenPorts(store: Store, ports: unknown): void {
  const on = account(store);
  on.openPorts = { ...on.openPorts, ...openPorts.parse(ports) };
  store.save();
}

/** The load balancers as the API shows them: the program creates nothing else at Hetzner. */
export function hetznerInventory(store: Store): object {
  const on = account(store);
  return { load_balancers: on.loadBalancers.map((lb) => showLoadBalancer(on, lb)) };
}
