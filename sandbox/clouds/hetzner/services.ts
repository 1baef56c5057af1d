import { z } from "zod";

import { byNameOrId, LOAD_BALANCER_TYPES } from "./catalog";
import { invalidInput, notFound, ErrorResponse } from "./errors";
import type { HealthCheck, LoadBalancer, Service, ServiceHttp } from "./state";

const protocol = z.enum(["tcp", "http", "https"]);
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
        domain: z.string().nullable(),
        path: z.string(),
        response: z.string(),
        // `?` stands for one digit, `*` for several.
        status_codes: z.array(z.string().regex(/^([1-5?][0-9?]{2}|(?=[^*]*\*)[1-5?*][0-9?*]{0,2})$/)),
        tls: z.boolean(),
      })
      .partial(),
  })
  .partial();

const http = z
  .strictObject({
    cookie_name: z.string(),
    cookie_lifetime: z.int().min(1),
    certificates: z.array(z.int()),
    redirect_http: z.boolean(),
    sticky_sessions: z.boolean(),
    timeout_idle: z.int().min(30).max(300),
  })
  .partial();

const settings = {
  destination_port: port.optional(),
  http: http.optional(),
  health_check: healthCheck.optional(),
};

/** Body of add_service. */
export const newService = z.strictObject({
  protocol,
  listen_port: port.optional(),
  proxyprotocol: z.boolean().default(false),
  ...settings,
});

/** Body of update_service: what is left out stays. */
export const changedService = z.strictObject({
  listen_port: port,
  protocol: protocol.optional(),
  proxyprotocol: z.boolean().optional(),
  ...settings,
});

const PORTS = { tcp: undefined, http: [80, 80], https: [443, 80] } as const;

/** Adds a service, with Hetzner's defaults for what the body leaves out. */
export function addService(lb: LoadBalancer, body: z.infer<typeof newService>): void {
  const [listen, destination] = PORTS[body.protocol] ?? [];
  const listen_port = body.listen_port ?? listen;
  const destination_port = body.destination_port ?? destination;
  if (listen_port === undefined) throw invalidInput("listen_port", "required for protocol tcp");
  if (destination_port === undefined) throw invalidInput("destination_port", "required for protocol tcp");
  if (lb.services.some((service) => service.listen_port === listen_port))
    throw new ErrorResponse("source_port_already_used", `source port ${listen_port} is already in use`);

  const limit = byNameOrId(LOAD_BALANCER_TYPES, lb.type)?.max_services ?? 0;
  if (lb.services.length >= limit)
    throw new ErrorResponse(
      "resource_limit_exceeded",
      `a load balancer of type ${lb.type} has at most ${limit} services`,
    );

  const { proxyprotocol } = body;
  lb.services.push({
    protocol: body.protocol,
    listen_port,
    destination_port,
    proxyprotocol,
    http: toServiceHttp(body.protocol, body.http),
    health_check: toHealthCheck(body.health_check, {
      protocol: body.protocol === "tcp" ? "tcp" : "http",
      port: destination_port,
    }),
  });
}

/** Changes the service that listens on the port. */
export function updateService(lb: LoadBalancer, body: z.infer<typeof changedService>): void {
  const index = lb.services.findIndex((service) => service.listen_port === body.listen_port);
  const old = lb.services[index];
  if (old === undefined) throw notFound("service", body.listen_port);
  const next = body.protocol ?? old.protocol;
  const changed: Service = {
    protocol: next,
    listen_port: old.listen_port,
    destination_port: body.destination_port ?? old.destination_port,
    proxyprotocol: body.proxyprotocol ?? old.proxyprotocol,
    http: toServiceHttp(next, body.http, old.http),
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
  of: Service["protocol"],
  body: z.infer<typeof http> = {},
  old: ServiceHttp | null = null,
): ServiceHttp | null {
  if (of === "tcp") {
    if (Object.keys(body).length > 0) throw invalidInput("http", "only for protocol http or https");
    return null;
  }
  const all = {
    cookie_name: "HCLBSTICKY",
    cookie_lifetime: 300,
    certificates: [],
    redirect_http: false,
    sticky_sessions: false,
    timeout_idle: 60,
    ...old,
    ...body,
  };
  if (of === "http" && all.redirect_http) throw invalidInput("http.redirect_http", "only for protocol https");
  const [certificate] = all.certificates;
  if (certificate !== undefined) throw notFound("certificate", certificate);
  if (of === "https")
    throw invalidInput("http.certificates", "https needs a certificate, and this account holds none");
  return all;
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
  const checked = { ...defaults, ...old.http, ...body.http };
  return { ...all, http: { ...checked, domain: checked.domain ?? "" } };
}
