import * as assert from "node:assert/strict";

import type {
  EgressRule,
  FqdnSelector,
  IngressRule,
  NetworkPolicySpec,
  PortRule,
} from "../../components/custom-resources/cilium-resources";
import { metadataOf, ofType, type Resources } from "./resources";
import type { Said, SaidApp } from "./said";
import { complaintOf, finds, podsOf, type Pod } from "./selectors";

/** What stands around the apps and has a part in their policies. */
const platform: readonly Pod[] = [
  { id: "traefik", namespace: "traefik", labels: { "app.kubernetes.io/name": "traefik" } },
  { id: "nginx", namespace: "ingress-nginx", labels: { "app.kubernetes.io/name": "ingress-nginx" } },
  { id: "dns", namespace: "kube-system", labels: { "k8s-app": "kube-dns" } },
  { id: "linkerd", namespace: "linkerd", labels: {} },
  { id: "viz", namespace: "linkerd-viz", labels: {} },
  { id: "neighbour", namespace: "monitoring", labels: {} },
];

/**
 * Each half of each policy opens what the settings declare and what a pod needs to live, and nothing else; so that each
 * declared call is in both. Of the pods of others, no policy closes anything.
 */
export function policiesAreTwins(resources: Resources, said: Said): void {
  const pods = [...podsOf(said.apps), ...platform];
  const out = new Set<string>();
  const into = new Set<string>();
  for (const each of ofType(resources, "CiliumNetworkPolicy")) {
    const { namespace } = metadataOf(each);
    const spec = each.inputs.spec as unknown as NetworkPolicySpec;
    for (const pod of pods.filter((its) => its.namespace === namespace)) {
      if (!finds(spec.endpointSelector, pod, namespace)) continue;
      if (pod.app?.kind === "existing" && each.name !== "apps-default-deny")
        assert.deepEqual(spec.enableDefaultDeny, { ingress: false, egress: false }, `${each.name} closes`);
      for (const rule of spec.egress)
        for (const to of egressOf(rule, pods, namespace)) out.add(`${pod.id} to ${to}`);
      for (const rule of spec.ingress)
        for (const [from, port] of ingressOf(rule, pods, namespace)) into.add(`${from} to ${pod.id} ${port}`);
    }
  }
  const complaints = [
    complaintOf("egress", [...out], egressSaid(said, pods)),
    complaintOf("ingress", [...into], ingressSaid(said, pods)),
  ].filter((each) => each !== "");
  assert.ok(complaints.length === 0, complaints.join("; "));
}

const portsIn = (toPorts: readonly PortRule[] | undefined): string[] =>
  toPorts?.flatMap(({ ports, rules }) => [
    ...ports.map(({ port, protocol }) => `${protocol} ${port}`),
    ...(rules ? ["and its answers"] : []),
  ]) ?? ["any port"];

const nameOf = (name: FqdnSelector): string => ("matchName" in name ? name.matchName : name.matchPattern);

function egressOf(rule: EgressRule, pods: readonly Pod[], namespace: string): string[] {
  const peers = [
    ...(rule.toEndpoints ?? []).flatMap((peer) => pods.filter((pod) => finds(peer, pod, namespace))),
  ].map(({ id }) => id);
  const others = [...(rule.toEntities ?? []), ...(rule.toFQDNs ?? []).map(nameOf), ...(rule.toCIDR ?? [])];
  return [...peers, ...others].flatMap((to) => portsIn(rule.toPorts).map((port) => `${to} ${port}`));
}

function ingressOf(rule: IngressRule, pods: readonly Pod[], namespace: string): [string, string][] {
  const peers = (rule.fromEndpoints ?? [])
    .flatMap((peer) => pods.filter((pod) => finds(peer, pod, namespace)))
    .map(({ id }) => id);
  return [...peers, ...(rule.fromEntities ?? [])].flatMap((from) =>
    portsIn(rule.toPorts).map((port): [string, string] => [from, port]),
  );
}

const proxy = { inbound: 4143, tap: 4190, admin: 4191 } as const;
const controlPlane = [8080, 8086, 8090];

const tcp = (ports: readonly number[]): string[] => ports.map((port) => `TCP ${port}`);

