import { BlockList, isIPv6 } from "node:net";

import type { PolicyRule, PolicySpec, Selector } from "./kinds";

/** One end of a connection, as Cilium identifies it. */
export interface Peer {
  /** With their source, such as `k8s:app` of a pod, or `reserved:world`. */
  readonly labels: Readonly<Record<string, string>>;
  /** Its address, if it is outside the cluster: no pod is matched by address. Undefined: any. */
  readonly address?: string | undefined;
  /** Its DNS name, or the pattern of its names, if it is outside the cluster. */
  readonly host?: string | undefined;
  /** The numbers of a pod's ports, by their names. */
  readonly ports?: Readonly<Record<string, number>> | undefined;
}

/** A CiliumNetworkPolicy, or without a namespace a CiliumClusterwideNetworkPolicy. */
export interface Policy {
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly specs: readonly PolicySpec[];
}

export type Direction = "ingress" | "egress";

export interface Port {
  readonly number: number;
  readonly protocol: string;
}

/** The decision for one half of a connection. */
export interface Verdict<P extends Policy> {
  readonly isAllowed: boolean;
  /** A policy with a deny rule that matches: no other can allow it. */
  readonly deniedBy?: P | undefined;
  /** The policies for which the pod drops in this direction what no rule allows. */
  readonly closedBy: readonly P[];
}

const namespaceLabel = "io.kubernetes.pod.namespace";
const namespaceLabels = "io.cilium.k8s.namespace.labels.";

/** A pod as Cilium identifies it. */
export const toPeer = (pod: {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly namespaceLabels?: Readonly<Record<string, string>>;
  readonly serviceAccount?: string;
  readonly ports?: Peer["ports"];
}): Peer => {
  const named = Object.entries(pod.namespaceLabels ?? {}).map(([key, value]) => [
    `${namespaceLabels}${key}`,
    value,
  ]);
  const labels = {
    ...pod.labels,
    ...(Object.fromEntries(named) as Readonly<Record<string, string>>),
    ...(pod.serviceAccount !== undefined && {
      "io.cilium.k8s.policy.serviceaccount": pod.serviceAccount,
    }),
    [namespaceLabel]: pod.namespace,
  };
  const prefixed = Object.entries(labels).map(([key, value]) => [`k8s:${key}`, value]);
  return { labels: Object.fromEntries(prefixed) as Peer["labels"], ports: pod.ports };
};

/** A group of peers that are not pods, such as `host` or `world`. */
export const toEntity = (name: string, more: Omit<Peer, "labels"> = {}): Peer => ({
  labels: { [`reserved:${name}`]: "" },
  ...more,
});

/** Whether it is a pod, and no other entity. */
export const isPod = ({ labels }: Peer): boolean => `k8s:${namespaceLabel}` in labels;

/**
 * Decides one half of a connection as Cilium does: `egress` at its source, `ingress` at its destination.
 *
 * @param own The end whose policies decide.
 * @param port The port of the destination's pod.
 * @see https://docs.cilium.io/en/stable/security/policy/language/
 */
export function findVerdict<P extends Policy>(
  policies: readonly P[],
  direction: Direction,
  own: Peer,
  peer: Peer,
  port: Port,
): Verdict<P> {
  const { ports: named = {} } = direction === "ingress" ? own : peer;
  const selecting = policies.flatMap((policy) =>
    policy.specs.filter((spec) => selectsOwn(spec, policy, own)).map((spec) => ({ policy, spec })),
  );
  const matches = (rules: readonly PolicyRule[], { namespace }: Policy) =>
    rules.some((rule) => matchesPeer(rule, direction, namespace, peer) && matchesPort(rule, port, named));
  const denying = selecting.find(({ policy, spec }) => matches(spec[`${direction}Deny`], policy));
  const closing = selecting.filter(({ spec }) => hasDefaultDeny(spec, direction));
  // The agent's default on Kubernetes: the own node may always connect, for probes.
  const isOwnNode = direction === "ingress" && "reserved:host" in peer.labels;
  const isAllowed =
    denying === undefined &&
    (closing.length === 0 ||
      isOwnNode ||
      selecting.some(({ policy, spec }) => matches(spec[direction], policy)));
  return { isAllowed, deniedBy: denying?.policy, closedBy: closing.map(({ policy }) => policy) };
}

const hasDefaultDeny = (spec: PolicySpec, direction: Direction): boolean =>
  spec[direction].length + spec[`${direction}Deny`].length > 0 && spec.enableDefaultDeny[direction] !== false;

const selectsOwn = ({ endpointSelector }: PolicySpec, { namespace }: Policy, own: Peer): boolean =>
  endpointSelector !== undefined &&
  (namespace === undefined || own.labels[`k8s:${namespaceLabel}`] === namespace) &&
  matchesSelector(endpointSelector, own.labels);

/** The value of a label, by a key with or without a source. */
const findLabel = (labels: Peer["labels"], key: string): string | undefined =>
  key.includes(":") && !key.startsWith("any:")
    ? labels[key]
    : (labels[`k8s:${key.replace("any:", "")}`] ?? labels[`reserved:${key.replace("any:", "")}`]);

