import * as assert from "node:assert/strict";

import type {
  EgressRule,
  FqdnSelector,
  IngressRule,
  NetworkPolicySpec,
  PortRule,
} from "../../components/custom-resources/cilium-resources";
import type { AllowedFlow } from "../../components/network-policy/allowed-flows";
import { ingressPods } from "../../components/ingress/controllers";
import { filterByType, id, readMetadata, readPath, type Resources } from "./resources";
import type { ExpectedApps, ExpectedApp } from "./expected-apps";
import { assertSame, describeDifference, selectsPod, listPods, type Pod } from "./selectors";
import { templateLabels } from "./workloads";

/** Pods around the apps that the apps' policies refer to, and one that they must not match. */
const platform: readonly Pod[] = [
  ...ingressPods.map(({ namespace, app }) => ({
    id: namespace,
    namespace,
    labels: { "app.kubernetes.io/name": app },
  })),
  { id: "dns", namespace: "kube-system", labels: { "k8s-app": "kube-dns" } },
  { id: "linkerd", namespace: "linkerd", labels: {} },
  { id: "viz", namespace: "linkerd-viz", labels: {} },
  { id: "neighbour", namespace: "monitoring", labels: {} },
];

/**
 * The egress and ingress rules of all policies allow what the settings declare and what every pod needs, and nothing
 * else, so each declared call is in both halves. Policies of existing apps have no default deny.
 */
export function assertNetworkPolicies(resources: Resources, expected: ExpectedApps): void {
  const pods = [...listPods(expected.apps), ...platform];
  const out = new Set<string>();
  const into = new Set<string>();
  for (const each of filterByType(resources, "CiliumNetworkPolicy")) {
    const { namespace } = readMetadata(each);
    const spec = readPath(each.inputs, "spec") as NetworkPolicySpec;
    for (const pod of pods.filter((its) => its.namespace === namespace)) {
      if (!selectsPod(spec.endpointSelector, pod, namespace)) continue;
      if (pod.app?.kind === "existing" && each.name !== "apps-default-deny")
        assert.deepEqual(
          spec.enableDefaultDeny,
          { ingress: false, egress: false },
          `${each.name} has default deny`,
        );
      for (const rule of spec.egress)
        for (const to of readEgress(rule, pods, namespace)) out.add(`${pod.id} to ${to}`);
      for (const rule of spec.ingress)
        for (const [from, port] of readIngress(rule, pods, namespace))
          into.add(`${from} to ${pod.id} ${port}`);
    }
  }
  const differences = [
    describeDifference("egress", [...out], expectedEgress(expected, pods)),
    describeDifference("ingress", [...into], expectedIngress(expected, pods)),
  ].filter((each) => each !== "");
  assert.ok(differences.length === 0, differences.join("; "));
}

/** The output `reachability` has the declared calls, routes, exposed ports and egress of every app, and nothing else. */
export function assertReachability(
  reachability: readonly AllowedFlow[],
  { apps, namespace: own, ingress: { podSelector } }: ExpectedApps,
): void {
  const nameOf = ({ name, namespace }: ExpectedApp) => (namespace === own ? name : `${namespace}/${name}`);
  const line = (from: string, to: string, ports: readonly number[], protocol = "TCP") =>
    `${from} to ${to} ${protocol} ${ports.toSorted((a, b) => a - b).join()}`;
  const linesByProtocol = (from: string, app: ExpectedApp) => [
    ...(app.ports.length > 0 ? [line(from, nameOf(app), app.ports)] : []),
    ...(app.udpPorts.length > 0 ? [line(from, nameOf(app), app.udpPorts, "UDP")] : []),
  ];
  const expected = apps.flatMap((app) => [
    ...apps
      .filter(({ calls }) => calls.includes(app.name))
      .flatMap((caller) => linesByProtocol(nameOf(caller), app)),
    ...(app.routedPorts.length > 0 ? [podSelector] : []).map((pod) =>
      line(`${pod.namespace}/${pod.app}`, nameOf(app), app.routedPorts),
    ),
    ...(app.webhooks.length > 0 ? [line("kube-apiserver", nameOf(app), app.webhooks)] : []),
    ...(app.callsApiServer ? [line(nameOf(app), "kube-apiserver", [6443])] : []),
    ...(app.exposedBy ? linesByProtocol("outside", app) : []),
    ...app.egress.map(({ host, cidr = "", ports, protocol }) =>
      line(nameOf(app), host ?? cidr, ports, protocol),
    ),
  ]);
  const found = reachability.map(({ from, to, ports, protocol }) => line(from, to, ports, protocol));
  assertSame("reachability", found, expected);
}

