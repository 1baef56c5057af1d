import { upCommand } from "../check-declared";
import { findConnections, isApp, type Connection } from "../connections";
import type { Context } from "../context";
import type { Check } from "../diagnose";
import { countOf, type Finding } from "../finding";
import { findAllFlows, listRestored, toAppName } from "../flows";
import { kinds, type ObjectOf } from "../kinds";
import { describeObject } from "../live-cluster";
import { findVerdict, isPod, type Direction, type Policy } from "../policy-verdict";

/** A policy of the cluster, or as the stack declares it. */
interface LivePolicy extends Policy {
  readonly kind: string;
  /** Whether the stack declares it. */
  readonly isOwn: boolean;
}

type PolicyObject = ObjectOf<typeof kinds.networkPolicy>;

/** Checks that the network policies, also those of others, allow each connection of the target, at both ends. */
export const checkPolicy: Check = async (context) => {
  const [namespaced, clusterwide, connections] = await Promise.all([
    listRestored(context, kinds.networkPolicy),
    listRestored(context, kinds.clusterwidePolicy),
    findConnections(context),
  ]);
  const lists = [
    { ...kinds.networkPolicy, ...namespaced },
    { ...kinds.clusterwidePolicy, ...clusterwide },
  ];
  const read = (which: "live" | "restored"): LivePolicy[] =>
    lists.flatMap(({ kind, isDeclared, [which]: policies }) =>
      policies
        .filter((policy) => findInvalid(policy) === undefined)
        .map(({ metadata: { name, namespace }, spec, specs }) => ({
          ...{ kind, name, namespace, isOwn: isDeclared(name, namespace) },
          specs: [...(spec ? [spec] : []), ...specs],
        })),
    );
  const live = read("live");
  const blocked = findBlocked(live, read("restored"), connections);
  const invalid = lists.flatMap(({ kind, live: policies }) =>
    policies
      .filter(({ metadata: { namespace } }) => namespace === undefined || isOnPath(namespace, connections))
      .flatMap((policy) => checkValid(kind, policy)),
  );
  return {
    seen: [`${countOf(connections.length, "connection")} through ${live.length} policies`],
    findings: [...invalid, ...describeDenials(blocked, context), ...describeBlocked(blocked, context)],
  };
};

const isOnPath = (namespace: string, connections: readonly Connection[]): boolean =>
  connections
    .flatMap(({ from, to }) => [...from.peers, ...to.peers])
    .some(({ labels }) => labels["k8s:io.kubernetes.pod.namespace"] === namespace);

const findInvalid = ({ status }: PolicyObject) =>
  status.conditions.find((each) => each.type === "Valid" && each.status === "False");

/** The arguments with which kubectl names a policy. */
const policyArgs = (kind: string, name: string, namespace: string | undefined): string =>
  `${kind.toLowerCase()} ${namespace === undefined ? "" : `-n ${namespace} `}${name}`;

function checkValid(kind: string, policy: PolicyObject): Finding[] {
  const condition = findInvalid(policy);
  if (condition === undefined) return [];
  const { name, namespace } = policy.metadata;
  return [
    {
      code: "policy/invalid",
      object: describeObject(kind, policy),
      problem: `is invalid, so Cilium ignores it: ${condition.message || condition.reason}`,
      fix: `kubectl edit ${policyArgs(kind, name, namespace)}`,
    },
  ];
}

/** One half of a connection, blocked also when all declared policies are as declared. */
interface BlockedHalf {
  readonly connection: Connection;
  readonly direction: Direction;
  readonly ports: readonly number[];
  /** A policy with a deny rule for it. */
  readonly deniedBy: LivePolicy | undefined;
  /** The policies by which the pods drop what no policy allows. */
  readonly closedBy: readonly LivePolicy[];
}

