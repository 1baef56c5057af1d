import { findController } from "../../components/ingress/controllers";
import { isSupported } from "../../components/ingress/ingress-controller";
import type { Facts } from "../rule";

/** How the origin is protected from connections past Cloudflare. */
export interface OriginLockSettings {
  /** Whether the ingress requires Cloudflare's client certificate (Authenticated Origin Pulls). */
  readonly clientCertificate: boolean;
  /** Whether the ingress accepts connections from Cloudflare's addresses only. */
  readonly allowList: boolean;
  /** The number of the CA that the owner of the zone creates, from 1. */
  readonly generation: number;
  /** The owner's CAs, PEM, in the zone's other stacks. */
  readonly ca?: string | undefined;
}

/** The facts that decide how the origin is protected. */
export type OriginLockFacts = Pick<Facts, "ownsZone" | "originLock"> & {
  readonly dns: Pick<Facts["dns"], "proxied">;
  readonly ingress: Pick<Facts["ingress"], "controller">;
  readonly loadBalancer: Pick<Facts["loadBalancer"], "proxyProtocol">;
  readonly zone: { readonly hosts: readonly { readonly proxied: boolean }[] };
};

/**
 * The protection of the origin; undefined if it is open. The owner's is on as soon as records are proxied by default, so
 * that it does not come and go with one app.
 */
export function resolveOriginLock({
  ownsZone,
  originLock,
  loadBalancer,
  dns,
  ingress,
  zone,
}: OriginLockFacts): OriginLockSettings | undefined {
  const isProxied = dns.proxied || zone.hosts.some(({ proxied }) => proxied);
  if (!isProxied || (!ownsZone && originLock === undefined)) return undefined;
  const {
    ca,
    generation = 1,
    clientCertificate = ownsZone || ca !== undefined,
    // Without PROXY protocol every connection seems to come from the load balancer. A controller that does not support
    // the list does without it if it requires the certificate, which is the stronger half.
    allowList = loadBalancer.proxyProtocol &&
      (!clientCertificate || isSupported(findController(ingress.controller).routes.originLock.allowList)),
  } = originLock ?? {};
  if (!clientCertificate && !allowList) return undefined;
  return { clientCertificate, allowList, generation, ...(ca !== undefined && { ca }) };
}