/**
 * A Deployment whose pods a policy selects has one that allows traffic of these pods: with `cilium.clusterDefaultDeny`,
 * they could otherwise do nothing but resolve names. Policies for every pod of the cluster do not count.
 */
export function assertPodsAllowed(resources: Resources): void {
  const policies = resources
    .filter(({ type }) => /:Cilium(Clusterwide)?NetworkPolicy$/.test(type))
    .flatMap((each) => {
      const { spec, specs } = each.inputs as Readonly<Record<string, unknown>>;
      const { namespace } = readMetadata(each);
      return ((specs ?? [spec]) as readonly Partial<NetworkPolicySpec>[]).map((own) => {
        const { endpointSelector = {}, enableDefaultDeny, ingress = [], egress = [] } = own;
        return {
          closes: enableDefaultDeny?.ingress !== false || enableDefaultDeny.egress,
          selects: (pod: Pod) =>
            selectsPod(endpointSelector, pod, namespace === "" ? pod.namespace : namespace),
          allows: [...ingress, ...egress].some((rule) => Object.keys(rule).length > 0),
        };
      });
    });
  const otherPod = { id: "other", namespace: "elsewhere", labels: {} };
  for (const each of filterByType(resources, "Deployment")) {
    const pod = { id: id(each), namespace: readMetadata(each).namespace, labels: templateLabels(each) };
    const its = policies.filter(({ selects }) => selects(pod));
    const own = its.filter(({ selects, allows }) => allows && !selects(otherPod));
    assert.ok(
      !its.some(({ closes }) => closes) || own.length > 0,
      `no network policy allows traffic of ${pod.id}`,
    );
  }
}

const readPorts = (toPorts: readonly PortRule[] | undefined): string[] =>
  toPorts?.flatMap(({ ports, rules }) => [
    ...ports.map(({ port, protocol }) => `${protocol} ${port}`),
    ...(rules ? ["with inspection"] : []),
  ]) ?? ["any port"];

const readFqdn = (name: FqdnSelector): string => ("matchName" in name ? name.matchName : name.matchPattern);

const withExceptions = (cidr: string, except: readonly string[]): string =>
  `${cidr} without ${except.toSorted().join(" ")}`;

function readEgress(rule: EgressRule, pods: readonly Pod[], namespace: string): string[] {
  const peers = [
    ...(rule.toEndpoints ?? []).flatMap((peer) => pods.filter((pod) => selectsPod(peer, pod, namespace))),
  ].map(({ id }) => id);
  const others = [
    ...(rule.toEntities ?? []),
    ...(rule.toFQDNs ?? []).map(readFqdn),
    ...(rule.toCIDR ?? []),
    ...(rule.toCIDRSet ?? []).map(({ cidr, except }) => withExceptions(cidr, except)),
  ];
  return [...peers, ...others].flatMap((to) => readPorts(rule.toPorts).map((port) => `${to} ${port}`));
}

function readIngress(rule: IngressRule, pods: readonly Pod[], namespace: string): [string, string][] {
  const peers = (rule.fromEndpoints ?? [])
    .flatMap((peer) => pods.filter((pod) => selectsPod(peer, pod, namespace)))
    .map(({ id }) => id);
  return [...peers, ...(rule.fromEntities ?? [])].flatMap((from) =>
    readPorts(rule.toPorts).map((port): [string, string] => [from, port]),
  );
}

const proxy = { inbound: 4143, tap: 4190, admin: 4191 } as const;
const controlPlane = [8080, 8086, 8090];

const tcp = (ports: readonly number[]): string[] => ports.map((port) => `TCP ${port}`);

const udp = (ports: readonly number[]): string[] => ports.map((port) => `UDP ${port}`);

/** The ports of a call: with a proxy at both ends, the proxy's inbound port too. */
const callPorts = (caller: ExpectedApp, callee: ExpectedApp): string[] => [
  ...tcp(callee.ports),
  ...(caller.meshed && callee.meshed && callee.ports.length > 0 ? tcp([proxy.inbound]) : []),
  ...udp(callee.udpPorts),
];

const lines = (from: string, to: readonly Pod[], ports: readonly string[]): string[] =>
  to.flatMap(({ id }) => ports.map((port) => `${from} to ${id} ${port}`));

const isIn =
  (namespace: string) =>
  (pod: Pod): boolean =>
    pod.namespace === namespace;

