import * as assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";

import type { HttpRouteFilter } from "../../components/custom-resources/gateway-api-resources";
import type { Recorded } from "../harness";
import { findController, type IngressController } from "./ingress-controller";
import { readPath, id, readMetadata, filterByType, type Resources } from "./resources";
import { findHostRoutes, routeId, type HostRoute } from "./host-routes";

/** The load balancer's addresses. */
export interface Addresses {
  readonly ipv4: string;
  /** Undefined if no record may have an IPv6 address. */
  readonly ipv6?: string | undefined;
  readonly privateIpv4: string;
  /** Whether a target has a public address. */
  readonly reachesPublic: boolean;
}

/**
 * Each record has an address of the load balancer, each of its names has both, and the controller publishes it as the
 * address of its routes. Other records are those of the config for names without a route.
 *
 * @param elsewhere `<fqdn> <address>` of those records.
 */
export function assertAddresses(
  resources: Resources,
  { ipv4, ipv6 }: Addresses,
  hosts: readonly string[],
  elsewhere: readonly string[],
): void {
  const its: Record<string, string[]> = { A: [], AAAA: [] };
  for (const { name, inputs } of filterByType(resources, "DnsRecord")) {
    const { type = "", content = "", name: fqdn = "" } = inputs as Record<string, string>;
    const isConfigured = elsewhere.includes(`${fqdn} ${content}`) && !hosts.includes(fqdn);
    if (type === "A" || type === "AAAA") {
      const isIts = content === (type === "A" ? ipv4 : ipv6);
      assert.ok(isIts || isConfigured, `${name} points to ${content}`);
      if (isIts) its[type]?.push(fqdn);
    } else assert.doesNotMatch(content, /^\d[\d.]*$|^[\da-f]*:[\da-f:]+$/i, name);
  }
  assert.deepEqual(
    its.AAAA?.sort(),
    ipv6 === undefined ? [] : its.A?.sort(),
    "names without both A and AAAA records",
  );
  for (const { inputs } of filterByType(resources, "Rdns"))
    assert.ok([ipv4, ipv6].includes(inputs.ipAddress as string), "reverse DNS of another address");

  const [service] = findIngressServices(resources);
  const shown = findController(resources);
  const wanted = service ? `${readMetadata(service).namespace}/${readMetadata(service).name}` : ipv4;
  const all = [...shown.addresses, ...shown.publishedServices];
  assert.ok(
    all.length > 0 && all.every((each) => each === wanted),
    `routes publish ${all.join(", ")} as their address`,
  );
}

/** The LoadBalancer Services of the ingress: at most one, in place of a load balancer by Pulumi. */
const findIngressServices = (resources: Resources) =>
  filterByType(resources, "Service").filter(
    ({ inputs, parent }) =>
      readPath(inputs, "spec.type") === "LoadBalancer" && !parent.includes(":AppService "),
  );

/** Load balancer and ingress agree on PROXY protocol, which the ingress trusts only from the load balancer. */
export function assertProxyProtocol(
  resources: Resources,
  wanted: boolean,
  { ipv4, privateIpv4, reachesPublic }: Addresses,
): void {
  const senders = [privateIpv4, ...(reachesPublic ? [ipv4] : [])].map((address) => `${address}/32`);
  const controller = findController(resources);
  const [service, ...others] = findIngressServices(resources);
  assert.equal(others.length, 0, "more than one load balancer");
  if (service) assertServiceListeners(service, wanted, privateIpv4);
  else assertNodePortListeners(resources, controller, wanted);
  for (const each of controller.trustedSenders)
    assert.deepEqual(each, wanted ? senders : undefined, "trusted PROXY protocol senders");
}

function assertNodePortListeners(
  resources: Resources,
  { nodePorts }: IngressController,
  wanted: boolean,
): void {
  const services = filterByType(resources, "LoadBalancerService");
  const listening = services.filter(({ inputs }) => [80, 443].includes(inputs.listenPort as number));
  assert.equal(nodePorts.length, 2, "the controller listens on no node ports");
  assert.deepEqual(
    listening.map(({ inputs }) => inputs.destinationPort).sort(),
    [...nodePorts].sort(),
    "listeners have other destination ports",
  );
  // Further services may use the same node ports.
  for (const { name, inputs } of services)
    if (nodePorts.includes(inputs.destinationPort as number))
      assert.equal(inputs.proxyprotocol, wanted, `PROXY protocol of ${name}`);
}