/** Whether a selector of Cilium or of Kubernetes matches labels with their source. */
export function matchesSelector(
  { matchLabels, matchExpressions }: Selector,
  labels: Peer["labels"],
): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => findLabel(labels, key) === value) &&
    matchExpressions.every(({ key, operator, values }) => {
      const value = findLabel(labels, key);
      if (operator === "Exists" || operator === "DoesNotExist")
        return (value !== undefined) === (operator === "Exists");
      return (value !== undefined && values.includes(value)) === (operator === "In");
    })
  );
}

/**
 * Whether a selector of peers matches. One without a namespace is about pods in the policy's own namespace; in a policy
 * of the whole cluster, about all pods.
 */
function matchesEndpoint(selector: Selector, namespace: string | undefined, peer: Peer): boolean {
  const { matchLabels, matchExpressions } = selector;
  const keys = [...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)];
  const isAboutEntities = keys.some((key) => key.startsWith("reserved:"));
  const hasNamespace = keys.some((key) =>
    /^((k8s|any):)?io\.(kubernetes\.pod\.namespace$|cilium\.k8s\.namespace\.labels\.)/.test(key),
  );
  const isInScope =
    isAboutEntities ||
    (isPod(peer) &&
      (hasNamespace || namespace === undefined || peer.labels[`k8s:${namespaceLabel}`] === namespace));
  return isInScope && matchesSelector(selector, peer.labels);
}

function matchesPeer(
  rule: PolicyRule,
  direction: Direction,
  namespace: string | undefined,
  peer: Peer,
): boolean {
  const isIngress = direction === "ingress";
  const endpoints = isIngress ? rule.fromEndpoints : rule.toEndpoints;
  const entities = isIngress ? rule.fromEntities : rule.toEntities;
  const cidrs = isIngress ? rule.fromCIDR : rule.toCIDR;
  const cidrSet = isIngress ? rule.fromCIDRSet : rule.toCIDRSet;
  const names = isIngress ? undefined : rule.toFQDNs;
  const nodes = isIngress ? rule.fromNodes : rule.toNodes;
  const unseen = isIngress ? [rule.fromGroups] : [rule.toGroups, rule.toServices];
  const groups = [endpoints, entities, cidrs, cidrSet, nodes];
  if (groups.some((group) => group?.length === 0)) return false;
  // A rule without peers is about all of them if it has ports, and about none otherwise.
  if ([...groups, names, ...unseen].every((group) => group === undefined))
    return rule.toPorts.length + rule.icmps.length > 0;
  return (
    (endpoints ?? []).some((each) => matchesEndpoint(each, namespace, peer)) ||
    (entities ?? []).some((each) => matchesEntity(each, peer)) ||
    (cidrs ?? []).some((cidr) => matchesCidr(peer, cidr)) ||
    (cidrSet ?? []).some(({ cidr, except }) => cidr !== undefined && matchesCidr(peer, cidr, except)) ||
    (names ?? []).some(({ matchName, matchPattern }) =>
      matchesName(peer.host, matchName ?? matchPattern ?? ""),
    )
  );
}

const matchesEntity = (entity: string, peer: Peer): boolean =>
  entity === "all" ||
  `reserved:${entity}` in peer.labels ||
  (entity === "cluster" && !("reserved:world" in peer.labels));

/** Whether an address is in a range. */
export function isInRange(address: string, cidr: string): boolean {
  const [network = "", length = ""] = cidr.split("/");
  const range = new BlockList();
  range.addSubnet(
    network,
    length === "" ? (isIPv6(network) ? 128 : 32) : Number(length),
    isIPv6(network) ? "ipv6" : "ipv4",
  );
  return range.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

const matchesCidr = (peer: Peer, cidr: string, except: readonly string[] = []): boolean => {
  if (!("reserved:world" in peer.labels)) return false;
  const { address } = peer;
  if (address === undefined) return cidr.endsWith("/0");
  return isInRange(address, cidr) && !except.some((each) => isInRange(address, each));
};

const matchesName = (host: string | undefined, pattern: string): boolean =>
  host !== undefined && (host === pattern || pattern === "*" || toNamePattern(pattern).test(host));

/** Cilium's pattern as a regular expression: `**.` in front is one label or more, any other star a part of a label. */
const toNamePattern = (pattern: string): RegExp => {
  const [stars = "", rest = ""] = /^(\*\*\.)?(.*)$/.exec(pattern)?.slice(1) ?? [];
  const labels = stars === "" ? "" : "([-a-z0-9_]+[.])+";
  return new RegExp(`^${labels}${rest.replaceAll(".", "[.]").replaceAll("*", "[-a-z0-9_]*")}$`);
};

const matchesPort = (
  { toPorts, icmps }: PolicyRule,
  { number, protocol }: Port,
  named: Readonly<Record<string, number>>,
): boolean =>
  toPorts.length === 0
    ? icmps.length === 0
    : toPorts.some(({ ports }) =>
        ports.some((each) => {
          if (each.protocol !== "ANY" && each.protocol !== "" && each.protocol !== protocol) return false;
          const first = /^\d+$/.test(each.port) ? Number(each.port) : named[each.port];
          return first === 0 || (first !== undefined && first <= number && number <= (each.endPort ?? first));
        }),
      );
