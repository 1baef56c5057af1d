import type { Hono } from "hono";
import { z } from "zod";

import { defaultPtr, publicIpv4 } from "./addresses";
import { byNameOrId, LOAD_BALANCER_TYPES, LOCATIONS } from "./catalog";
import { invalidInput, notFound, parseBody, ErrorResponse } from "./errors";
import { algorithm, attachToNetwork, loadBalancerActions } from "./load-balancer-actions";
import { answerList, labels, nameField, requireUniqueName, type Call } from "./requests";
import { addService, newService } from "./services";
import { recordAction, now, type Account, type LoadBalancer } from "./state";
import { addTarget, newTarget, showTarget } from "./targets";

const newLoadBalancer = z.strictObject({
  name: nameField,
  load_balancer_type: z.union([z.string(), z.int()]),
  algorithm: algorithm.optional(),
  location: z.string().optional(),
  network_zone: z.string().optional(),
  labels: labels.default({}),
  targets: z.array(newTarget).default([]),
  services: z.array(newService).default([]),
  public_interface: z.boolean().default(true),
  network: z.int().optional(),
});

const changedLoadBalancer = z.strictObject({ name: nameField.optional(), labels: labels.optional() });

/** Routes of `/load_balancers`. */
export function loadBalancers(app: Hono, on: Account): void {
  const find = (c: Call): LoadBalancer => {
    const found = on.loadBalancers.find(({ id }) => String(id) === c.req.param("id"));
    if (found === undefined) throw notFound("load_balancer", c.req.param("id") ?? "");
    return found;
  };
  const show = (lb: LoadBalancer): object => showLoadBalancer(on, lb);

  app.get("/load_balancers", (c) => answerList(c, "load_balancers", on.loadBalancers, show));
  app.get("/load_balancers/:id", (c) => c.json({ load_balancer: show(find(c)) }));
  app.post("/load_balancers", async (c) => {
    const lb = createLoadBalancer(on, parseBody(newLoadBalancer, await c.req.text()));
    on.nextId += 1;
    on.loadBalancers.push(lb);
    const action = recordAction(on, "create_load_balancer", { id: lb.id, type: "load_balancer" });
    return c.json({ load_balancer: show(lb), action }, 201);
  });
  app.put("/load_balancers/:id", async (c) => {
    const change = parseBody(changedLoadBalancer, await c.req.text());
    const lb = find(c);
    if (change.name !== undefined) requireUniqueName(on.loadBalancers, change.name, lb.id);
    Object.assign(lb, change);
    return c.json({ load_balancer: show(lb) });
  });
  app.delete("/load_balancers/:id", (c) => {
    const lb = find(c);
    if (lb.protection.delete) throw new ErrorResponse("protected", "load_balancer deletion is protected");
    on.loadBalancers = on.loadBalancers.filter((one) => one !== lb);
    return c.body(null, 204);
  });
  loadBalancerActions(app, on, find);
}

/** A load balancer as the API shows it. */
export function showLoadBalancer(on: Account, lb: LoadBalancer): object {
  const { type, location, targets, ...rest } = lb;
  return {
    ...rest,
    load_balancer_type: byNameOrId(LOAD_BALANCER_TYPES, type),
    location: byNameOrId(LOCATIONS, location),
    targets: targets.map((target) => showTarget(on, lb, target)),
    included_traffic: 20 * 1024 ** 4,
    ingoing_traffic: 0,
    outgoing_traffic: 0,
  };
}

function createLoadBalancer(on: Account, body: z.infer<typeof newLoadBalancer>): LoadBalancer {
  const type = byNameOrId(LOAD_BALANCER_TYPES, body.load_balancer_type);
  if (type === undefined)
    throw invalidInput("load_balancer_type", `there is no type '${body.load_balancer_type}'`);
  requireUniqueName(on.loadBalancers, body.name);

  const id = on.nextId;
  const v4 = allocateIpv4(on, id);
  const lb: LoadBalancer = {
    id,
    name: body.name,
    type: type.name,
    location: findLocation(body),
    algorithm: body.algorithm ?? { type: "round_robin" },
    labels: body.labels,
    created: now(),
    protection: { delete: false },
    public_net: {
      enabled: body.public_interface,
      ipv4: { ip: v4, dns_ptr: defaultPtr(v4) },
      ipv6: { ip: `2001:db8:${((id % 0xffff) + 1).toString(16)}::1`, dns_ptr: null },
    },
    private_net: [],
    services: [],
    targets: [],
  };
  if (body.network !== undefined) attachToNetwork(on, lb, { network: body.network });
  for (const service of body.services) addService(lb, service);
  for (const target of body.targets) addTarget(on, lb, target);
  return lb;
}

function findLocation({ location, network_zone }: z.infer<typeof newLoadBalancer>): string {
  if ((location === undefined) === (network_zone === undefined))
    throw invalidInput("location", "give exactly one of location and network_zone");
  const place =
    location === undefined
      ? LOCATIONS.find((one) => one.network_zone === network_zone)
      : byNameOrId(LOCATIONS, location);
  if (place !== undefined) return place.name;
  if (location !== undefined) throw invalidInput("location", `there is no location '${location}'`);
  throw invalidInput("network_zone", `there is no network zone '${network_zone ?? ""}'`);
}

/** The id decides, so that a run made again from nothing gets the same addresses. */
function allocateIpv4(on: Account, id: number): string {
  const taken = new Set(on.loadBalancers.map((lb) => lb.public_net.ipv4.ip));
  for (let n = id; n < id + 508; n += 1) if (!taken.has(publicIpv4(n))) return publicIpv4(n);
  throw new ErrorResponse(
    "resource_limit_exceeded",
    "the sandbox has 508 public addresses, and all are taken",
  );
}
