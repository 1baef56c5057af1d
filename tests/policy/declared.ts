import type { GraphApp } from "../../components/network-policy/call-graph";
import type { AllowLocalhost, Flow, Pod } from "./engine";

/** The role of one end of a flow. A neighbour is another pod in a namespace of the platform. */
export type Role =
  | "app"
  | "ingress"
  | "dns"
  | "control-plane"
  | "viz"
  | "neighbour"
  | "stranger"
  | "host"
  | "node"
  | "world"
  | "health";

/** One end of a flow. */
export interface End {
  readonly role: Role;
  /** Undefined if it is not a pod. */
  readonly pod?: Pod;
  /** The app whose pod it is. */
  readonly app?: GraphApp;
}

/** The settings of the cluster that affect which flows are allowed. */
export interface Circumstances {
  /** The namespace of the apps. */
  readonly namespace: string;
  /** Whether every other namespace has default deny too. */
  readonly clusterDefaultDeny: boolean;
  readonly allowLocalhost: AllowLocalhost;
}

const dnsPort = 53;
const proxyInbound = 4143;
const proxyPorts = { admin: 4191, tap: 4190 } as const;
const controlPlanePorts = [8080, 8086, 8090];

/** The ports of an app, by default those of TCP. */
export const portsOfApp = (
  { port, protocol, ports = {} }: GraphApp,
  transport: Flow["protocol"] = "TCP",
): number[] =>
  [...(port === undefined ? [] : [{ port, protocol }]), ...Object.values(ports)].flatMap((each) => {
    const its = typeof each === "number" ? { port: each, protocol: undefined } : each;
    return (its.protocol === "udp") === (transport === "UDP") ? [its.port] : [];
  });

const routedPorts = ({ port: first, ports = {}, routes }: GraphApp): (number | undefined)[] =>
  routes.map(({ port = first }) => {
    const its = typeof port === "string" ? ports[port] : port;
    return typeof its === "object" ? its.port : its;
  });

/**
 * Whether the settings declare a flow, or every app needs it. Derived from the documented meaning of the settings,
 * independently of the code that builds the policies.
 */
function declared(from: End, to: End, { protocol, port }: Flow): boolean {
  const { app } = to;
  if (app === undefined) return from.app !== undefined && needed(from.app, to.role, protocol, port);
  const isOwn = portsOfApp(app, protocol).includes(port);
  if (protocol !== "TCP")
    return (
      isOwn &&
      (from.role === "app"
        ? from.app?.calls.includes(app.name) === true
        : app.exposed === true && (from.role === "world" || from.role === "node"))
    );
  const hasTcp = portsOfApp(app).length > 0;
  const isProxy = app.meshed && hasTcp && port === proxyInbound;
  switch (from.role) {
    case "app":
      return from.app?.calls.includes(app.name) === true && (isOwn || (isProxy && from.app.meshed));
    case "ingress":
      return app.routes.length > 0 && (routedPorts(app).includes(port) || isProxy);
    case "host":
      return isOwn || (app.meshed && port === proxyPorts.admin);
    case "viz":
      return app.meshed && (port === proxyPorts.admin || port === proxyPorts.tap);
    case "world":
    case "node":
      return app.exposed === true && isOwn;
    default:
      return false;
  }
}

/** Whether an app needs a flow to the platform. */
function needed({ meshed }: GraphApp, role: Role, protocol: Flow["protocol"], port: number): boolean {
  if (role === "dns") return port === dnsPort;
  return role === "control-plane" && meshed && protocol === "TCP" && controlPlanePorts.includes(port);
}

/** Whether a flow of a pod in another namespace is allowed with clusterDefaultDeny: DNS, Linkerd, its own node. */
function isBaseline(from: End, to: End, { protocol, port }: Flow): boolean {
  if (from.role === "host") return true;
  if (to.role === "dns") return port === dnsPort;
  if (protocol !== "TCP") return false;
  if (to.role === "control-plane") return controlPlanePorts.includes(port);
  return from.role === "viz" && (port === proxyPorts.admin || port === proxyPorts.tap);
}

const platform: ReadonlySet<Role> = new Set<Role>(["ingress", "dns", "control-plane", "viz", "neighbour"]);

/**
 * Whether each half of a flow must be allowed. Undefined if no policy decides, or only policies of the platform's own
 * traffic.
 */
export function expected(
  from: End,
  to: End,
  flow: Flow,
  around: Circumstances,
): { readonly egress: boolean | undefined; readonly ingress: boolean | undefined } {
  const isDeclared = declared(from, to, flow);
  const half = (end: End): boolean | undefined => {
    if (end.role === "health") return true;
    if (end.pod === undefined) return undefined;
    if (end.pod.namespace === around.namespace) return isDeclared;
    // Platform pods outside of kube-system are closed with and without clusterDefaultDeny.
    if (!around.clusterDefaultDeny && (end.pod.namespace === "kube-system" || !platform.has(end.role)))
      return true;
    return platform.has(end.role) ? undefined : isDeclared || isBaseline(from, to, flow);
  };
  const fromOwnNode = from.role === "host" && around.allowLocalhost === "always";
  return { egress: half(from), ingress: fromOwnNode && to.pod ? true : half(to) };
}