function assertServiceListeners(service: Recorded, wanted: boolean, privateIpv4: string): void {
  const { annotations } = readMetadata(service);
  const option = (key: string) => annotations[`load-balancer.hetzner.cloud/${key}`];
  const ports = (readPath(service.inputs, "spec.ports") ?? []) as { readonly port: number }[];
  assert.deepEqual(
    ports.map(({ port }) => port),
    [80, 443],
  );
  assert.equal(option("uses-proxyprotocol"), String(wanted), `PROXY protocol of ${id(service)}`);
  assert.equal(option("private-ipv4"), privateIpv4, `private address of ${id(service)}`);
}

/** From outside, only the load balancer can connect to ingress-nginx's port of health checks and metrics. */
export function assertHealthPortProtected(
  resources: Resources,
  { ipv4, privateIpv4, reachesPublic }: Addresses,
): void {
  const ranges = [privateIpv4, ...(reachesPublic ? [ipv4] : [])].map((address) => `${address}/32`);
  const ports = [{ ports: [{ port: "10254", protocol: "TCP" }] }];
  const { healthEndpoint, release } = findController(resources);
  if (healthEndpoint?.port !== 10254) return;
  const denyPolicies = filterByType(resources, "CiliumNetworkPolicy").filter(
    (each) =>
      readMetadata(each).namespace === readMetadata(release).namespace &&
      isDeepStrictEqual(readPath(each.inputs, "spec.ingressDeny"), [
        { fromCIDRSet: [{ cidr: "0.0.0.0/0", except: ranges }], toPorts: ports },
      ]),
  );
  assert.equal(denyPolicies.length, 1, "the metrics of ingress-nginx are public");
}

/** The expected origin lock. */
export interface ExpectedLock {
  readonly clientCertificate: boolean;
  readonly allowList: boolean;
}

/**
 * Each proxied host, and no other, uses the origin lock. Hosts that are not the platform's have it too, by Traefik's default
 * TLS options; the platform's DNS-only hosts name others before.
 */
export function assertOriginLock(
  resources: Resources,
  proxied: readonly string[],
  { clientCertificate, allowList }: ExpectedLock,
): void {
  const defaultOptions = filterByType(resources, "TLSOption").find(
    (each) => readMetadata(each).name === "default",
  );
  const isTraefik = findController(resources).className === "traefik";
  assert.equal(defaultOptions !== undefined, isTraefik, "the default TLS options of Traefik");
  const isLocked = readPath(defaultOptions?.inputs ?? {}, "spec.clientAuth") !== undefined;
  assert.equal(isLocked, isTraefik && clientCertificate, "client certificate of an unknown host");
  for (const rule of findHostRoutes(resources)) {
    const isProxied = proxied.includes(rule.host);
    const lock = readOriginLock(rule, isLocked);
    if (rule.resource.type.endsWith(":Ingress") && isTraefik && !isProxied) {
      const { annotations } = readMetadata(rule.resource);
      const options = annotations[`${router}.tls.options`];
      const wanted = isLocked ? "traefik-open@kubernetescrd" : undefined;
      assert.equal(options, wanted, `TLS options of ${routeId(rule)}`);
    }
    assert.equal(
      lock.clientCertificate,
      isProxied && clientCertificate,
      `client certificate at ${routeId(rule)}`,
    );
    assert.equal(lock.allowList, isProxied && allowList, `allow-list at ${routeId(rule)}`);
  }
}

const router = "traefik.ingress.kubernetes.io/router";

/** Reads the origin lock of a route. An allow-list counts only as the first Middleware: earlier ones would run for any client. */
function readOriginLock({ resource }: HostRoute, isLocked: boolean): ExpectedLock {
  const { annotations } = readMetadata(resource);
  if (resource.type.endsWith(":HTTPRoute")) {
    const [first] = (readPath(resource.inputs, "spec.rules.0.filters") ?? []) as HttpRouteFilter[];
    return {
      clientCertificate: isLocked,
      allowList: first?.type === "ExtensionRef" && first.extensionRef.name === "origin-lock",
    };
  }
  const [first] = (annotations[`${router}.middlewares`] ?? "").split(",");
  const reference = "traefik-origin-lock@kubernetescrd";
  const isOpen = annotations[`${router}.tls.options`] !== undefined;
  const asked = annotations["nginx.ingress.kubernetes.io/auth-tls-secret"] !== undefined;
  const verified = annotations["nginx.ingress.kubernetes.io/auth-tls-verify-client"] === "on";
  return {
    clientCertificate: isLocked ? !isOpen : asked && verified,
    allowList: first === reference,
  };
}
