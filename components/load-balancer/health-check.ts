import type * as hcloud from "@pulumi/hcloud";
import type * as pulumi from "@pulumi/pulumi";

/** How often a target is asked whether it answers. */
export interface HealthCheckTiming {
  /** Seconds between two checks, 3 to 60. */
  readonly intervalSeconds: number;
  /** Seconds until a check counts as failed, 1 to the interval. */
  readonly timeoutSeconds: number;
  /** Failed checks in a row until a target leaves the rotation, 1 to 5. */
  readonly retries: number;
}

/** What an HTTP check asks, and what it takes for an answer. */
export interface HttpCheck {
  /** Default: `/`. */
  readonly path?: string | undefined;
  /** The Host header. Absence means the target's address. */
  readonly domain?: string | undefined;
  /** Such as `200` or `2??`; `?` stands for one digit, `*` for several. Default: `2??` and `3??`. */
  readonly statusCodes?: readonly string[] | undefined;
  /** What the body must hold. Absence means that any will do. */
  readonly response?: string | undefined;
  /** Whether it asks over TLS. Default: false. */
  readonly tls?: boolean | undefined;
}

/** Whether the port is open, or whether HTTP is answered on it. */
export interface HealthCheck extends HealthCheckTiming {
  readonly protocol: "tcp" | "http";
  /** Absence means the port that the service leads to. */
  readonly port?: number | undefined;
  /** For the protocol `http` only. */
  readonly http?: HttpCheck | undefined;
}

/**
 * The check as Hetzner takes it, all of it said: what is left out of an update stays as it was.
 *
 * @param destinationPort where the service leads to.
 * @see https://docs.hetzner.cloud/reference/cloud#load-balancer-actions-add-service
 */
export function toHetznerHealthCheck(
  { protocol, port, intervalSeconds, timeoutSeconds, retries, http = {} }: HealthCheck,
  destinationPort: pulumi.Input<number>,
): hcloud.types.input.LoadBalancerServiceHealthCheck {
  const { statusCodes = ["2??", "3??"], path = "/", domain = "", response = "", tls = false } = http;
  return {
    protocol,
    port: port ?? destinationPort,
    interval: intervalSeconds,
    timeout: timeoutSeconds,
    retries,
    ...(protocol === "http" && { http: { path, domain, statusCodes: [...statusCodes], response, tls } }),
  };
}
