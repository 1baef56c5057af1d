import type * as hcloud from "@pulumi/hcloud";
import type * as pulumi from "@pulumi/pulumi";

/** Interval, timeout and retries of a health check. */
export interface HealthCheckTiming {
  /** Seconds between two checks, 3 to 60. */
  readonly intervalSeconds: number;
  /** Seconds until a check counts as failed, 1 to the interval. */
  readonly timeoutSeconds: number;
  /** Consecutive failures until a target is unhealthy, 1 to 5. */
  readonly retries: number;
}

/** Request and expected response of an HTTP check. */
export interface HttpCheck {
  /** Default: `/`. */
  readonly path?: string | undefined;
  /** The Host header. Default: the target's address. */
  readonly domain?: string | undefined;
  /** Such as `200` or `2??`; `?` stands for one digit, `*` for several. Default: `2??` and `3??`. */
  readonly statusCodes?: readonly string[] | undefined;
  /** Text that the response body must contain. Default: any body. */
  readonly response?: string | undefined;
  /** Whether the check uses TLS. Default: false. */
  readonly tls?: boolean | undefined;
}

/** TCP or HTTP health check of a service's targets. */
export interface HealthCheck extends HealthCheckTiming {
  readonly protocol: "tcp" | "http";
  /** Default: the service's destination port. */
  readonly port?: number | undefined;
  /** For the protocol `http` only. */
  readonly http?: HttpCheck | undefined;
}

/**
 * Converts a health check to the arguments of Hetzner's API, with every field set: the API keeps fields that an update
 * omits.
 *
 * @param destinationPort The port of the service's targets.
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
