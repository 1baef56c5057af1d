import { defaultController, findController } from "../../components/ingress/controllers";
import type { ControllerIdentity } from "../../components/ingress/ingress-installation";
import type { z } from "zod";

import type { schema } from "../../settings/schema";
import type { StackConfig } from "../config";

/** An app of a config, with the documented defaults. */
export interface ExpectedApp {
  readonly name: string;
  /** Pods that we deploy, an existing Service, or an ExternalName Service. */
  readonly kind: "own" | "existing" | "external";
  readonly namespace: string;
  readonly serviceName: string;
  /** Zero without `port`: then it has no Service. */
  readonly servicePort: number;
  readonly port: number;
  /** All TCP ports of its pods, `port` included. */
  readonly ports: readonly number[];
  readonly udpPorts: readonly number[];
  /** The ports at which it speaks first. */
  readonly opaquePorts: readonly number[];
  /** Whether `port` is a UDP port. */
  readonly isUdp: boolean;
  /** The ports to which the ingress controller connects: those of its routes, and `port` to authenticate requests. */
  readonly routedPorts: readonly number[];
  readonly meshed: boolean;
  /** The labels of its pods, one set for each version. None for an external app. */
  readonly versions: readonly Readonly<Record<string, string>>[];
  /** The target of its ExternalName Service. */
  readonly externalName: string | undefined;
  /** `<service account>.<namespace>`, the beginning of its pods' mesh identity. */
  readonly account: string;
  /** Whether it connects to the API server. */
  readonly callsApiServer: boolean;
  readonly webhooks: readonly number[];
  readonly calls: readonly string[];
  readonly egress: readonly Egress[];
  /** The type of its Service if that exposes it to any address. */
  readonly exposedBy: "NodePort" | "LoadBalancer" | undefined;
  readonly isScaled: boolean;
  /** The canary's weight in percent. */
  readonly canary: number | undefined;
  /** Whether it has HTTPRoutes in the mesh. */
  readonly usesHttpRoutes: boolean;
}

type RawApp = Raw["apps"][string];
type Egress = NonNullable<RawApp["egress"]>[number];

/** The apps of a config, and what their resources depend on. */
export interface ExpectedApps {
  readonly apps: readonly ExpectedApp[];
  /** The namespace of apps without a namespace of their own. */
  readonly namespace: string;
  readonly trustDomain: string;
  /** The ingress controller that routes: the only one that the apps admit. */
  readonly ingress: ControllerIdentity;
  /** The address ranges of pods. */
  readonly podCidrs: readonly string[];
  /** The address ranges of nodes and Services. */
  readonly otherCidrs: readonly string[];
  /** The namespace of the trace collector. */
  readonly collector: string | undefined;
  /** Objects that exist before the stack, as keys of `findCreatedObjects`. */
  readonly preexisting: readonly string[];
  /** Whether the CRDs of Gateway API are already installed. */
  readonly hasGatewayApi: boolean;
}

/** A config without the prefix of its keys, before defaults. */
export type Raw = z.input<typeof schema>;

export const withoutPrefix = (config: StackConfig): Raw =>
  Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace("platform-networking:", ""), value]),
  ) as Raw;

export function buildExpectedApps(config: StackConfig): ExpectedApps {
  const { namespace, apps, cluster, ingress, cilium, mesh } = withoutPrefix(config);
  const authenticators = new Set(
    Object.values(apps).flatMap(({ routes = [] }) => routes.map(({ forwardAuth }) => forwardAuth?.app)),
  );
  const expectedApps = Object.entries(apps)
    .map(([name, app]) => buildExpectedApp(name, app, namespace))
    .map((app) =>
      authenticators.has(app.name)
        ? { ...app, routedPorts: [...new Set([...app.routedPorts, app.port])] }
        : app,
    );
  return {
    apps: expectedApps.map((app) => ({ ...app, account: findOwner(app, expectedApps).account })),
    namespace,
    trustDomain: mesh?.trustDomain ?? "cluster.local",
    ingress: findController(ingress?.controller ?? defaultController).installation.identity,
    podCidrs: cilium?.pool ?? [cluster.podCidr ?? "10.42.0.0/16"],
    otherCidrs: [cluster.nodeCidr, cluster.serviceCidr ?? "10.43.0.0/16"],
    collector: (mesh?.tracing?.meshIdentity as { readonly namespace: string } | undefined)?.namespace,
    preexisting: [
      ...expectedApps
        .filter(({ kind }) => kind === "existing")
        .flatMap((app) => listPreexisting(app, namespace)),
      ...Object.values(apps).flatMap(({ namespace: own = namespace, tls }) => [
        `Secret ${own}/${tls?.caSecret ?? ""}#ca.crt`,
        `ConfigMap ${own}/${tls?.caConfigMap ?? ""}`,
      ]),
      ...Object.values(apps).flatMap(({ namespace: own = namespace, routes = [] }) =>
        routes.flatMap(({ basicAuth }) =>
          basicAuth?.secret === undefined ? [] : [`Secret ${own}/${basicAuth.secret}#auth`],
        ),
      ),
      ...(mesh?.trustPreviousAnchor === true ? ["Secret cert-manager/linkerd-previous-anchor#tls.crt"] : []),
    ],
    hasGatewayApi: ingress?.gatewayApi === "installed",
  };
}

