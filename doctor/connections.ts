import { z } from "zod";

import { installations } from "../components/ingress/controllers";
import { controlPlanePorts, proxyPorts } from "../components/linkerd/ports";
import { apiServer } from "../components/network-policy/allowed-flows";
import { platformNamespaces } from "../components/namespaces";
import type { Context } from "./context";
import { findAllFlows, findFlows, findPods, identifyPod, isMeshed, toAppName, type Pod } from "./flows";
import { kinds } from "./kinds";
import { toEntity, toPeer, type Peer } from "./policy-verdict";

/** One end of a connection: its name in the report, and each kind of pod or entity that it is. */
interface End {
  readonly name: string;
  readonly peers: readonly Peer[];
}

/** A connection that Cilium must allow. */
export interface Connection {
  readonly from: End;
  readonly to: End;
  /** Ports of the destination's pods. */
  readonly ports: readonly number[];
  readonly protocol: string;
  /** Whether the settings declare it, or every pod needs it. */
  readonly isDeclared: boolean;
}

export const isApp = ({ resources }: Context["stack"], end: string): boolean =>
  resources.some(
    ({ type, urn }) => type === "platform:networking:AppService" && urn.endsWith(`::${toAppName(end)}`),
  );

/**
 * Finds the connections of a target: from the load balancer to the ingress controllers, those of the call graph, probes,
 * and what each app needs itself. Those without pods are left out: other steps report missing pods.
 */
export async function findConnections(context: Context): Promise<readonly Connection[]> {
  const { cluster, stack, target } = context;
  const [namespaces, dnsPods, controlPlane] = await Promise.all([
    cluster.list(kinds.namespace),
    cluster.list(kinds.pod, platformNamespaces.kubeSystem),
    cluster.list(kinds.pod, platformNamespaces.linkerd),
  ]);
  const toEnd = (name: string, pods: readonly Pod[]): End => {
    const peers = pods.map((pod) => {
      const own = namespaces.find(({ metadata }) => metadata.name === pod.metadata.namespace);
      return identifyPod(pod, own?.metadata.labels);
    });
    return { name, peers: [...new Map(peers.map((peer) => [JSON.stringify(peer), peer])).values()] };
  };
  const findEnd = async (name: string) => toEnd(name, await findPods(context, name));
  const need = (from: End, to: End, ports: readonly number[], protocol = "TCP"): Connection => ({
    ...{ from, to, ports, protocol },
    isDeclared: true,
  });

  const flows = await Promise.all(
    findFlows(stack, target).map(async ({ from, to, ports, protocol, meshed }) =>
      need(
        await findEnd(from),
        isApp(stack, to) ? await findEnd(to) : toOutside(to),
        meshed ? [...ports, proxyPorts.inbound] : ports,
        protocol,
      ),
    ),
  );
  const { from, to } = target.call ?? { from: "", to: "" };
  const callee = await findEnd(to);
  const all = findAllFlows(stack);
  const known = all.filter((flow) => toAppName(flow.to) === to);
  const undeclared = {
    ...need(await findEnd(from), callee, [
      ...new Set([...known.flatMap(({ ports }) => ports), ...portsOf(callee)]),
    ]),
    isDeclared: false,
  };
  const { ipv4, privateIpv4 } = loadBalancer.parse(stack.outputs.loadBalancer);
  const visitors = {
    name: "the load balancer",
    peers: [toEntity("world", { address: privateIpv4 || ipv4 || undefined })],
  };
  const controllers = await Promise.all(
    installations.map(async ({ identity: { podSelector: pods }, containerPorts }) =>
      need(visitors, await findEnd(`${pods.namespace}/${pods.app}`), containerPorts),
    ),
  );

  const found = dnsPods.filter(({ metadata }) => metadata.labels["k8s-app"] === "kube-dns");
  // If no pod is visible, as where DNS is not in the cluster, the labels that the policies expect.
  const expected = toPeer({ namespace: platformNamespaces.kubeSystem, labels: { "k8s-app": "kube-dns" } });
  const dns = found.length > 0 ? toEnd("CoreDNS", found) : { name: "CoreDNS", peers: [expected] };
  const [identityPort, ...destinationPorts] = controlPlanePorts;
  const ofControlPlane = (component: string) =>
    toEnd(
      `linkerd-${component}`,
      controlPlane.filter(
        ({ metadata }) => metadata.labels["linkerd.io/control-plane-component"] === component,
      ),
    );
  const apps = await Promise.all(
    target.apps.map(async (app) => {
      const pods = await findPods(context, app);
      const [end, meshed] = [toEnd(app, pods), toEnd(app, pods.filter(isMeshed))];
      return [
        need({ name: "its node", peers: [toEntity("host")] }, end, portsOf(end)),
        ...(all.some((flow) => toAppName(flow.from) === app) ? [need(end, dns, [53], "UDP")] : []),
        need(meshed, ofControlPlane("identity"), [identityPort]),
        need(meshed, ofControlPlane("destination"), destinationPorts),
      ];
    }),
  );
  const connections: readonly Connection[] = [
    ...(target.call ? (flows.length > 0 ? [] : [undeclared]) : controllers),
    ...flows,
    ...apps.flat(),
  ];
  return connections.filter((each) => each.from.peers.length > 0 && each.to.peers.length > 0);
}

const loadBalancer = z
  .object({ ipv4: z.string().default(""), privateIpv4: z.string().default("") })
  .prefault({});

const portsOf = ({ peers }: End): number[] => [
  ...new Set(peers.flatMap(({ ports = {} }) => Object.values(ports))),
];

/** The API server, or a destination outside the cluster: a range of addresses, or a name. */
const toOutside = (name: string): End => ({
  name,
  peers:
    name === apiServer
      ? [toEntity(apiServer)]
      : [toEntity("world", name.includes("/") ? { address: name.split("/")[0] } : { host: name })],
});