/** The ports of a call, the proxy's among them where there is one at both ends. */
const ofCall = (caller: SaidApp, callee: SaidApp): string[] =>
  tcp([...callee.ports, ...(caller.meshed && callee.meshed ? [proxy.inbound] : [])]);

const lines = (from: string, to: readonly Pod[], ports: readonly string[]): string[] =>
  to.flatMap(({ id }) => ports.map((port) => `${from} to ${id} ${port}`));

const isIn =
  (namespace: string) =>
  (pod: Pod): boolean =>
    pod.namespace === namespace;

function egressSaid(said: Said, pods: readonly Pod[]): string[] {
  const { namespace, collector } = said;
  const dns = pods.filter(({ id }) => id === "dns");
  const each = ({ id, app }: SaidOf) => {
    const { names, all } = outsideOf(app, said);
    const isClosed = app.namespace === namespace;
    const needsMesh = isClosed && app.meshed;
    const answers = names.length > 0 ? ["and its answers"] : [];
    return [
      ...saidOf(pods)
        .filter((callee) => app.calls.includes(callee.app.name))
        .flatMap((callee) => lines(id, [callee.pod], ofCall(app, callee.app))),
      ...all.flatMap(({ to, ports, protocol = "TCP" }) =>
        ports.map((port) => `${id} to ${to} ${protocol} ${port}`),
      ),
      ...(isClosed || names.length > 0 ? lines(id, dns, ["UDP 53", "TCP 53", ...answers]) : []),
      ...(needsMesh ? lines(id, pods.filter(isIn("linkerd")), tcp(controlPlane)) : []),
      ...(needsMesh && collector ? lines(id, pods.filter(isIn(collector)), tcp([proxy.inbound])) : []),
    ];
  };
  return saidOf(pods).flatMap(each);
}

/** What is said of a pod: once for each app that selects it. */
interface SaidOf {
  readonly id: string;
  readonly pod: Pod;
  readonly app: SaidApp;
}

const saidOf = (pods: readonly Pod[]): SaidOf[] =>
  pods.flatMap((pod) => (pod.apps ?? []).map((app) => ({ id: pod.id, pod, app })));

interface Target {
  readonly to: string;
  readonly ports: readonly number[];
  readonly protocol?: "TCP" | "UDP";
}

/** What an app reaches outside of the cluster; and of that the names, by which it must be let through. */
function outsideOf({ calls, egress }: SaidApp, { apps, namespace }: Said) {
  const names = [
    ...apps
      .filter(({ name }) => calls.includes(name))
      .flatMap(({ name, elsewhere, ports }): Target[] =>
        elsewhere === undefined
          ? []
          : [elsewhere, `${name}.${namespace}.svc.cluster.local`].map((to) => ({ to, ports })),
      ),
    ...egress.flatMap(({ host, ...rest }): Target[] => (host === undefined ? [] : [{ to: host, ...rest }])),
  ];
  const ranges = egress.flatMap(({ cidr, ...rest }): Target[] =>
    cidr === undefined ? [] : [{ to: cidr, ...rest }],
  );
  return { names, all: [...names, ...ranges] };
}

function ingressSaid({ namespace }: Said, pods: readonly Pod[]): string[] {
  return saidOf(pods).flatMap(({ pod, app }) => {
    const isClosed = app.namespace === namespace;
    const callers = saidOf(pods).filter((each) => each.app.calls.includes(app.name));
    const from = (who: string, ports: readonly string[]) => lines(who, [pod], ports);
    const routed = tcp([app.port, ...(app.meshed ? [proxy.inbound] : [])]);
    return [
      ...callers.flatMap((caller) => from(caller.id, ofCall(caller.app, app))),
      ...(app.isRouted ? ["traefik", "nginx"].flatMap((each) => from(each, routed)) : []),
      ...(app.door ? ["world", "remote-node"].flatMap((each) => from(each, tcp(app.ports))) : []),
      ...(isClosed ? from("host", tcp([...app.ports, ...(app.meshed ? [proxy.admin] : [])])) : []),
      ...(isClosed && app.meshed
        ? pods.filter(isIn("linkerd-viz")).flatMap((viz) => from(viz.id, tcp([proxy.admin, proxy.tap])))
        : []),
    ];
  });
}
