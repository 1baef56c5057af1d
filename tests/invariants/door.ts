import * as assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";

import type { HttpRouteFilter } from "../../components/custom-resources/gateway-api-resources";
import type { Recorded } from "../harness";
import { installed, type Installed } from "./installed";
import { at, id, metadataOf, ofType, type Resources } from "./resources";
import { hostRules, ruleId, type HostRule } from "./rules";

/** The load balancer's addresses. */
export interface Addresses {
  readonly ipv4: string;
  /** Absence means that nothing may lead there. */
  readonly ipv6?: string | undefined;
  readonly privateIpv4: string;
  /** Whether a target has a public address. */
  readonly reachesPublic: boolean;
}

/**
 * Each address in DNS is the load balancer's, both of them at each of its names, but for those that the config itself
 * gives to a name that has no route; and the controller says of itself that it is there.
 *
 * @param elsewhere `<fqdn> <address>` of the latter.
 */
export function addressesAre(
  resources: Resources,
  { ipv4, ipv6 }: Addresses,
  hosts: readonly string[],
  elsewhere: readonly string[],
): void {
  const its: Record<string, string[]> = { A: [], AAAA: [] };
  for (const { name, inputs } of ofType(resources, "DnsRecord")) {
    const { type = "", content = "", name: fqdn = "" } = inputs as Record<string, string>;
    const said = elsewhere.includes(`${fqdn} ${content}`) && !hosts.includes(fqdn);
    if (type === "A" || type === "AAAA") {
      const isIts = content === (type === "A" ? ipv4 : ipv6);
      assert.ok(isIts || said, `${name} leads to ${content}`);
      if (isIts) its[type]?.push(fqdn);
    } else assert.doesNotMatch(content, /^[\d.]+$|^[\da-f]*:[\da-f:]+$/i, name);
  }
  assert.deepEqual(its.AAAA?.sort(), ipv6 === undefined ? [] : its.A?.sort(), "names with one address alone");
  for (const { inputs } of ofType(resources, "Rdns"))
    assert.ok([ipv4, ipv6].includes(inputs.ipAddress as string), "a reverse name of another address");

  const [service] = doorServices(resources);
  const shown = installed(resources);
  const wanted = service ? `${metadataOf(service).namespace}/${metadataOf(service).name}` : ipv4;
  const all = [...shown.addresses, ...shown.published];
  assert.ok(
    all.length > 0 && all.every((each) => each === wanted),
    `rules show ${all.join(", ")} as their address`,
  );
}

/** Services that are load balancers of the ingress: at most one, and then there is no other. */
const doorServices = (resources: Resources) =>
  ofType(resources, "Service").filter(
    ({ inputs, parent }) => at(inputs, "spec.type") === "LoadBalancer" && !parent.includes(":AppService "),
  );

/** What the load balancer sends is what the ingress believes, from the addresses that it sends from alone. */
export function proxyProtocolAgrees(
  resources: Resources,
  wanted: boolean,
  { ipv4, privateIpv4, reachesPublic }: Addresses,
): void {
  const senders = [privateIpv4, ...(reachesPublic ? [ipv4] : [])].map((address) => `${address}/32`);
  const controller = installed(resources);
  const [service, ...others] = doorServices(resources);
  assert.equal(others.length, 0, "there are two doors");
  if (service) throughService(service, wanted, privateIpv4);
  else throughNodePorts(resources, controller, wanted);
  for (const each of controller.believed)
    assert.deepEqual(each, wanted ? senders : undefined, "who is believed");
}

function throughNodePorts(resources: Resources, { nodePorts }: Installed, wanted: boolean): void {
  const services = ofType(resources, "LoadBalancerService");
  const listening = services.filter(({ inputs }) => [80, 443].includes(inputs.listenPort as number));
  assert.equal(nodePorts.length, 2, "the controller listens on no node ports");
  assert.deepEqual(
    listening.map(({ inputs }) => inputs.destinationPort).sort(),
    [...nodePorts].sort(),
    "the doors lead elsewhere",
  );
  // Others may lead there too.
  for (const { name, inputs } of services)
    if (nodePorts.includes(inputs.destinationPort as number))
      assert.equal(inputs.proxyprotocol, wanted, `what ${name} sends`);
}

function throughService(service: Recorded, wanted: boolean, privateIpv4: string): void {
  const { annotations } = metadataOf(service);
  const said = (word: string) => annotations[`load-balancer.hetzner.cloud/${word}`];
  const ports = (at(service.inputs, "spec.ports") ?? []) as { readonly port: number }[];
  assert.deepEqual(
    ports.map(({ port }) => port),
    [80, 443],
  );
  assert.equal(said("uses-proxyprotocol"), String(wanted), `what ${id(service)} sends`);
  assert.equal(said("private-ipv4"), privateIpv4, `whence ${id(service)} sends`);
}

/** Of the port where ingress-nginx tells its health, and its metrics, only the load balancer reaches any from outside. */
export function healthIsTheBalancersAlone(
  resources: Resources,
  { ipv4, privateIpv4, reachesPublic }: Addresses,
): void {
  const ranges = [privateIpv4, ...(reachesPublic ? [ipv4] : [])].map((address) => `${address}/32`);
  const ports = [{ ports: [{ port: "10254", protocol: "TCP" }] }];
  const { ping, release } = installed(resources);
  if (ping?.port !== 10254) return;
  const guards = ofType(resources, "CiliumNetworkPolicy").filter(
    (each) =>
      metadataOf(each).namespace === metadataOf(release).namespace &&
      isDeepStrictEqual(at(each.inputs, "spec.ingressDeny"), [
        { fromCIDRSet: [{ cidr: "0.0.0.0/0", except: ranges }], toPorts: ports },
      ]),
  );
  assert.equal(guards.length, 1, "anybody reaches the metrics of ingress-nginx");
}

/** What is wanted of the lock. */
export interface Lock {
  readonly clientCertificate: boolean;
  readonly allowList: boolean;
}

/** Of an origin that is locked, each proxied host and no other lets in nobody but the edge. */
export function proxiedHostsAreLocked(
  resources: Resources,
  proxied: readonly string[],
  { clientCertificate, allowList }: Lock,
): void {
  for (const rule of hostRules(resources)) {
    const isProxied = proxied.includes(rule.host);
    const lock = lockOf(rule);
    assert.equal(
      lock.clientCertificate,
      isProxied && clientCertificate,
      `the certificate at ${ruleId(rule)}`,
    );
    assert.equal(lock.allowList, isProxied && allowList, `the list at ${ruleId(rule)}`);
  }
}

const router = "traefik.ingress.kubernetes.io/router";

/** How a rule is locked. A list that does not come first is none: what comes before it would be asked by strangers. */
function lockOf({ resource }: HostRule): Lock {
  const { annotations } = metadataOf(resource);
  if (resource.type.endsWith(":HTTPRoute")) {
    const [first] = (at(resource.inputs, "spec.rules.0.filters") ?? []) as HttpRouteFilter[];
    return {
      clientCertificate: false,
      allowList: first?.type === "ExtensionRef" && first.extensionRef.name === "origin-lock",
    };
  }
  const [first] = (annotations[`${router}.middlewares`] ?? "").split(",");
  const reference = "traefik-origin-lock@kubernetescrd";
  const asked = annotations["nginx.ingress.kubernetes.io/auth-tls-secret"] !== undefined;
  const verified = annotations["nginx.ingress.kubernetes.io/auth-tls-verify-client"] === "on";
  return {
    clientCertificate: annotations[`${router}.tls.options`] === reference || (asked && verified),
    allowList: first === reference,
  };
}
