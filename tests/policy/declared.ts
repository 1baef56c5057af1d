import type { GraphApp } from "../../components/network-policy/call-graph";
import type { AllowLocalhost, Flow, Pod } from "./engine";

/** What stands at one end of a flow. A neighbour is of a namespace of the platform, and none of those it is for. */
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
  /** Absence means that it is no pod. */
  readonly pod?: Pod;
  /** The app whose pod it is. */
  readonly app?: GraphApp;
}

/** What is around the apps and bears on who may talk to whom. */
export interface Circumstances {
  /** The namespace of the apps. */
  readonly namespace: string;
  /** Whether every other namespace is closed too. */
  readonly clusterDefaultDeny: boolean;
  readonly allowLocalhost: AllowLocalhost;
}

const dnsPort = 53;
const proxyInbound = 4143;
const proxyPorts = { admin: 4191, tap: 4190 } as const;
const controlPlanePorts = [8080, 8086, 8090];

/** The ports on which an app is called. */
export const portsOfApp = ({ port, ports = {} }: GraphApp): number[] => [port, ...Object.values(ports)];

/**
 * Whether a packet is one that the settings declare, or that every app needs to live. Told from the settings, in the
 * words of the README, and from nothing that makes the policies.
 */
function declared(from: End, to: End, { protocol, port }: Flow): boolean {
  const { app } = to;
  if (app === undefined) return from.app !== undefined && needed(from.app, to.role, protocol, port);
  if (protocol !== "TCP") return false;
  const isOwn = portsOfApp(app).includes(port);
  const isProxy = app.meshed && port === proxyInbound;
  switch (from.role) {
    case "app":
      return from.app?.calls.includes(app.name) === true && (isOwn || (isProxy && from.app.meshed));
    case "ingress":
      return app.routes.length > 0 && (port === app.port || isProxy);
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

/** What an app asks of the platform. */
function needed({ meshed }: GraphApp, role: Role, protocol: Flow["protocol"], port: number): boolean {
  if (role === "dns") return port === dnsPort;
  return role === "control-plane" && meshed && protocol === "TCP" && controlPlanePorts.includes(port);
}

/** What a pod of another namespace keeps when all of them are closed: names, the mesh, and its own node. */
function lifeline(from: End, to: End, { protocol, port }: Flow): boolean {
  if (from.role === "host") return true;
  if (to.role === "dns") return port === dnsPort;
  if (protocol !== "TCP") return false;
  if (to.role === "control-plane") return controlPlanePorts.includes(port);
  return from.role === "viz" && (port === proxyPorts.admin || port === proxyPorts.tap);
}

const platform: ReadonlySet<Role> = new Set<Role>(["ingress", "dns", "control-plane", "viz", "neighbour"]);

/**
 * What each half of a flow must be: whether it passes, or undefined where nobody decides, or where it is the platform's
 * own business.
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
    if (!around.clusterDefaultDeny) return true;
    return platform.has(end.role) ? undefined : isDeclared || lifeline(from, to, flow);
  };
  const fromOwnNode = from.role === "host" && around.allowLocalhost === "always";
  return { egress: half(from), ingress: fromOwnNode && to.pod ? true : half(to) };
}
