import { z } from "zod";

import { installations } from "../../components/ingress/controllers";
import { controlPlanePorts, proxyPorts } from "../../components/linkerd/ports";
import { platformNamespaces } from "../../components/namespaces";
import { upCommand } from "../check-declared";
import type { Context } from "../context";
import type { Check } from "../diagnose";
import type { Finding } from "../finding";
import { findAllFlows, findFlows, findPods, identifyPod, listRestored, toAppName, type Pod } from "../flows";
import { kinds, type ObjectOf } from "../kinds";
import { describeObject } from "../live-cluster";
import { findVerdict, toEntity, toPeer, type Direction, type Peer, type Policy } from "../policy-verdict";

/** One end of a connection: its name in the report, and each kind of pod or entity that it is. */
interface End {
  readonly name: string;
  readonly peers: readonly Peer[];
}

interface Connection {
  readonly from: End;
  readonly to: End;
  /** Ports of the destination's pods. */
  readonly ports: readonly number[];
  readonly protocol: string;
  /** Whether the settings declare it, or every pod needs it. */
  readonly isDeclared: boolean;
}

/** A policy as it is in the cluster. */
interface LivePolicy extends Policy {
  readonly kind: string;
  readonly isOwn: boolean;
}

const describePolicy = ({ kind, ...metadata }: LivePolicy): string => describeObject(kind, { metadata });

/** Checks that the network policies, also those of others, allow each connection on the target's path, at both ends. */
export const checkPolicy: Check = async (context) => {
  const [namespaced, clusterwide, connections] = await Promise.all([
    listRestored(context, kinds.networkPolicy),
    listRestored(context, kinds.clusterwidePolicy),
    findConnections(context),
  ]);
  const all = [
    { ...kinds.networkPolicy, ...namespaced },
    { ...kinds.clusterwidePolicy, ...clusterwide },
  ];
  const read = (which: "live" | "restored"): LivePolicy[] =>
    all.flatMap(({ kind, isDeclared, ...lists }) =>
      lists[which].filter(isValid).map(({ metadata, spec, specs }) => ({
        ...{ kind, name: metadata.name, namespace: metadata.namespace, isOwn: isDeclared({ metadata }) },
        specs: [...(spec ? [spec] : []), ...specs],
      })),
    );
  const live = read("live");
  const blocked = findBlocked(live, read("restored"), connections);
  const namespaces = connections.flatMap(({ from, to }) =>
    [...from.peers, ...to.peers].map(({ labels }) => labels["k8s:io.kubernetes.pod.namespace"]),
  );
  const invalid = all.flatMap(({ kind, live: policies }) =>
    policies
      .filter(({ metadata: { namespace } }) => namespace === undefined || namespaces.includes(namespace))
      .flatMap((policy) => checkValid(kind, policy)),
  );
  return {
    seen: [`${connections.length} connections through ${live.length} policies`],
    findings: [...invalid, ...describeDenials(blocked, context), ...describeBlocked(blocked, context)],
  };
};

type LiveObject = ObjectOf<typeof kinds.networkPolicy>;

const findInvalid = ({ status }: LiveObject) =>
  status.conditions.find(({ type, status: value }) => type === "Valid" && value === "False");

const isValid = (policy: LiveObject): boolean => findInvalid(policy) === undefined;

function checkValid(kind: string, policy: LiveObject): Finding[] {
  const condition = findInvalid(policy);
  const { name, namespace } = policy.metadata;
  const args = `${kind.toLowerCase()} ${namespace === undefined ? "" : `-n ${namespace} `}${name}`;
  return condition === undefined
    ? []
    : [
        {
          code: "policy/invalid",
          object: describeObject(kind, policy),
          problem: `is invalid, so Cilium ignores it: ${condition.message || condition.reason}`,
          fix: `repair it: kubectl edit ${args}`,
        },
      ];
}

/** One half of a connection that is blocked, also with all declared policies as declared. */
interface BlockedHalf {
  readonly connection: Connection;
  readonly direction: Direction;
  readonly ports: readonly number[];
  /** A policy with a deny rule for it. */
  readonly deniedBy: LivePolicy | undefined;
  /** The policies by which the pods drop what none allows. */
  readonly closedBy: readonly LivePolicy[];
}

