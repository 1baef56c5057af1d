import type { Hono } from "hono";
import { z } from "zod";

import { defaultPtr, publicIpv4 } from "./addresses";
import { findType, LOCATIONS } from "./catalog";
import { invalidInput, notFound, parseBody, ErrorResponse } from "./errors";
import { algorithm, loadBalancerActions } from "./load-balancer-actions";
import { answerList, type Call } from "./requests";
import { newAction, now, type Account, type LoadBalancer } from "./state";
import { showTarget } from "./targets";

const nameField = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9 ._-]{0,126}[A-Za-z0-9])?$/, "is not a valid name");
/** The real provider and the stand-in validate labels themselves, in preview. */
const labels = z.record(z.string(), z.string());

const newLoadBalancer = z.strictObject({
  name: nameField,
  load_balancer_type: z.string(),
  algorithm: algorithm.optional(),
  location: z.string().optional(),
  network_zone: z.string().optional(),
  labels: labels.default({}),
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
  const requireUniqueName = (name: string, own?: number) => {
    if (on.loadBalancers.some((other) => other.name === name && other.id !== own))
      throw new ErrorResponse("uniqueness_error", `name '${name}' is already used`, [
        { name: "name", messages: ["must be unique"] },
      ]);
  };

  app.get("/load_balancers", (c) => answerList(c, "load_balancers", on.loadBalancers, show));
  app.get("/load_balancers/:id", (c) => c.json({ load_balancer: show(find(c)) }));
  app.post("/load_balancers", async (c) => {
    const body = parseBody(newLoadBalancer, await c.req.text());
    requireUniqueName(body.name);
    const lb = createLoadBalancer(on, body);
    on.nextId += 1;
    on.loadBalancers.push(lb);
    return c.json({ load_balancer: show(lb), action: newAction(on, "create_load_balancer", lb.id) }, 201);
  });
  app.put("/load_balancers/:id", async (c) => {
    const change = parseBody(changedLoadBalancer, await c.req.text());
    const lb = find(c);
    if (change.name !== undefined) requireUniqueName(change.name, lb.id);
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
    load_balancer_type: findType(type),
    location: LOCATIONS.find(({ name }) => name === location),
    targets: targets.map((target) => showTarget(on, lb, target)),
    included_traffic: 20 * 1024 ** 4,
    ingoing_traffic: 0,
    outgoing_traffic: 0,
  };
}

function createLoadBalancer(on: Account, body: z.infer<typeof newLoadBalancer>): LoadBalancer {
  const type = findType(body.load_balancer_type);
  if (type === undefined)
    throw invalidInput("load_balancer_type", `there is no type '${body.load_balancer_type}'`);
  const id = on.nextId;
  const v4 = allocateIpv4(on, id);
  return {
    id,
    name: body.name,
    type: type.name,
    location: findLocation(body),
    algorithm: body.algorithm ?? { type: "round_robin" },
    labels: body.labels,
    created: now(),
    protection: { delete: false },
    public_net: {
      enabled: true,
      ipv4: { ip: v4, dns_ptr: defaultPtr(v4) },
      ipv6: { ip: `2001:db8:${((id % 0xffff) + 1).toString(16)}::1`, dns_ptr: null },
    },
    private_net: [],
    services: [],
    targets: [],
  };
}

function findLocation({ location, network_zone }: z.infer<typeof newLoadBalancer>): string {
  if ((location === undefined) === (network_zone === undefined))
    throw invalidInput("location", "give exactly one of location and network_zone");
  const place = LOCATIONS.find((one) => one.name === location || one.network_zone === network_zone);
  if (place !== undefined) return place.name;
  if (location !== undefined) throw invalidInput("location", `there is no location '${location}'`);
  throw invalidInput("network_zone", `there is no network zone '${network_zone ?? ""}'`);
}

/** The id decides, so that a run from an empty account gets the same addresses. */
function allocateIpv4(on: Account, id: number): string {
  const used = new Set(on.loadBalancers.map((lb) => lb.public_net.ipv4.ip));
  for (let n = id; n < id + 508; n += 1) if (!used.has(publicIpv4(n))) return publicIpv4(n);
  throw new ErrorResponse(
    "resource_limit_exceeded",
    "the sandbox has 508 public addresses, and all are taken",
  );
}
