import type { Hono } from "hono";
import { z } from "zod";

import { defaultPtr } from "./addresses";
import { allocateAddress, detach, findNetworkZone } from "./attachments";
import { byNameOrId, LOAD_BALANCER_TYPES } from "./catalog";
import { invalidInput, notFound, parseBody, ErrorResponse } from "./errors";

import type { Call } from "./requests";
import { addService, changedService, deleteService, newService, updateService } from "./services";
import { recordAction, type Account, type LoadBalancer } from "./state";
import { addTarget, countTargets, newTarget, oldTarget, removeTarget } from "./targets";

/** How connections are spread. */
export const algorithm = z.strictObject({ type: z.enum(["round_robin", "least_connections"]) });

const attachment = z.strictObject({
  network: z.int(),
  ip: z.string().optional(),
  ip_range: z.string().optional(),
});

/** Routes of `/load_balancers/{id}/actions`. A refused action changes nothing. */
export function loadBalancerActions(app: Hono, on: Account, find: (c: Call) => LoadBalancer): void {
  const action = <T>(command: string, schema: z.ZodType<T>, change: (lb: LoadBalancer, body: T) => void) =>
    app.post(`/load_balancers/:id/actions/${command}`, async (c) => {
      const text = await c.req.text();
      const old = find(c);
      const lb = structuredClone(old);
      change(lb, parseBody(schema, text));
      on.loadBalancers[on.loadBalancers.indexOf(old)] = lb;
      return c.json({ action: recordAction(on, command, { id: lb.id, type: "load_balancer" }) }, 201);
    });
  const nothing = z.strictObject({});

  action("add_service", newService, addService);
  action("update_service", changedService, updateService);
  action("delete_service", z.strictObject({ listen_port: z.int() }), (lb, body) =>
    deleteService(lb, body.listen_port),
  );
  action("add_target", newTarget, (lb, body) => addTarget(on, lb, body));
  action("remove_target", oldTarget, removeTarget);
  action("attach_to_network", attachment, (lb, body) => attachToNetwork(on, lb, body));
  action("detach_from_network", z.strictObject({ network: z.int() }), (lb, { network }) => {
    if (!detach(lb, network))
      throw new ErrorResponse(
        "load_balancer_not_attached_to_network",
        `load balancer is not attached to network ${network}`,
      );
  });
  action("enable_public_interface", nothing, (lb) => {
    lb.public_net.enabled = true;
  });
  action("disable_public_interface", nothing, (lb) => {
    if (lb.targets.some((target) => !target.use_private_ip))
      throw new ErrorResponse(
        "targets_without_use_private_ip",
        "the load balancer has targets that use the public IP",
      );
    lb.public_net.enabled = false;
  });
  action("change_algorithm", algorithm, (lb, body) => {
    lb.algorithm = body;
  });
  action("change_type", z.strictObject({ load_balancer_type: z.union([z.string(), z.int()]) }), (lb, body) =>
    changeType(on, lb, body.load_balancer_type),
  );
  action("change_protection", z.strictObject({ delete: z.boolean() }), (lb, body) => {
    lb.protection = body;
  });
  action("change_dns_ptr", z.strictObject({ ip: z.string(), dns_ptr: z.string().nullable() }), (lb, body) => {
    const address = [lb.public_net.ipv4, lb.public_net.ipv6].find(({ ip }) => ip === body.ip);
    if (address === undefined) throw notFound("IP", body.ip);
    address.dns_ptr = body.dns_ptr ?? defaultPtr(body.ip);
  });
}

/** Puts the load balancer into a network of its zone; it can be in one only. */
export function attachToNetwork(on: Account, lb: LoadBalancer, body: z.infer<typeof attachment>): void {
  if (lb.private_net.length > 0)
    throw new ErrorResponse(
      "load_balancer_already_attached",
      "load balancer is already attached to a network",
    );
  lb.private_net = [allocateAddress(on, body, findNetworkZone(lb.location))];
}

function changeType(on: Account, lb: LoadBalancer, to: string | number): void {
  const type = byNameOrId(LOAD_BALANCER_TYPES, to);
  if (type === undefined) throw invalidInput("load_balancer_type", `there is no type '${to}'`);
  if (lb.services.length > type.max_services || countTargets(on, lb) > type.max_targets)
    throw new ErrorResponse(
      "invalid_load_balancer_type",
      `${type.name} has at most ${type.max_services} services and ${type.max_targets} targets`,
    );
  lb.type = type.name;
}