/** Finds what is blocked now and still would be with the declared policies restored: those have findings of their own. */
export function findBlocked(
  live: readonly LivePolicy[],
  restored: readonly LivePolicy[],
  connections: readonly Connection[],
): BlockedHalf[] {
  return connections.flatMap((connection) =>
    (["egress", "ingress"] as const).flatMap((direction): BlockedHalf[] => {
      const { from, to, protocol } = connection;
      const [owns, peers] = direction === "egress" ? [from.peers, to.peers] : [to.peers, from.peers];
      const refused = connection.ports.flatMap((number) =>
        owns
          .filter(({ labels }) => !Object.keys(labels).some((key) => key.startsWith("reserved:")))
          .flatMap((own) => peers.map((peer) => ({ own, peer })))
          .flatMap(({ own, peer }) => {
            const decide = (policies: readonly LivePolicy[]) =>
              findVerdict(policies, direction, own, peer, { number, protocol });
            if (decide(live).isAllowed) return [];
            const verdict = decide(restored);
            return verdict.isAllowed ? [] : [{ ...verdict, number }];
          }),
      );
      const [first] = refused;
      if (first === undefined) return [];
      return [
        {
          ...{ connection, direction },
          ports: [...new Set(refused.map(({ number }) => number))],
          deniedBy: refused.find(({ deniedBy }) => deniedBy)?.deniedBy,
          closedBy: [...new Set(refused.flatMap(({ closedBy }) => closedBy))],
        },
      ];
    }),
  );
}

const describeHalf = ({ connection: { from, to, protocol }, direction, ports }: BlockedHalf): string =>
  direction === "egress"
    ? `egress of ${from.name} to ${to.name} at ${protocol} ${ports.join(", ")}`
    : `ingress of ${to.name} from ${from.name} at ${protocol} ${ports.join(", ")}`;

/** The policies to blame for a half: one that denies, or those of others that close it for a declared connection. */
const findCulprits = ({ connection, deniedBy, closedBy }: BlockedHalf): readonly LivePolicy[] =>
  deniedBy ? [deniedBy] : connection.isDeclared ? closedBy.filter(({ isOwn }) => !isOwn) : [];

