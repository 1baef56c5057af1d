import * as assert from "node:assert/strict";

import type { EgressRule, IngressRule } from "../components/custom-resources/cilium";
import { wildcardSecretName } from "../components/wildcard-certificate";
import { secretTexts } from "./config";
import type { Recorded, Registered, Value, Values } from "./harness";

type Resources = readonly Recorded[];

const ofType = (resources: Resources, end: string): Resources =>
  resources.filter(({ type }) => type.endsWith(`:${end}`));

export const id = ({ type, name }: Recorded): string => `${type} ${name}`;

interface Ingress {
  readonly tls: readonly { readonly hosts: readonly string[]; readonly secretName?: string }[];
  readonly rules: readonly { readonly host: string }[];
}

interface Certificate {
  readonly secretName: string;
  readonly dnsNames: readonly string[];
}

const wildcardOf = (host: string): string => host.replace(/^[^.]+/, "*");

/**
 * Every routed host has an ingress rule and a certificate that covers it, and those that are Pulumi's own a record. No
 * Ingress has another host, and no address record another name, but for those that the config itself says.
 */
export function hostsAreWhole(
  resources: Resources,
  hosts: readonly string[],
  own: readonly string[],
  said: readonly string[],
): void {
  const records = ofType(resources, "DnsRecord").filter(({ inputs }) =>
    ["A", "AAAA", "CNAME"].includes(inputs.type as string),
  );
  const ingresses = ofType(resources, "Ingress").map(({ inputs }) => inputs.spec as unknown);
  const certificates = ofType(resources, "Certificate").map(
    ({ inputs }) => inputs.spec as unknown as Certificate,
  );
  for (const host of own) {
    const answers = records.filter(({ inputs }) => inputs.name === host || inputs.name === wildcardOf(host));
    assert.ok(answers.length > 0, `${host} has no record`);
  }
  for (const { inputs } of records)
    assert.ok([...own, ...said].includes(inputs.name as string), `${inputs.name as string} leads nowhere`);
  const routed = (ingresses as Ingress[]).flatMap(({ rules, tls }) =>
    rules.map(({ host }) => {
      const [secret] = tls.filter((each) => each.hosts.includes(host));
      assert.ok(secret, `${host} has no TLS`);
      // Without a Secret of its own a host shows the controller's default certificate.
      const { secretName: wanted = wildcardSecretName } = secret;
      const certificate = certificates.find(({ secretName }) => secretName === wanted);
      const covered = certificate?.dnsNames.some((name) => name === host || name === wildcardOf(host));
      assert.ok(covered, `no certificate covers ${host}`);
      return host;
    }),
  );
  assert.deepEqual([...new Set(routed)].sort(), [...new Set(hosts)].sort());
}

/**
 * Each address in DNS is the load balancer's, but for those that the config itself gives to a name that has no route.
 *
 * @param elsewhere `<fqdn> <address>` of the latter.
 */
export function addressesAre(
  resources: Resources,
  ipv4: string,
  ipv6: string,
  hosts: readonly string[],
  elsewhere: readonly string[],
): void {
  for (const { name, inputs } of ofType(resources, "DnsRecord")) {
    const { type, content, name: fqdn } = inputs as Record<string, string>;
    const said = elsewhere.includes(`${fqdn} ${content}`) && !hosts.includes(fqdn ?? "");
    if (type === "A") assert.ok(content === ipv4 || said, name);
    else if (type === "AAAA") assert.ok(content === ipv6 || said, name);
    else assert.doesNotMatch(content ?? "", /^[\d.]+$|^[\da-f]*:[\da-f:]+$/i, name);
  }
}

/** Of an origin that is locked, each proxied host and no other lets in nobody but the edge. */
export function proxiedHostsAreLocked(
  resources: Resources,
  proxied: readonly string[],
  lock: { readonly clientCertificate: boolean; readonly allowList: boolean },
): void {
  for (const { name, inputs } of ofType(resources, "Ingress")) {
    const { annotations } = inputs.metadata as { annotations: Record<string, string> };
    const { rules } = inputs.spec as unknown as Ingress;
    const isProxied = rules.every(({ host }) => proxied.includes(host));
    const router = "traefik.ingress.kubernetes.io/router";
    const reference = "traefik-origin-lock@kubernetescrd";
    const [first] = (annotations[`${router}.middlewares`] ?? "").split(",");
    assert.equal(
      annotations[`${router}.tls.options`] === reference,
      isProxied && lock.clientCertificate,
      name,
    );
    assert.equal(first === reference, isProxied && lock.allowList, name);
  }
}

/** What a zone has but once; of CAA records those that nobody asked for. */
const zoneWide =
  /:(ZoneSetting|ZoneDnssec|Ruleset|AuthenticatedOriginPulls\w+) |:DnsRecord dns-.*-CAA-issue(wild)?-letsencrypt\.org$/;

/** What a zone has but once is made by the stack that owns it, and by no other. */
export function zoneWideIsTheOwners(resources: Resources, ownsZone: boolean): void {
  const made = resources.map(id).filter((each) => zoneWide.test(each));
  if (!ownsZone) assert.deepEqual(made, []);
  else assert.ok(made.length > 0);
}

/** What the load balancer sends is what the ingress believes, from the load balancer's private address alone. */
export function proxyProtocolAgrees(resources: Resources, wanted: boolean, privateIpv4: string): void {
  const services = ofType(resources, "LoadBalancerService");
  assert.equal(services.length, 2);
  for (const { name, inputs } of services) assert.equal(inputs.proxyprotocol, wanted, name);
  const [traefik] = resources.filter(
    ({ type, name }) => type.endsWith(":Release") && name === "traefik-chart",
  );
  const { ports } = traefik?.inputs.values as { ports: Record<string, Values> };
  const destinations = services.map(({ inputs }) => inputs.destinationPort);
  assert.deepEqual(
    Object.values(ports)
      .map(({ nodePort }) => nodePort)
      .sort(),
    destinations.sort(),
  );
  for (const [port, { proxyProtocol }] of Object.entries(ports))
    assert.deepEqual(proxyProtocol, wanted ? { trustedIPs: [`${privateIpv4}/32`] } : undefined, port);
}

