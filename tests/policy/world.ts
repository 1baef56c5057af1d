import { buildClusterwidePolicies } from "../../components/cilium/clusterwide-policies";
import type { ClusterwidePolicy } from "../../components/cilium/platform-policies";
import type { NetworkPolicySpec } from "../../components/custom-resources/cilium-resources";
import { appLabels } from "../../components/app/deployment";
import {
  buildIngressPolicy,
  buildNetworkPolicy,
  canaryName,
  podLabels,
  type GraphApp,
} from "../../components/network-policy/call-graph";
import { findController, ingressPods } from "../../components/ingress/controllers";
import { expected, portsOfApp, type Circumstances, type End, type Role } from "./declared";
import type { Decision, Flow, Pod, PolicyEngine, PolicyObject } from "./engine";

const apiVersion = "cilium.io/v2";

/** The default deny of a namespace, as AppNamespace registers it; a test compares the two. */
export const defaultDeny = (namespace: string): PolicyObject => ({
  apiVersion,
  kind: "CiliumNetworkPolicy",
  metadata: { name: "default-deny", namespace },
  spec: { endpointSelector: {}, ingress: [{}], egress: [{}] },
});

/** The ingress controller that routes. */
const { podSelector: routing } = findController("traefik").installation.identity;

/** Every policy that the program creates for these apps, with an object for each spec. */
function policiesFor(
  apps: readonly GraphApp[],
  { namespace, clusterDefaultDeny }: Circumstances,
): PolicyObject[] {
  const own = apps.flatMap((app): PolicyObject[] => {
    const at = (name: string, spec: NetworkPolicySpec | undefined): PolicyObject[] =>
      spec
        ? [
            {
              ...{ apiVersion, kind: "CiliumNetworkPolicy" },
              metadata: { name, namespace: app.namespace ?? namespace },
              spec,
            },
          ]
        : [];
    return [
      ...at(`${app.name}-policy`, buildNetworkPolicy(app, { apps, namespace })),
      ...at(`${app.name}-policy-${routing.namespace}`, buildIngressPolicy(app, routing)),
    ];
  });
  const wide = buildClusterwidePolicies({
    appsNamespace: namespace,
    closedNamespaces: ["cert-manager", "linkerd", "linkerd-viz", routing.namespace],
    clusterDefaultDeny,
  });
  return [defaultDeny(namespace), ...own, ...splitSpecs(wide)];
}

/** One object for each spec of these policies. */
export const splitSpecs = (policies: readonly ClusterwidePolicy[]): PolicyObject[] =>
  policies.flatMap(({ name, specs }) =>
    specs.map((spec, index) => ({
      apiVersion,
      kind: "CiliumClusterwideNetworkPolicy",
      metadata: { name: `${name}-${index}` },
      spec,
    })),
  );

/** The endpoints of flows, by name. */
export type Ends = Readonly<Record<string, End>>;

/** One pod for each version of each app. External apps have none. */
function podsOfApps(apps: readonly GraphApp[], namespace: string): Ends {
  const ends = apps.flatMap((app): [string, End][] => {
    if (app.external !== undefined) return [];
    const where = app.namespace ?? namespace;
    const pod = (labels: Pod["labels"]): End => ({ role: "app", app, pod: { namespace: where, labels } });
    if (app.existing === true) return [[app.name, pod(app.podLabels ?? podLabels(app.name))]];
    const second = canaryName(app.name);
    const canary: [string, End][] = app.canary === undefined ? [] : [[second, pod(appLabels(second))]];
    return [[app.name, pod(appLabels(app.name))], ...canary];
  });
  return Object.fromEntries(ends);
}

const platformPod = (role: Role, namespace: string, labels: Pod["labels"]): End => ({
  role,
  pod: { namespace, labels },
});

