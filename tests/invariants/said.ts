import type { StackConfig } from "../config";
import { ownerOf } from "./selectors";

/** An app as a config says it, with what it leaves unsaid as the README has it. */
export interface SaidApp {
  readonly name: string;
  /** Pods that are made here, a Service that is there already, or a name for what is elsewhere. */
  readonly kind: "own" | "existing" | "external";
  readonly namespace: string;
  readonly serviceName: string;
  readonly servicePort: number;
  readonly port: number;
  /** All that its pods listen on, that one among them. */
  readonly ports: readonly number[];
  readonly meshed: boolean;
  /** The labels of its pods, one for each version. None for what is elsewhere. */
  readonly versions: readonly Readonly<Record<string, string>>[];
  /** The name elsewhere. */
  readonly elsewhere: string | undefined;
  /** `<service account>.<namespace>`, by which the mesh knows its pods. */
  readonly account: string;
  readonly calls: readonly string[];
  readonly egress: readonly Egress[];
  readonly isRouted: boolean;
  /** The kind of its Service where that lets everybody in. */
  readonly door: "NodePort" | "LoadBalancer" | undefined;
  readonly isScaled: boolean;
  /** The share of its second version, in percent. */
  readonly canary: number | undefined;
  /** Whether HTTPRoutes say in the mesh how it is treated. */
  readonly isShaped: boolean;
}

interface Egress {
  readonly host?: string;
  readonly cidr?: string;
  readonly ports: readonly number[];
  readonly protocol?: "TCP" | "UDP";
}

interface RawApp {
  readonly existing?: boolean;
  readonly namespace?: string;
  readonly podLabels?: Readonly<Record<string, string>>;
  readonly serviceAccount?: string;
  readonly serviceName?: string;
  readonly service?: { readonly type?: string; readonly externalName?: string };
  readonly port: number;
  readonly servicePort?: number;
  readonly ports?: Readonly<Record<string, number>>;
  readonly meshed?: boolean;
  readonly autoscaling?: object;
  readonly canary?: { readonly weight: number };
  readonly traffic?: { readonly routes?: readonly object[] };
  readonly calls?: readonly string[];
  readonly egress?: readonly Egress[];
  readonly routes?: readonly object[];
}

/** What a config says of apps and of what is around them. */
export interface Said {
  readonly apps: readonly SaidApp[];
  /** The namespace of all apps that do not say otherwise. */
  readonly namespace: string;
  readonly trustDomain: string;
  /** The ranges that pods have their addresses from. */
  readonly podCidrs: readonly string[];
  /** The namespace of the collector of spans. */
  readonly collector: string | undefined;
  /** What is there already, in the words of `madeBy`. */
  readonly there: readonly string[];
  /** Whether the definitions of Gateway API are there already. */
  readonly hasGatewayApi: boolean;
}

interface Raw {
  readonly namespace: string;
  readonly apps: Readonly<Record<string, RawApp>>;
  readonly cluster: { readonly podCidr?: string };
  readonly ingress?: { readonly gatewayApi?: string };
  readonly cilium?: { readonly pool?: readonly string[] };
  readonly mesh?: {
    readonly trustDomain?: string;
    readonly trustPreviousAnchor?: boolean;
    readonly tracing?: { readonly meshIdentity: { readonly namespace: string } };
  };
}

/** A config without what stands before its keys. */
export const withoutPrefix = (config: StackConfig): unknown =>
  Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace("platform-networking:", ""), value]),
  );

export function saidIn(config: StackConfig): Said {
  const { namespace, apps, cluster, ingress, cilium, mesh } = withoutPrefix(config) as Raw;
  const said = Object.entries(apps).map(([name, app]) => appOf(name, app, namespace));
  return {
    apps: said.map((app) => ({ ...app, account: ownerOf(app, said).account })),
    namespace,
    trustDomain: mesh?.trustDomain ?? "cluster.local",
    podCidrs: cilium?.pool ?? [cluster.podCidr ?? "10.42.0.0/16"],
    collector: mesh?.tracing?.meshIdentity.namespace,
    there: [
      ...said.filter(({ kind }) => kind === "existing").flatMap((app) => thereWith(app, namespace)),
      ...(mesh?.trustPreviousAnchor === true ? ["Secret cert-manager/linkerd-previous-anchor#tls.crt"] : []),
    ],
    hasGatewayApi: ingress?.gatewayApi === "installed",
  };
}

/** Its namespace too, unless it is one that is made here. */
const thereWith = ({ namespace, serviceName, servicePort }: SaidApp, apps: string): string[] => [
  ...([apps, "linkerd-viz"].includes(namespace) ? [] : [`Namespace /${namespace}`]),
  `Service ${namespace}/${serviceName}:${servicePort}`,
];

function appOf(name: string, raw: RawApp, apps: string): SaidApp {
  const { existing = false, namespace = apps, service, port, ports = {}, meshed = true } = raw;
  const { canary, calls = [], egress = [], routes = [], podLabels = { app: name } } = raw;
  const elsewhere = service?.type === "ExternalName" ? service.externalName : undefined;
  const kind = existing ? "existing" : elsewhere === undefined ? "own" : "external";
  const second = canary === undefined ? [] : [{ app: `${name}-canary` }];
  return {
    ...{ name, kind, namespace, port, elsewhere, calls, egress, canary: canary?.weight },
    serviceName: raw.serviceName ?? name,
    servicePort: raw.servicePort ?? port,
    ports: [...new Set([port, ...Object.values(ports)])],
    meshed: meshed && kind !== "external",
    versions: kind === "external" ? [] : [podLabels, ...second],
    account: `${existing ? (raw.serviceAccount ?? "default") : name}.${namespace}`,
    isRouted: routes.length > 0,
    door: service?.type === "NodePort" || service?.type === "LoadBalancer" ? service.type : undefined,
    isScaled: raw.autoscaling !== undefined,
    isShaped: kind === "own" && meshed && (canary !== undefined || (raw.traffic?.routes ?? []).length > 0),
  };
}