/** No secret stands anywhere but where it is marked as one, neither in inputs nor in outputs. */
export function nothingSecretIsPlain(resources: Resources, outputs: readonly Registered[]): void {
  const secrets = [...secretTexts, "password-of-", "hash-of-", "value-of-", "PRIVATE KEY"];
  const check = (where: string, values: Values, marked: readonly string[]): void => {
    const walk = (value: Value, at: string): void => {
      if (marked.includes(at)) return;
      if (typeof value === "string")
        assert.ok(!secrets.some((secret) => value.includes(secret)), `${where} shows a secret at ${at}`);
      else if (typeof value === "object" && value !== null)
        for (const [key, each] of Object.entries(value)) walk(each, at === "" ? key : `${at}.${key}`);
    };
    walk(values, "");
  };
  for (const each of resources) check(id(each), each.inputs, each.secrets);
  for (const each of outputs) check(each.of, each.outputs, each.secrets);
}

/** Outside a component there are providers and components only; inside, everything has an explicit provider. */
export function everythingHasItsPlace(resources: Resources): void {
  for (const each of resources) {
    if (each.type.startsWith("pulumi:providers:") || !each.custom) {
      assert.equal(each.parent, "", id(each));
      continue;
    }
    assert.match(each.parent, /^platform:networking:/, `${id(each)} is outside a component`);
    assert.equal(each.provider, each.type.split(":")[0], `${id(each)} has a default provider`);
  }
  const objects = resources.filter(({ type }) => type.startsWith("kubernetes:"));
  const places = objects.map(({ type, inputs }) => {
    const { name, namespace = "" } = (inputs.metadata ?? inputs) as { name?: string; namespace?: string };
    assert.ok(name, `${type} without a fixed name`);
    return `${type} ${namespace}/${name}`;
  });
  assert.deepEqual(
    places.filter((place, index) => places.indexOf(place) < index),
    [],
    "two objects have one name",
  );
}

/** Every egress rule between apps has its ingress twin with the same ports, and the other way round. */
export function policiesAreTwins(resources: Resources): void {
  const out: string[] = [];
  const into: string[] = [];
  for (const { inputs } of ofType(resources, "CiliumNetworkPolicy")) {
    const spec = inputs.spec as unknown as {
      endpointSelector: { matchLabels?: { app: string } };
      ingress: IngressRule[];
      egress: EgressRule[];
    };
    const self = spec.endpointSelector.matchLabels?.app;
    if (self === undefined) continue;
    const peer = (labels: Readonly<Record<string, string>> = {}) =>
      Object.keys(labels).length === 1 ? labels.app : undefined;
    for (const { toEndpoints, toPorts } of spec.egress) {
      const callee = peer(toEndpoints?.[0]?.matchLabels);
      if (callee !== undefined) out.push(`${self} to ${callee} ${JSON.stringify(toPorts)}`);
    }
    for (const { fromEndpoints, toPorts } of spec.ingress) {
      const caller = peer(fromEndpoints?.[0]?.matchLabels);
      if (caller !== undefined) into.push(`${caller} to ${self} ${JSON.stringify(toPorts)}`);
    }
  }
  assert.deepEqual(out.sort(), into.sort());
}

/** The release that brings the definitions of each group of custom resources. */
const bringers: Readonly<Record<string, string>> = {
  "cilium.io": "cilium",
  "cert-manager.io": "cert-manager-chart",
  "trust.cert-manager.io": "linkerd-trust-manager",
  "traefik.io": "traefik-chart",
};

/** Everything comes after what it needs to be taken and to work: definitions, certificates, the mesh, the ingress. */
export function everythingComesInOrder(resources: Resources): void {
  const byId = new Map(resources.map((each) => [id(each), each]));
  const before = new Map<string, ReadonlySet<string>>();
  const allBefore = (key: string): ReadonlySet<string> => {
    const known = before.get(key);
    if (known !== undefined) return known;
    const each = byId.get(key);
    // A child waits for its parent, and its parent for what was said to come before it.
    const direct =
      each === undefined ? [] : [...each.dependencies, ...(each.parent === "" ? [] : [each.parent])];
    const all = new Set(direct.flatMap((dependency) => [dependency, ...allBefore(dependency)]));
    before.set(key, all);
    return all;
  };
  const after = (each: Recorded, release: string) =>
    assert.ok(
      allBefore(id(each)).has(`kubernetes:helm.sh/v3:Release ${release}`),
      `${id(each)} before ${release}`,
    );

  for (const each of resources) {
    const [, group = ""] = /^kubernetes:([^/]+)\//.exec(each.type) ?? [];
    const bringer = bringers[group];
    if (bringer !== undefined) after(each, bringer);
    else if (group.includes(".") && !group.endsWith(".k8s.io") && group !== "helm.sh")
      assert.fail(`nobody brings the definitions of ${group}`);
    if (each.type.endsWith(":Deployment")) after(each, "linkerd-control-plane");
    if (each.type.endsWith(":Ingress")) after(each, "traefik-chart");
    if (each.type.endsWith(":Release") && each.name !== "cilium") after(each, "cilium");
    if (each.name === "traefik-chart") after(each, "linkerd-control-plane");
    if (each.name === "linkerd-control-plane") after(each, "linkerd-trust-manager");
  }
}
