import type { Hono } from "hono";
import { z } from "zod";

import { defaultPtr } from "./addresses";
import { allocateAddress, detach, findNetworkZone } from "./attachments";
import { findType } from "./catalog";
import { invalidInput, notFound, parseBody, ErrorResponse } from "./errors";
import type { Call } from "./requests";
import { addService, changedService, deleteService, newService, updateService } from "./services";
import { newAction, type Account, type LoadBalancer } from "./state";
import { addTarget, countTargets, newTarget, oldTarget, removeTarget } from "./targets";

/** The balancing algorithm. */
export const algorithm = z.strictObject({ type: z.enum(["round_robin", "least_connections"]) });

const attachment = z.strictObject({ network: z.int(), ip: z.string().optional() });

/** Routes of `/load_balancers/{id}/actions`. A refused action changes nothing. */
export function loadBalancerActions(app: Hono, on: Account, find: (c: Call) => LoadBalancer): void {
  const action = <T>(command: string, schema: z.ZodType<T>, change: (lb: LoadBalancer, body: T) => void) =>
    app.post(`/load_balancers/:id/actions/${command}`, async (c) => {
      const text = await c.req.text();
      const old = find(c);
      const lb = structuredClone(old);
      change(lb, parseBody(schema, text));
      on.loadBalancers[on.loadBalancers.indexOf(old)] = lb;
      return c.json({ action: newAction(on, command, lb.id) }, 201);
    });

  action("add_service", newService, addService);
  action("update_service", changedService, updateService);
  action("delete_service", z.strictObject({ listen_port: z.int() }), (lb, body) =>
    deleteService(lb, body.listen_port),
  );
  action("add_target", newTarget, (lb, body) => addTarget(on, lb, body));
  action("remove_target", oldTarget, removeTarget);
  // A load balancer can be in one network only, of its own zone.
  action("attach_to_network", attachment, (lb, body) => {
    if (lb.private_net.length > 0)
      throw new ErrorResponse(
        "load_balancer_already_attached",
        "load balancer is already attached to a network",
      );
    lb.private_net = [allocateAddress(on, body, findNetworkZone(lb.location))];
  });
  action("detach_from_network", z.strictObject({ network: z.int() }), (lb, { network }) => {
    if (!detach(lb, network))
      throw new ErrorResponse(
        "load_balancer_not_attached_to_network",
        `load balancer is not attached to network ${network}`,
      );
  });
  // It is never off: the program does not turn it off.
  action("enable_public_interface", z.strictObject({}), () => undefined);
  action("change_algorithm", algorithm, (lb, body) => {
    lb.algorithm = body;
  });
  action("change_type", z.strictObject({ load_balancer_type: z.string() }), (lb, body) =>
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

function changeType(on: Account, lb: LoadBalancer, name: string): void {
  const type = findType(name);
  if (type === undefined) throw invalidInput("load_balancer_type", `there is no type '${name}'`);
  if (lb.services.length > type.max_services || countTargets(on, lb) > type.max_targets)
    throw new ErrorResponse(
      "invalid_load_balancer_type",
      `${type.name} has at most ${type.max_services} services and ${type.max_targets} targets`,
    );
  lb.type = type.name;
}
