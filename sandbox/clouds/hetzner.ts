import { Hono } from "hono";
import { z } from "zod";

import { allocateAddress } from "./hetzner/attachments";
import { LOAD_BALANCER_TYPES, LOCATIONS } from "./hetzner/catalog";
import { notFound, ErrorResponse } from "./hetzner/errors";
import { loadBalancers, showLoadBalancer } from "./hetzner/load-balancers";
import { createNetwork, networks } from "./hetzner/networks";
import { answerList, type Call } from "./hetzner/requests";
import { account, now, showAction, type Account, type Server } from "./hetzner/state";
import type { Store } from "./store";

/**
 * The Hetzner Cloud API over the store, as far as load balancers need it: `/load_balancers`, `/networks`, `/servers`,
 * `/load_balancer_types`, `/locations`, `/actions`, below whatever path it is mounted at. A change is saved before
 * it is answered.
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
  networks(app, on);
  lists(app, on);
  app.all("*", (c) => {
    throw new ErrorResponse(
      "not_found",
      `the sandbox's Hetzner Cloud API has no ${c.req.method} ${c.req.path}`,
    );
  });
  return app;
}

function lists(app: Hono, on: Account): void {
  const one = <T extends { readonly id: number }>(c: Call, what: string, all: readonly T[]): T => {
    const found = all.find(({ id }) => String(id) === c.req.param("id"));
    if (found === undefined) throw notFound(what, c.req.param("id") ?? "");
    return found;
  };

  app.get("/servers", (c) => answerList(c, "servers", on.servers, (server) => showServer(on, server)));
  app.get("/servers/:id", (c) => c.json({ server: showServer(on, one(c, "server", on.servers)) }));
  app.get("/load_balancer_types", (c) => answerList(c, "load_balancer_types", LOAD_BALANCER_TYPES));
  app.get("/load_balancer_types/:id", (c) =>
    c.json({ load_balancer_type: one(c, "load_balancer_type", LOAD_BALANCER_TYPES) }),
  );
  app.get("/locations", (c) => answerList(c, "locations", LOCATIONS));
  app.get("/locations/:id", (c) => c.json({ location: one(c, "location", LOCATIONS) }));
  app.get("/actions", (c) => {
    const ids = c.req.queries("id");
    const asked = on.actions.filter(({ id }) => ids === undefined || ids.includes(String(id)));
    return answerList(c, "actions", asked, showAction);
  });
  app.get("/actions/:id", (c) => c.json({ action: showAction(one(c, "action", on.actions)) }));
}

function showServer(on: Account, server: Server): object {
  const { id, private_net } = server;
  const place = on.servers.indexOf(server);
  const balances = on.loadBalancers.filter((lb) =>
    lb.targets.some((target) => target.type === "server" && target.server.id === id),
  );
  return {
    ...server,
    status: "running",
    private_net: private_net.map((at) => ({ ...at, alias_ips: [], mac_address: "86:00:00:00:00:01" })),
    public_net: {
      ipv4: { id, ip: `192.0.2.${(place % 254) + 1}`, blocked: false, dns_ptr: "" },
      ipv6: { id, ip: `2001:db8:ffff:${(place + 1).toString(16)}::/64`, blocked: false, dns_ptr: [] },
      floating_ips: [],
      firewalls: [],
    },
    location: LOCATIONS[0],
    protection: { delete: false, rebuild: false },
    load_balancers: balances.map((lb) => lb.id),
    volumes: [],
  };
}

const seedSchema = z.strictObject({
  tokens: z.array(z.string().length(64)).default([]),
  networks: z
    .array(z.strictObject({ id: z.int(), name: z.string(), ip_range: z.string(), network_zone: z.string() }))
    .default([]),
  servers: z
    .array(
      z.strictObject({
        id: z.int(),
        name: z.string(),
        labels: z.record(z.string(), z.string()).default({}),
        network: z.int().optional(),
      }),
    )
    .default([]),
  /** Addresses that the servers above do not get. */
  kept_ips: z.array(z.ipv4()).default([]),
  robot_ips: z.array(z.union([z.ipv4(), z.ipv6()])).default([]),
});

/**
 * Gives the account what it is to hold before the program runs: API tokens, networks of one subnet each, servers
 * with an address in their network, and addresses of dedicated servers. Adds what is missing, by id; changes and
 * removes nothing.
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
    on.networks.push(createNetwork(network.id, network.name, network.ip_range, network_zone));
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

/** The load balancers as the API shows them: the program creates nothing else at Hetzner. */
export function hetznerInventory(store: Store): object {
  const on = account(store);
  return {
    load_balancers: on.loadBalancers.map((lb) => showLoadBalancer(on, lb)),
  };
}