/** All other endpoints: the platform, unrelated pods (some with labels of the platform), and entities that are not pods. */
function otherEnds(namespace: string): Ends {
  const stranger = (where: string, labels: Pod["labels"] = {}) => platformPod("stranger", where, labels);
  const controllers = ingressPods.map((each) => {
    const labels = { "app.kubernetes.io/name": each.app };
    const role = each === routing ? "ingress" : "neighbour";
    return [`the ${each.app}`, platformPod(role, each.namespace, labels)] as const;
  });
  return {
    ...Object.fromEntries(controllers),
    "the DNS": platformPod("dns", "kube-system", { "k8s-app": "kube-dns" }),
    "the control plane": platformPod("control-plane", "linkerd", {
      "linkerd.io/control-plane-component": "destination",
    }),
    "the viz": platformPod("viz", "linkerd-viz", { component: "prometheus" }),
    "a stranger": stranger(namespace),
    "an undeclared app": stranger(namespace, { app: "undeclared" }),
    "a pod with the ingress's label": stranger(namespace, { "app.kubernetes.io/name": "traefik" }),
    "a pod with the DNS's label": stranger(namespace, { "k8s-app": "kube-dns" }),
    "a pod with the ingress's label elsewhere": stranger("elsewhere", {
      "app.kubernetes.io/name": "traefik",
    }),
    "a pod with a false namespace label": stranger("elsewhere", {
      "io.kubernetes.pod.namespace": "traefik",
      "app.kubernetes.io/name": "traefik",
    }),
    "a pod in the ingress's namespace": platformPod("neighbour", "traefik", {
      "app.kubernetes.io/name": "whoami",
    }),
    "a pod in the DNS's namespace": platformPod("neighbour", "kube-system", { "k8s-app": "metrics-server" }),
    "reserved:host": { role: "host" },
    "reserved:remote-node": { role: "node" },
    "reserved:kube-apiserver": { role: "node" },
    "reserved:world": { role: "world" },
    "reserved:health": { role: "health" },
  };
}

/** Pods of another namespace with the labels of the apps' pods. */
const samePodsElsewhere = (apps: Ends): Ends =>
  Object.fromEntries(
    Object.entries(apps).flatMap(([name, { pod }]): [string, End][] =>
      pod ? [[`the other ${name}`, platformPod("stranger", "elsewhere", pod.labels)]] : [],
    ),
  );

const unusedPort = (used: ReadonlySet<number>, from = 9999): number =>
  used.has(from) ? unusedPort(used, from + 1) : from;

/** The ports of Linkerd and DNS. */
const platformPorts = [53, 4143, 4190, 4191, 8080, 8086, 8090];

/**
 * All flows between apps, and between an app and the other endpoints: to each port of any app or of the platform, and to
 * an unused one.
 */
function flowsBetween(apps: Ends, others: Ends): Flow[] {
  const own = Object.keys(apps);
  const used = new Set([
    ...Object.values(apps).flatMap(({ app }) => (app ? portsOfApp(app) : [])),
    ...platformPorts,
  ]);
  const ports = [...used, unusedPort(used)];
  const flowsFrom = (from: string, to: string): Flow[] => [
    ...ports.map((port) => ({ from, to, protocol: "TCP" as const, port })),
    ...[8080, 53].map((port) => ({ from, to, protocol: "UDP" as const, port })),
  ];
  return own.flatMap((one) => [
    ...own.flatMap((other) => flowsFrom(one, other)),
    ...Object.keys(others).flatMap((other) => [...flowsFrom(one, other), ...flowsFrom(other, one)]),
  ]);
}

/**
 * Builds the policies of a graph, all endpoints, and all flows between them.
 *
 * @param policies Default: the graph's own.
 */
export function buildWorld(
  apps: readonly GraphApp[],
  around: Circumstances,
  policies: readonly PolicyObject[] = policiesFor(apps, around),
) {
  const own = podsOfApps(apps, around.namespace);
  const others = { ...otherEnds(around.namespace), ...samePodsElsewhere(own) };
  const ends: Ends = { ...own, ...others };
  return { around, ends, flows: flowsBetween(own, others), policies };
}

export type World = ReturnType<typeof buildWorld>;

/** The differences between Cilium's decisions and the graph: one line for each half of a flow. */
export async function differences(
  engine: Pick<PolicyEngine, "ask">,
  { around, ends, flows, policies }: World,
): Promise<string[]> {
  const pods = Object.entries(ends).flatMap(([name, { pod }]) => (pod ? [[name, pod] as const] : []));
  const decisions = await engine.ask({
    policies,
    endpoints: Object.fromEntries(pods),
    allowLocalhost: around.allowLocalhost,
    flows,
  });
  return flows.flatMap((flow, index) => {
    const [from, to] = [ends[flow.from], ends[flow.to]];
    const decided: Decision = decisions[index] ?? {};
    if (from === undefined || to === undefined) throw new Error(`unknown end: ${flow.from} or ${flow.to}`);
    const wanted = expected(from, to, flow, around);
    return (["egress", "ingress"] as const)
      .filter((half) => wanted[half] !== undefined && (decided[half] === "allowed") !== wanted[half])
      .map(
        (half) =>
          `${half} from ${flow.from} to ${flow.to}, ${flow.protocol} ${flow.port}: ` +
          `Cilium: ${decided[half] ?? "nothing"}, graph: ${wanted[half] === true ? "allowed" : "denied"}`,
      );
  });
}
