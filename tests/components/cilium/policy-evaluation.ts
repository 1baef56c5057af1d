import * as assert from "node:assert/strict";

import { buildClusterwidePolicies } from "../../../components/cilium/clusterwide-policies";
import type { EndpointSelector, PortRule } from "../../../components/custom-resources/cilium-resources";
import { matchesSelector, namespaceKey } from "../../invariants/selectors";

/** The namespaces with pods of the program only. */
export const closedNamespaces = [
  ...["cert-manager", "external-dns", "linkerd", "linkerd-cni", "linkerd-viz", "traefik", "ingress-nginx"],
];

/** The policies of a cluster whose apps are in `production`, with all namespaces closed. */
export const policies = buildClusterwidePolicies({
  appsNamespace: "production",
  closedNamespaces,
  clusterDefaultDeny: true,
  metricsReaders: [{ matchLabels: { [namespaceKey]: "monitoring", app: "prometheus" } }],
});

/** The specs of all policies. */
export const specs = policies.flatMap((each) => each.specs);

/** Whether a selector matches a pod of a namespace with these labels. */
export const selects = (
  selector: EndpointSelector,
  namespace: string | undefined,
  labels: Record<string, string> = {},
): boolean => matchesSelector(selector, { ...labels, [namespaceKey]: namespace });

/** Namespace and labels of pods: those of the platform as in their charts, and two others. */
export const pods: Readonly<Record<string, readonly [namespace: string, labels: Record<string, string>]>> = {
  coredns: ["kube-system", { "k8s-app": "kube-dns" }],
  "metrics-server": ["kube-system", { "k8s-app": "metrics-server" }],
  "hubble-ui": ["kube-system", { "k8s-app": "hubble-ui" }],
  "hubble-relay": ["kube-system", { "k8s-app": "hubble-relay" }],
  prometheus: ["monitoring", { app: "prometheus" }],
  "cert-manager": [
    "cert-manager",
    { "app.kubernetes.io/name": "cert-manager", "app.kubernetes.io/component": "controller" },
  ],
  webhook: [
    "cert-manager",
    { "app.kubernetes.io/name": "webhook", "app.kubernetes.io/component": "webhook" },
  ],
  "trust-manager": ["cert-manager", { "app.kubernetes.io/name": "trust-manager" }],
  "external-dns": ["external-dns", { "app.kubernetes.io/name": "external-dns" }],
  traefik: ["traefik", { "app.kubernetes.io/name": "traefik" }],
  nginx: ["ingress-nginx", { "app.kubernetes.io/name": "ingress-nginx" }],
  destination: ["linkerd", { "linkerd.io/control-plane-component": "destination" }],
  tap: ["linkerd-viz", { component: "tap" }],
  "another team's": ["shop", { app: "cart" }],
  "an app": ["production", { app: "api" }],
};

/** The namespace and labels of one of these pods. */
export const endpoint = (name: string): readonly [string, Record<string, string>] => {
  const [namespace, labels] = pods[name] ?? assert.fail(name);
  return [namespace, labels];
};

const allowsPort = (toPorts: readonly PortRule[] | undefined, port: string): boolean => {
  const [number = "", protocol = "TCP"] = port.split("/");
  return (
    toPorts === undefined ||
    toPorts.some(({ ports }) => ports.some((each) => each.port === number && each.protocol === protocol))
  );
};

/** Whether the policies of a pod allow ingress at a port from a pod or an entity. */
export const allowsIngress = (to: string, port: string, from: string): boolean =>
  specs.some(
    (spec) =>
      selects(spec.endpointSelector, ...endpoint(to)) &&
      (spec.ingress ?? []).some(
        (rule) =>
          allowsPort(rule.toPorts, port) &&
          ((rule.fromEntities ?? []).some(
            (entity) => entity === from || (entity === "cluster" && from !== "world"),
          ) ||
            (from in pods && (rule.fromEndpoints ?? []).some((each) => selects(each, ...endpoint(from))))),
      ),
  );

/** Whether the policies of a pod allow egress to a port of a pod or an entity. */
export const allowsEgress = (from: string, port: string, to: string): boolean =>
  specs.some(
    (spec) =>
      selects(spec.endpointSelector, ...endpoint(from)) &&
      (spec.egress ?? []).some(
        (rule) =>
          allowsPort(rule.toPorts, port) &&
          ((rule.toEntities ?? []).some((entity) => entity === to || entity === "all") ||
            (to in pods && (rule.toEndpoints ?? []).some((each) => selects(each, ...endpoint(to))))),
      ),
  );
