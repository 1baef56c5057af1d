import * as assert from "node:assert/strict";

import type { Recorded, Values } from "../harness";
import { at, metadataOf, ofType, type Resources } from "./resources";

/** Where a controller says by HTTP whether it takes connections: the port of its pods, and of the nodes. */
export interface Ping {
  readonly path: string;
  readonly port: number;
  readonly nodePort: number;
  /** How long a pod stays ready that says no. */
  readonly readySeconds: number;
}

/** The ingress controller, by what its release was told. */
export interface Installed {
  readonly release: Recorded;
  /** The class of the Ingresses it reads. */
  readonly className: string;
  /** Whether it reads HTTPRoutes too. */
  readonly readsHttpRoutes: boolean;
  /** The Secret with the certificate for hosts without one of their own, as `<namespace>/<name>`. */
  readonly defaultSecret: string;
  /** Its node ports; none behind a Service. */
  readonly nodePorts: readonly number[];
  /** Of each public port, the private addresses whose PROXY protocol header is read; undefined where none is. */
  readonly believed: readonly (readonly string[] | undefined)[];
  /** What its rules show as their address; none behind a Service. */
  readonly addresses: readonly string[];
  /** The Services whose addresses its rules show, as `<namespace>/<name>`. */
  readonly published: readonly string[];
  /** Undefined where it says so at no node port. */
  readonly ping: Ping | undefined;
  /** The port of its pods where the kubelet asks; undefined for that of the chart's own. */
  readonly kubelet: number | undefined;
  /** How long a pod takes connections that was told to end, at each of its ports. */
  readonly acceptSeconds: readonly number[];
}

const texts = (...values: unknown[]): string[] =>
  values.filter((value): value is string => typeof value === "string");

/** The ports of Traefik's chart. */
const entryPoints: Readonly<Record<string, number>> = { web: 8000, websecure: 8443 };

/** Where ingress-nginx tells its health, and the kubelet asks by its chart. */
const nginxHealthPort = 10254;

/** The seconds between two probes of either chart. */
const period = 10;

/** Of the load balancer: the ranges of the tests' Cloudflare begin with neither. */
const isOfBalancer = (range: string): boolean => /^(10|198)\./.test(range);

/** The one that is there. */
export function installed(resources: Resources): Installed {
  const releases = ofType(resources, "Release").filter(({ name }) =>
    ["traefik-chart", "ingress-nginx-chart"].includes(name),
  );
  assert.equal(releases.length, 1, "there is not one ingress controller");
  const [release] = releases as [Recorded];
  const values = release.inputs.values as Values;
  const { namespace } = metadataOf(release);
  return {
    release,
    ...(release.name === "traefik-chart"
      ? traefik(values, namespace)
      : nginx(values, namespace, healthServices(resources))),
  };
}

/** Services of node ports that lead to where ingress-nginx tells its health. */
const healthServices = (resources: Resources) =>
  ofType(resources, "Service").flatMap(({ inputs }) =>
    at(inputs, "spec.type") === "NodePort" &&
    at(inputs, "spec.externalTrafficPolicy") === "Local" &&
    at(inputs, "metadata.namespace") === "ingress-nginx"
      ? ((at(inputs, "spec.ports") ?? []) as { readonly nodePort: number; readonly targetPort: number }[])
      : [],
  );

function traefik(values: Values, namespace: string): Omit<Installed, "release"> {
  const ports = Object.values(values.ports as Record<string, Values>);
  const readsHttpRoutes = at(values, "providers.kubernetesGateway.enabled") === true;
  return {
    className: at(values, "ingressClass.name") as string,
    readsHttpRoutes,
    defaultSecret: `${namespace}/${String(at(values, "tlsStore.default.defaultCertificate.secretName"))}`,
    nodePorts: ports.flatMap(({ nodePort }) => (nodePort === undefined ? [] : [nodePort as number])),
    believed: ports.map((port) => at(port, "proxyProtocol.trustedIPs") as string[] | undefined),
    addresses: texts(
      at(values, "providers.kubernetesIngress.ingressEndpoint.ip"),
      at(values, "providers.kubernetesGateway.statusAddress.ip"),
    ),
    published: [
      ...publishedBy(at(values, "providers.kubernetesIngress.publishedService")),
      ...publishedBy(at(values, "providers.kubernetesGateway.statusAddress.service")),
    ],
    ping: pingOf(values),
    kubelet: at(values, "deployment.healthchecksPort") as number | undefined,
    acceptSeconds: ports.map((port) =>
      Number.parseInt(at(port, "transport.lifeCycle.requestAcceptGraceTimeout") as string),
    ),
  };
}

function pingOf(values: Values): Ping | undefined {
  const said = (values.additionalArguments ?? []) as readonly string[];
  const [, name = ""] = /^--ping\.entryPoint=(.*)$/.exec(said.join("\n")) ?? [];
  const port = entryPoints[name];
  const nodePort = at(values, `ports.${name}.nodePort`) as number | undefined;
  if (port === undefined || nodePort === undefined) return undefined;
  // The first failure may come at once.
  const failures = Number(at(values, "readinessProbe.failureThreshold") ?? 1) - 1;
  return { path: "/ping", port, nodePort, readySeconds: period * failures };
}

function nginx(
  values: Values,
  namespace: string,
  [health]: readonly { readonly nodePort: number; readonly targetPort: number }[],
): Omit<Installed, "release"> {
  const controller = values.controller as Values;
  const config = controller.config as Record<string, string>;
  const nodePorts = (at(controller, "service.nodePorts") ?? {}) as Record<string, number>;
  const extraArgs = controller.extraArgs as Record<string, string>;
  const believed = (config["proxy-real-ip-cidr"] ?? "").split(",").filter(isOfBalancer);
  const defaultSecret = String(extraArgs["default-ssl-certificate"]);
  return {
    className: at(controller, "ingressClassResource.name") as string,
    readsHttpRoutes: false,
    // nginx takes one of any namespace; it is meant to be in its own.
    defaultSecret: defaultSecret.startsWith(`${namespace}/`) ? defaultSecret : `not in ${namespace}`,
    nodePorts: Object.values(nodePorts),
    believed: [config["use-proxy-protocol"] === "true" ? believed : undefined],
    addresses: texts(extraArgs["publish-status-address"]),
    published: publishedBy(controller.publishService),
    ping: health && {
      path: "/healthz",
      port: health.targetPort,
      nodePort: health.nodePort,
      readySeconds: period * (Number(at(controller, "readinessProbe.failureThreshold") ?? 3) - 1),
    },
    kubelet: health && nginxHealthPort,
    acceptSeconds: [Number(extraArgs["shutdown-grace-period"])],
  };
}

/** Of a chart's word for the Service whose addresses are shown. */
function publishedBy(said: unknown): string[] {
  const { enabled, pathOverride, name, namespace } = (said ?? {}) as Record<string, string | boolean>;
  return enabled === true ? [String(pathOverride ?? `${String(namespace)}/${String(name)}`)] : [];
}