/** Finds the blocked halves, without those that the declared policies would allow: those have findings of their own. */
function findBlocked(
  live: readonly LivePolicy[],
  restored: readonly LivePolicy[],
  connections: readonly Connection[],
): BlockedHalf[] {
  const findHalf = (connection: Connection, direction: Direction): BlockedHalf[] => {
    const { from, to, ports, protocol } = connection;
    const [own, other] = direction === "egress" ? [from, to] : [to, from];
    const pairs = own.peers.filter(isPod).flatMap((pod) => other.peers.map((peer) => [pod, peer] as const));
    const refused = ports.flatMap((number) =>
      pairs.flatMap(([pod, peer]) => {
        const [now, then] = [live, restored].map((policies) =>
          findVerdict(policies, direction, pod, peer, { number, protocol }),
        );
        return now === undefined || then === undefined || now.isAllowed || then.isAllowed
          ? []
          : [{ ...then, number }];
      }),
    );
    if (refused.length === 0) return [];
    return [
      {
        ...{ connection, direction },
        ports: [...new Set(refused.map(({ number }) => number))],
        deniedBy: refused.find(({ deniedBy }) => deniedBy)?.deniedBy,
        closedBy: [...new Set(refused.flatMap(({ closedBy }) => closedBy))],
      },
    ];
  };
  return connections.flatMap((each) => [...findHalf(each, "egress"), ...findHalf(each, "ingress")]);
}

const describePolicy = ({ kind, ...metadata }: LivePolicy): string => describeObject(kind, { metadata });

const describeHalf = ({ connection: { from, to, protocol }, direction, ports }: BlockedHalf): string => {
  const [verb, own, preposition, other] =
    direction === "egress" ? ["egress", from, "to", to] : ["ingress", to, "from", from];
  return `${verb} of ${own.name} ${preposition} ${other.name} at ${protocol} ${ports.join(", ")}`;
};

/** The policies to blame: one that denies, or for a declared connection those of others that close it. */
const findCulprits = ({ connection, deniedBy, closedBy }: BlockedHalf): readonly LivePolicy[] =>
  deniedBy ? [deniedBy] : connection.isDeclared ? closedBy.filter(({ isOwn }) => !isOwn) : [];

/** One finding for each policy to blame. */
function describeDenials(blocked: readonly BlockedHalf[], { stack }: Context): Finding[] {
  return [...new Set(blocked.flatMap(findCulprits))].map((policy) => {
    const halves = blocked.filter((half) => findCulprits(half).includes(policy));
    const list = (isDenied: boolean, how: string) => {
      const some = halves.filter(({ deniedBy }) => (deniedBy === policy) === isDenied);
      const rest = some.length > 5 ? `; and ${some.length - 5} more` : "";
      return some.length === 0 ? [] : [`${how} ${some.slice(0, 5).map(describeHalf).join("; ")}${rest}`];
    };
    const remove = `kubectl delete ${policyArgs(policy.kind, policy.name, policy.namespace)}`;
    return {
      code: "policy/denied",
      object: describePolicy(policy),
      problem: [
        ...list(true, "drops by a deny rule, which wins over every other policy,"),
        ...list(false, "drops what no policy allows:"),
      ].join(", and "),
      fix: policy.isOwn ? `${remove} && ${upCommand(stack.name)}` : remove,
    };
  });
}

/** One finding for each connection that no policy allows. */
function describeBlocked(blocked: readonly BlockedHalf[], { stack }: Context): Finding[] {
  const halves = blocked.filter((half) => findCulprits(half).length === 0);
  return [...new Set(halves.map(({ connection }) => connection))].map((connection) => {
    const { from, to, isDeclared } = connection;
    const missing = halves
      .filter((half) => half.connection === connection)
      .map((half) => `${describeHalf(half)} (closed by ${half.closedBy.map(describePolicy).join(", ")})`);
    const calls = findAllFlows(stack).filter(
      (flow) => toAppName(flow.from) === from.name && isApp(stack, flow.to),
    );
    const declare = `pulumi config set --path 'apps["${from.name}"].calls[${calls.length}]' ${to.name}`;
    return {
      code: "policy/blocked",
      object: `Connection ${from.name} -> ${to.name}`,
      problem: `is dropped${isDeclared ? "" : ", because the settings declare no such call"}: no policy allows ${missing.join(", nor ")}`,
      fix: isDeclared
        ? upCommand(stack.name)
        : `${declare} --stack ${stack.name} && pulumi up --stack ${stack.name}`,
    };
  });
}
