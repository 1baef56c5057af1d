import type { Config } from "./schema";
import type { RoutedHost } from "./zone-records";

/** How the origin is locked, all of it decided. */
export interface OriginLockSettings {
  /** Whether the ingress asks the edge for its client certificate. */
  readonly clientCertificate: boolean;
  /** Whether the ingress takes connections from Cloudflare's addresses only. */
  readonly allowList: boolean;
  /** Which CA the owner of the zone makes, from 1. */
  readonly generation: number;
  /** The owner's CAs, PEM, in the zone's other stacks. */
  readonly ca?: string | undefined;
}

/** What decides how the origin is locked. */
export type LockSource = Pick<Config, "ownsZone" | "originLock" | "dns" | "ingress"> & {
  readonly loadBalancer: Pick<Config["loadBalancer"], "proxyProtocol">;
};

/**
 * How the origin is locked; undefined where it is open. The owner's is locked as soon as records are proxied unless they
 * say otherwise, so that it does not come and go with one app.
 */
export function originLockOf(
  { ownsZone, originLock, loadBalancer, dns, ingress }: LockSource,
  hosts: readonly RoutedHost[],
): OriginLockSettings | undefined {
  const isProxied = dns.proxied || hosts.some(({ proxied }) => proxied);
  if (!isProxied || (!ownsZone && originLock === undefined)) return undefined;
  const {
    ca,
    generation = 1,
    clientCertificate = ownsZone || ca !== undefined,
    // Without PROXY protocol every connection seems to come from the load balancer. nginx can do without the list where
    // it asks for the certificate, which is the stronger half.
    allowList = loadBalancer.proxyProtocol && !(ingress.controller === "nginx" && clientCertificate),
  } = originLock ?? {};
  if (!clientCertificate && !allowList) return undefined;
  return { clientCertificate, allowList, generation, ...(ca !== undefined && { ca }) };
}
