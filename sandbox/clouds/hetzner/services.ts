import { z } from "zod";

import { findType } from "./catalog";
import { invalidInput, notFound, ErrorResponse } from "./errors";
import type { HealthCheck, LoadBalancer, Service, ServiceHttp } from "./state";

/** Not `https`: it needs a certificate, and the program passes TLS through. */
const protocol = z.enum(["tcp", "http"]);
const port = z.int().min(1).max(65_535);

const healthCheck = z
  .strictObject({
    protocol,
    port,
    interval: z.int().min(3).max(60),
    timeout: z.int().min(1),
    retries: z.int().min(1).max(5),
    http: z
      .strictObject({
        domain: z.string(),
        path: z.string(),
        response: z.string(),
        // `?` stands for one digit, `*` for several.
        status_codes: z.array(z.string().regex(/^([1-5?][0-9?]{2}|(?=[^*]*\*)[1-5?*][0-9?*]{0,2})$/)),
        tls: z.boolean(),
      })
      .partial(),
  })
  .partial();

/** The program leaves it out; the real provider sends the former values along in an update. */
const http = z
  .strictObject({
    cookie_name: z.string(),
    cookie_lifetime: z.int().min(1),
    certificates: z.array(z.never()),
    redirect_http: z.literal(false),
    sticky_sessions: z.boolean(),
    timeout_idle: z.int().min(30).max(300),
  })
  .partial();

const common = { http: http.optional(), health_check: healthCheck.optional() };

/** Body of add_service. */
export const newService = z.strictObject({
  protocol,
  listen_port: port,
  destination_port: port,
  proxyprotocol: z.boolean().default(false),
  ...common,
});

/** Body of update_service: an absent field stays as it is. */
export const changedService = z.strictObject({
  listen_port: port,
  protocol: protocol.optional(),
  destination_port: port.optional(),
  proxyprotocol: z.boolean().optional(),
  ...common,
});

/** Adds a service, with Hetzner's defaults for absent fields. */
export function addService(lb: LoadBalancer, body: z.infer<typeof newService>): void {
  const { listen_port, destination_port } = body;
  if (lb.services.some((service) => service.listen_port === listen_port))
    throw new ErrorResponse("source_port_already_used", `source port ${listen_port} is already in use`);
  const limit = findType(lb.type)?.max_services ?? 0;
  if (lb.services.length >= limit)
    throw new ErrorResponse(
      "resource_limit_exceeded",
      `a load balancer of type ${lb.type} has at most ${limit} services`,
    );
  lb.services.push({
    ...body,
    http: toServiceHttp(body.protocol, body.http),
    health_check: toHealthCheck(body.health_check, { protocol: body.protocol, port: destination_port }),
  });
}

/** Changes the service that listens on the port. */
export function updateService(lb: LoadBalancer, body: z.infer<typeof changedService>): void {
  const index = lb.services.findIndex((service) => service.listen_port === body.listen_port);
  const old = lb.services[index];
  if (old === undefined) throw notFound("service", body.listen_port);
  const protocol = body.protocol ?? old.protocol;
  const changed: Service = {
    protocol,
    listen_port: old.listen_port,
    destination_port: body.destination_port ?? old.destination_port,
    proxyprotocol: body.proxyprotocol ?? old.proxyprotocol,
    http: toServiceHttp(protocol, body.http, old.http),
    health_check: toHealthCheck(body.health_check, old.health_check),
  };
  lb.services[index] = changed;
}

/** Removes the service that listens on the port. */
export function deleteService(lb: LoadBalancer, listenPort: number): void {
  const left = lb.services.filter((service) => service.listen_port !== listenPort);
  if (left.length === lb.services.length) throw notFound("service", listenPort);
  lb.services = left;
}

function toServiceHttp(
  protocol: Service["protocol"],
  body: z.infer<typeof http> = {},
  old: ServiceHttp | null = null,
): ServiceHttp | null {
  if (protocol === "tcp") {
    if (Object.keys(body).length > 0) throw invalidInput("http", "only for protocol http or https");
    return null;
  }
  return {
    cookie_name: "HCLBSTICKY",
    cookie_lifetime: 300,
    certificates: [],
    redirect_http: false,
    sticky_sessions: false,
    timeout_idle: 60,
    ...old,
    ...body,
  };
}

function toHealthCheck(
  body: z.infer<typeof healthCheck> = {},
  old: Pick<HealthCheck, "protocol" | "port"> & Partial<HealthCheck>,
): HealthCheck {
  const all = { interval: 15, timeout: 10, retries: 3, ...old, ...body };
  if (all.timeout > all.interval)
    throw invalidInput(
      "health_check.timeout",
      `is ${all.timeout}, want at most the interval, ${all.interval}`,
    );
  if (all.protocol === "tcp") {
    if (body.http !== undefined) throw invalidInput("health_check.http", "only for protocol http or https");
    return { ...all, http: null };
  }
  const defaults = { domain: "", path: "/", response: "", status_codes: ["2??", "3??"], tls: false };
  return { ...all, http: { ...defaults, ...old.http, ...body.http } };
}
