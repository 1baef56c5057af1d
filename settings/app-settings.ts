import type { PodArgs } from "../components/app/deployment";
import type { Protocol } from "../components/app/app-ports";
import type { ServiceSettings } from "../components/app/app-kubernetes-service";
import type { Canary, Scale } from "../components/app/workload";
import { podLabels } from "../components/network-policy/call-graph";
import type { CcmLoadBalancerSpec } from "../components/load-balancer/ccm-annotations";
import type { ResolvedRoute } from "../components/ingress/route";
import type { AppConfig, Config } from "./schema";
import { resources } from "./schema/resources";
import type { RoutedHost } from "./zone-records";

/** What is known of every app. */
interface AnyApp extends Pick<AppConfig, "calls" | "egress" | "meshed" | "port" | "ports"> {
  readonly name: string;
  /** Where it is. Absence means the namespace of the apps. */
  readonly namespace?: string | undefined;
  /** The name of its Service. */
  readonly serviceName: string;
  readonly servicePort: number;
  readonly routes: readonly ResolvedRoute[];
}

/** Pods of an image, and the Service in front of them. */
export type OwnApp = AnyApp &
  PodArgs &
  Pick<AppConfig, "serviceProfile" | "traffic"> &
  Scale & {
    readonly existing: false;
    readonly external?: undefined;
    readonly protocol: Protocol;
    readonly service: ServiceSettings;
    /** Whether anybody reaches it past the ingress, by a port of the nodes or a load balancer of its own. */
    readonly exposed: boolean;
    readonly canary?: Canary | undefined;
  };

/** A Service of another's, with the pods behind it. */
export interface ExistingApp extends AnyApp {
  readonly existing: true;
  readonly external?: undefined;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
}

/** A name for what is elsewhere. */
export interface ExternalApp extends AnyApp {
  readonly existing: false;
  /** The name elsewhere, FQDN without a trailing dot. */
  readonly external: string;
  readonly protocol: Protocol;
}

/** An app with its name, and with what follows from the other settings. */
export type AppSettings = ExistingApp | ExternalApp | OwnApp;

/** The apps of a config without faults, in its order. */
export const appsOf = (config: Config, hosts: readonly RoutedHost[]): AppSettings[] =>
  Object.entries(config.apps).map(([name, said]) => appOf(name, said, config.namespace, hosts));

/** The namespaces of routes beside that of the apps, in alphabetical order. */
export const routedElsewhere = (apps: readonly AppSettings[]): string[] =>
  [
    ...new Set(apps.flatMap(({ namespace, routes }) => (namespace && routes.length > 0 ? [namespace] : []))),
  ].sort();

function appOf(name: string, said: AppConfig, namespace: string, hosts: readonly RoutedHost[]): AppSettings {
  const { existing, service = { type: "ClusterIP" }, port, protocol = "http", canary } = said;
  const common: AnyApp = {
    name,
    namespace: said.namespace === namespace ? undefined : said.namespace,
    serviceName: said.serviceName ?? name,
    servicePort: said.servicePort ?? port,
    port,
    ports: said.ports,
    meshed: said.meshed,
    calls: said.calls,
    egress: said.egress,
    routes: said.routes.map((route) => ({
      ...route,
      proxied: hosts.some(({ host, proxied }) => host === route.host && proxied),
    })),
  };
  if (existing) {
    const { podLabels: labels = podLabels(name), serviceAccount = "default" } = said;
    return { ...common, existing, podLabels: labels, serviceAccount };
  }
  if (service.type === "ExternalName")
    return { ...common, existing, external: service.externalName, protocol };
  const { image = "", autoscaling, replicas = 2, healthPath, probes, drainSeconds } = said;
  return {
    ...common,
    ...(autoscaling ? { autoscaling } : { replicas }),
    ...{ existing, image, protocol, healthPath, probes, drainSeconds, canary },
    resources: resources.parse(said.resources),
    env: said.env,
    secrets: said.secrets,
    traffic: said.traffic,
    serviceProfile: said.serviceProfile,
    service: service.type === "LoadBalancer" ? { ...service, loadBalancer: balancerOf(service) } : service,
    exposed: service.type === "NodePort" || service.type === "LoadBalancer",
  };
}

type Balanced = Extract<NonNullable<AppConfig["service"]>, { readonly type: "LoadBalancer" }>;

/** A load balancer in the words of the cloud controller manager. */
function balancerOf({ loadBalancer }: Balanced): CcmLoadBalancerSpec {
  const {
    location,
    networkZone,
    public: isPublic,
    ipv6,
    privateIp,
    subnet,
    proxyProtocol,
    ...rest
  } = loadBalancer;
  return {
    ...rest,
    location: location ? { location } : { networkZone: networkZone ?? "" },
    privateIpv4: privateIp,
    privateSubnetIpRange: subnet,
    usesProxyProtocol: proxyProtocol,
    disablePublicNetwork: !isPublic,
    ipv6Disabled: !ipv6,
    // What the status holds may end in public DNS.
    disablePrivateIngress: true,
  };
}
