import { isIP } from "node:net";

import { z } from "zod";

import { publicIpv4 } from "./addresses";
import { findType } from "./catalog";
import { invalidInput, notFound, ErrorResponse } from "./errors";
import type { Account, LoadBalancer, Server, Target, TargetIdentity } from "./state";

const server = { type: z.literal("server"), server: z.strictObject({ id: z.int() }) };
const labelSelector = {
  type: z.literal("label_selector"),
  label_selector: z.strictObject({ selector: z.string() }),
};
const ip = { type: z.literal("ip"), ip: z.strictObject({ ip: z.string() }) };
/** The program reaches servers over the private network. */
const use_private_ip = z.literal(true);

/** Body of add_target. */
export const newTarget = z.discriminatedUnion("type", [
  z.strictObject({ ...server, use_private_ip }),
  z.strictObject({ ...labelSelector, use_private_ip }),
  z.strictObject({ ...ip, use_private_ip: z.literal(false).default(false) }),
]);

/** Body of remove_target. */
export const oldTarget = z.discriminatedUnion("type", [
  z.strictObject(server),
  z.strictObject(labelSelector),
  z.strictObject(ip),
]);

/** Adds a target. @throws {ErrorResponse} It is unknown, unreachable, defined already or above the type's limit. */
export function addTarget(on: Account, lb: LoadBalancer, target: Target): void {
  if (lb.targets.some((other) => identity(other) === identity(target)))
    throw new ErrorResponse(
      "target_already_defined",
      `load balancer target ${identity(target)} is already defined`,
    );
  const servers = findServers(on, target);
  if (target.type === "ip") checkAddress(on, target.ip.ip);
  else checkReachable(lb, servers);

  lb.targets.push(target);
  const limit = findType(lb.type)?.max_targets ?? 0;
  if (countTargets(on, lb) > limit)
    throw new ErrorResponse(
      "resource_limit_exceeded",
      `a load balancer of type ${lb.type} has at most ${limit} targets`,
    );
}

/** Removes a target. */
export function removeTarget(lb: LoadBalancer, target: TargetIdentity): void {
  const left = lb.targets.filter((other) => identity(other) !== identity(target));
  if (left.length === lb.targets.length)
    throw new ErrorResponse(
      "load_balancer_target_not_found",
      `load balancer target not found: ${identity(target)}`,
    );
  lb.targets = left;
}

/** Targets that count against the limit: each server of a selector is one. */
export function countTargets(on: Account, lb: LoadBalancer): number {
  return lb.targets.reduce(
    (sum, target) => sum + (target.type === "ip" ? 1 : findServers(on, target).length),
    0,
  );
}

/** A target as the API shows it; one with a selector lists the servers that match now. */
export function showTarget(on: Account, lb: LoadBalancer, target: Target): object {
  if (target.type === "ip") return { ...target, health_status: checkHealth(on, lb, undefined) };
  const servers = findServers(on, target);
  if (target.type === "server") return { ...target, health_status: checkHealth(on, lb, servers[0]) };
  const targets = servers.map((server) => ({
    type: "server",
    server: { id: server.id },
    use_private_ip: target.use_private_ip,
    health_status: checkHealth(on, lb, server),
  }));
  return { ...target, health_status: [], targets };
}

/** The result of each service's health check: whether the server answers at the checked port. */
function checkHealth(on: Account, lb: LoadBalancer, server: Server | undefined): object[] {
  const open = server && on.openPorts?.[server.id];
  return lb.services.map(({ listen_port, health_check }) => {
    const isOpen = open?.includes(health_check.port);
    return { listen_port, status: isOpen === undefined ? "unknown" : isOpen ? "healthy" : "unhealthy" };
  });
}

function identity(target: TargetIdentity): string {
  if (target.type === "server") return `server ${target.server.id}`;
  if (target.type === "ip") return `ip ${target.ip.ip}`;
  return `label_selector ${target.label_selector.selector}`;
}

function findServers(on: Account, target: TargetIdentity): readonly Server[] {
  if (target.type === "ip") return [];
  if (target.type === "label_selector") return selectServers(on, target.label_selector.selector);
  const found = on.servers.find(({ id }) => id === target.server.id);
  if (found === undefined) throw notFound("server", target.server.id);
  return [found];
}

/** The servers with the labels of a selector. */
export function selectServers(on: Account, selector: string): readonly Server[] {
  const labels = parseSelector(selector);
  return on.servers.filter((one) => labels.every(([key, value]) => one.labels[key] === value));
}

/** The labels of a selector. @throws {ErrorResponse} It has a term other than `key=value`, which the settings refuse too. */
const parseSelector = (selector: string): readonly (readonly [key: string, value: string])[] =>
  selector.split(",").map((term) => {
    const [, key, value] = /^([^\s=,!]+)=([^\s=,!]+)$/.exec(term) ?? [];
    if (key === undefined || value === undefined)
      throw invalidInput("label_selector.selector", "is not of the form key=value[,key=value]");
    return [key, value] as const;
  });

function checkAddress(on: Account, address: string): void {
  if (isIP(address) === 0) throw invalidInput("ip.ip", "is not an IP address");
  const clouds = Array.from({ length: 508 }, (_, n) => publicIpv4(n));
  if (clouds.includes(address))
    throw new ErrorResponse("cloud_resource_ip_not_allowed", `${address} belongs to a resource of the cloud`);
  if (!on.robotIps.includes(address))
    throw new ErrorResponse("ip_not_owned", `${address} is not owned by the owner of the project`);
}

function checkReachable(lb: LoadBalancer, servers: readonly Server[]): void {
  const [attachment] = lb.private_net;
  if (attachment === undefined)
    throw new ErrorResponse(
      "load_balancer_not_attached_to_network",
      "load balancer is not attached to a network",
    );
  const outside = servers.find(
    (one) => !one.private_net.some(({ network }) => network === attachment.network),
  );
  if (outside !== undefined)
    throw new ErrorResponse(
      "server_not_attached_to_network",
      `server ${outside.id} is not attached to network ${attachment.network} of the load balancer`,
    );
}