function expectedEgress(expected: ExpectedApps, pods: readonly Pod[]): string[] {
  const { namespace, collector } = expected;
  const dns = pods.filter(({ id }) => id === "dns");
  const each = ({ id, app }: PodOfApp) => {
    const { names, all } = externalTargets(app, expected);
    const isClosed = app.namespace === namespace;
    const needsMesh = isClosed && app.meshed;
    const answers = names.length > 0 ? ["with inspection"] : [];
    return [
      ...listPodsOfApps(pods)
        .filter((callee) => app.calls.includes(callee.app.name))
        .flatMap((callee) => lines(id, [callee.pod], callPorts(app, callee.app))),
      ...all.flatMap(({ to, ports, protocol = "TCP" }) =>
        ports.map((port) => `${id} to ${to} ${protocol} ${port}`),
      ),
      ...(app.callsApiServer ? [`${id} to kube-apiserver TCP 6443`] : []),
      ...(isClosed || names.length > 0 ? lines(id, dns, ["UDP 53", "TCP 53", ...answers]) : []),
      ...(needsMesh ? lines(id, pods.filter(isIn("linkerd")), tcp(controlPlane)) : []),
      ...(needsMesh && collector ? lines(id, pods.filter(isIn(collector)), tcp([proxy.inbound])) : []),
    ];
  };
  return listPodsOfApps(pods).flatMap(each);
}

/** A pod, once for each app that selects it. */
interface PodOfApp {
  readonly id: string;
  readonly pod: Pod;
  readonly app: ExpectedApp;
}

const listPodsOfApps = (pods: readonly Pod[]): PodOfApp[] =>
  pods.flatMap((pod) => (pod.apps ?? []).map((app) => ({ id: pod.id, pod, app })));

interface Target {
  readonly to: string;
  readonly ports: readonly number[];
  readonly protocol?: "TCP" | "UDP";
}

/** An app's destinations outside the cluster, and those of them that are names. */
function externalTargets(
  { calls, egress }: ExpectedApp,
  { apps, namespace, podCidrs, otherCidrs }: ExpectedApps,
) {
  const exceptions: Readonly<Record<string, readonly string[]>> = {
    "0.0.0.0/0": ["169.254.0.0/16", ...podCidrs, ...otherCidrs],
    "::/0": ["fe80::/10"],
  };
  const names = [
    ...apps
      .filter(({ name }) => calls.includes(name))
      .flatMap(({ name, externalName, ports, udpPorts }): Target[] =>
        externalName === undefined
          ? []
          : [externalName, `${name}.${namespace}.svc.cluster.local`].flatMap((to) => [
              { to, ports },
              { to, ports: udpPorts, protocol: "UDP" },
            ]),
      ),
    ...egress.flatMap(({ host, ...rest }): Target[] => (host === undefined ? [] : [{ to: host, ...rest }])),
  ];
  const ranges = egress.flatMap(({ cidr, ...rest }): Target[] =>
    cidr === undefined
      ? []
      : [{ to: exceptions[cidr] ? withExceptions(cidr, exceptions[cidr]) : cidr, ...rest }],
  );
  return { names, all: [...names, ...ranges] };
}

function expectedIngress({ namespace, ingress }: ExpectedApps, pods: readonly Pod[]): string[] {
  return listPodsOfApps(pods).flatMap(({ pod, app }) => {
    const isClosed = app.namespace === namespace;
    const callers = listPodsOfApps(pods).filter((each) => each.app.calls.includes(app.name));
    const from = (who: string, ports: readonly string[]) => lines(who, [pod], ports);
    const routed = tcp([...app.routedPorts, ...(app.meshed ? [proxy.inbound] : [])]);
    return [
      ...callers.flatMap((caller) => from(caller.id, callPorts(caller.app, app))),
      ...["host", "remote-node", "kube-apiserver"].flatMap((each) => from(each, tcp(app.webhooks))),
      ...(app.routedPorts.length > 0 ? from(ingress.podSelector.namespace, routed) : []),
      ...(app.exposedBy
        ? ["world", "remote-node"].flatMap((each) => from(each, [...tcp(app.ports), ...udp(app.udpPorts)]))
        : []),
      ...(isClosed ? from("host", tcp([...app.ports, ...(app.meshed ? [proxy.admin] : [])])) : []),
      ...(isClosed && app.meshed
        ? pods.filter(isIn("linkerd-viz")).flatMap((viz) => from(viz.id, tcp([proxy.admin, proxy.tap])))
        : []),
    ];
  });
}