/** The objects of an existing app, with its namespace unless the stack creates that. */
const listPreexisting = ({ namespace, serviceName, servicePort }: ExpectedApp, apps: string): string[] => [
  ...([apps, "linkerd-viz"].includes(namespace) ? [] : [`Namespace /${namespace}`]),
  ...(servicePort === 0 ? [] : [`Service ${namespace}/${serviceName}:${servicePort}`]),
];

function buildExpectedApp(name: string, raw: RawApp, apps: string): ExpectedApp {
  const service = raw.service as { readonly type?: string; readonly externalName?: string } | undefined;
  const { existing = false, namespace = apps, port, ports = {}, meshed = true } = raw;
  const { canary, calls = [], egress = [], routes = [], podLabels = { app: name } } = raw;
  const externalName = service?.type === "ExternalName" ? service.externalName : undefined;
  const kind = existing ? "existing" : externalName === undefined ? "own" : "external";
  const all = [
    ...(port === undefined ? [] : [{ port, protocol: raw.protocol ?? "http" }]),
    ...Object.values(ports).map((each) => (typeof each === "number" ? { port: each, protocol: "?" } : each)),
  ];
  const numbersOf = (has: (protocol: string) => boolean) => [
    ...new Set(all.filter(({ protocol }) => has(protocol)).map((each) => each.port)),
  ];
  const second = canary === undefined ? [] : [{ app: `${name}-canary` }];
  return {
    ...{ name, kind, namespace, port: port ?? 0, externalName, calls, egress, canary: canary?.weight },
    serviceName: raw.serviceName ?? name,
    servicePort: raw.servicePort ?? port ?? 0,
    ports: numbersOf((protocol) => protocol !== "udp"),
    udpPorts: numbersOf((protocol) => protocol === "udp"),
    opaquePorts: numbersOf((protocol) => protocol === "tcp"),
    callsApiServer: raw.kubernetesApi !== undefined,
    webhooks: (raw.webhooks ?? []).map((each) => {
      const found = typeof each === "string" ? ports[each] : each;
      return (typeof found === "object" ? found.port : found) ?? port ?? 0;
    }),
    isUdp: raw.protocol === "udp",
    routedPorts: [
      ...new Set(
        routes.map((route) => {
          const further = typeof route.port === "string" ? ports[route.port] : route.port;
          return (typeof further === "object" ? further.port : further) ?? port ?? 0;
        }),
      ),
    ],
    meshed: meshed && kind !== "external",
    versions: kind === "external" ? [] : [podLabels, ...second],
    account: `${existing ? (raw.serviceAccount ?? "default") : name}.${namespace}`,
    exposedBy: service?.type === "NodePort" || service?.type === "LoadBalancer" ? service.type : undefined,
    isScaled: raw.autoscaling !== undefined,
    usesHttpRoutes:
      kind === "own" && meshed && (canary !== undefined || (raw.traffic?.routes ?? []).length > 0),
  };
}

/** Whether an existing app selects pods with these labels of an app that we deploy. */
export const selectsPodsOf = (
  each: ExpectedApp,
  { kind, namespace }: ExpectedApp,
  labels: Readonly<Record<string, string>>,
): boolean =>
  each.kind === "existing" &&
  kind === "own" &&
  each.namespace === namespace &&
  each.versions.some((its) => Object.entries(its).every(([key, value]) => labels[key] === value));

/** Finds the app that owns the pods of an app: for an existing app over pods that we deploy, their app. */
export const findOwner = (app: ExpectedApp, apps: readonly ExpectedApp[]): ExpectedApp =>
  apps.find((own) => own.versions.some((labels) => selectsPodsOf(app, own, labels))) ?? app;