/** One finding for each policy to blame. */
function describeDenials(blocked: readonly BlockedHalf[], { stack }: Context): Finding[] {
  const culprits = new Set(blocked.flatMap(findCulprits));
  return [...culprits].map((policy) => {
    const halves = blocked.filter((half) => findCulprits(half).includes(policy));
    const some = halves.slice(0, 5).map(describeHalf).join("; ");
    const rest = halves.length > 5 ? `; and ${halves.length - 5} more` : "";
    const how = halves.some(({ deniedBy }) => deniedBy === policy)
      ? "has a deny rule, which no other policy can override, against"
      : "closes what no policy allows:";
    const args = policy.namespace === undefined ? policy.name : `-n ${policy.namespace} ${policy.name}`;
    const remove = `kubectl delete ${policy.kind.toLowerCase()} ${args}`;
    return {
      code: "policy/denied",
      object: describePolicy(policy),
      problem: `${how} ${some}${rest}`,
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
    const call = `pulumi config set --path 'apps["${from.name}"].calls[${calls.length}]' ${to.name} --stack ${stack.name}`;
    return {
      code: "policy/blocked",
      object: `Connection ${from.name} -> ${to.name}`,
      problem: `is dropped${isDeclared ? "" : ", because the settings declare no such call"}: no policy allows ${missing.join(", nor ")}`,
      fix: isDeclared ? upCommand(stack.name) : `${call} && pulumi up --stack ${stack.name}`,
    };
  });
}

const isApp = ({ resources }: Context["stack"], end: string): boolean =>
  resources.some(
    ({ type, urn }) => type === "platform:networking:AppService" && urn.endsWith(`::${toAppName(end)}`),
  );

const addresses = z
  .object({ ipv4: z.string().default(""), privateIpv4: z.string().default("") })
  .prefault({});

/** Finds all connections on the path of the target. Those without pods are left out: the pods' step reports that. */
async function findConnections(context: Context): Promise<readonly Connection[]> {
  const { cluster, stack, target } = context;
  const namespaces = await cluster.list(kinds.namespace);
  const toEnd = (name: string, pods: readonly Pod[]): End => {
    const peers = pods.map((pod) => {
      const own = namespaces.find(({ metadata }) => metadata.name === pod.metadata.namespace);
      return identifyPod(pod, own?.metadata.labels);
    });
    return { name, peers: [...new Map(peers.map((peer) => [JSON.stringify(peer), peer])).values()] };
  };
  const findEnd = async (name: string) => toEnd(name, await findPods(context, name));
  const tcp = { protocol: "TCP", isDeclared: true };
  const flows = await Promise.all(
    findFlows(stack, target).map(async ({ from, to, ports, protocol, meshed }) => ({
      ...{ from: await findEnd(from), to: isApp(stack, to) ? await findEnd(to) : toOutside(to) },
      ...{ ports: meshed ? [...ports, proxyPorts.inbound] : ports, protocol, isDeclared: true },
    })),
  );
  const undeclared =
    target.call && flows.length === 0
      ? [
          {
            ...{ from: await findEnd(target.call.from), to: await findEnd(target.call.to) },
            ...{ ports: await findPorts(context, target.call.to), protocol: "TCP", isDeclared: false },
          },
        ]
      : [];
  const { ipv4, privateIpv4 } = addresses.parse(stack.outputs.loadBalancer);
  const loadBalancer = toEntity("world", { address: privateIpv4 || ipv4 || undefined });
  const controllers = target.call
    ? []
    : await Promise.all(
        installations.map(async ({ identity: { podSelector }, containerPorts }) => ({
          from: { name: "the load balancer", peers: [loadBalancer] },
          to: await findEnd(`${podSelector.namespace}/${podSelector.app}`),
          ...{ ...tcp, ports: containerPorts },
        })),
      );
  const dns = await findDns(context);
  const apps = await Promise.all(
    target.apps.map(async (app) => {
      const pods = await findPods(context, app);
      const end = toEnd(app, pods);
      const meshed = toEnd(app, pods.filter(isMeshed));
      const ports = [...new Set(end.peers.flatMap((peer) => Object.values(peer.ports ?? {})))];
      return [
        { ...tcp, from: { name: "its node", peers: [toEntity("host")] }, to: end, ports },
        ...(app === target.call?.to ? [] : [{ ...tcp, protocol: "UDP", from: end, to: dns, ports: [53] }]),
        ...(await findControlPlane(context)).map(({ pods: its, ports: at }) => ({
          ...{ ...tcp, from: meshed, to: toEnd("Linkerd's control plane", its), ports: at },
        })),
      ];
    }),
  );
  const all: readonly Connection[] = [...flows, ...undeclared, ...controllers, ...apps.flat()];
  return all.filter(({ from, to }) => from.peers.length > 0 && to.peers.length > 0);
}

const isMeshed = ({ metadata }: Pod): boolean => metadata.annotations["linkerd.io/inject"] === "enabled";

/** A destination outside the cluster: a range of addresses, or a name. */
const toOutside = (name: string): End => ({
  name,
  peers: [toEntity("world", name.includes("/") ? { address: name.split("/")[0] } : { host: name })],
});

/** The pods of CoreDNS; if none is visible, such as they are in k3s. */
async function findDns({ cluster }: Context): Promise<End> {
  const labels = { "k8s-app": "kube-dns" };
  const pods = await cluster.list(kinds.pod, platformNamespaces.kubeSystem);
  const found = pods.filter(({ metadata }) => metadata.labels["k8s-app"] === labels["k8s-app"]);
  const typical = toPeer({ namespace: platformNamespaces.kubeSystem, labels });
  return { name: "CoreDNS", peers: found.length > 0 ? found.map((pod) => identifyPod(pod)) : [typical] };
}

/** The pods of the control plane that proxies connect to, with their ports. */
async function findControlPlane({ cluster }: Context) {
  const pods = await cluster.list(kinds.pod, platformNamespaces.linkerd);
  const [identity, ...destination] = controlPlanePorts;
  return Object.entries({ identity: [identity], destination }).map(([component, ports]) => ({
    ports,
    pods: pods.filter(({ metadata }) => metadata.labels["linkerd.io/control-plane-component"] === component),
  }));
}

/** The ports of an app's pods that its Services send to. */
async function findPorts(context: Context, app: string): Promise<number[]> {
  const declared = context.declared.filter((object) => object.app === app && object.kind === "Service");
  const services = await Promise.all(
    declared.map(({ name, namespace }) => context.cluster.find(kinds.service, name, namespace)),
  );
  const named = Object.assign(
    {},
    ...(await findPods(context, app)).map((pod) => identifyPod(pod).ports),
  ) as Readonly<Record<string, number>>;
  const ports = services.flatMap((service) => service?.spec.ports ?? []);
  return ports.flatMap(({ port, targetPort = port }) =>
    typeof targetPort === "number" ? [targetPort] : (named[targetPort] ?? []),
  );
}
