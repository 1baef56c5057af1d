import * as assert from "node:assert/strict";

import { installations } from "../../components/ingress/controllers";
import type { Recorded, Values } from "../harness";
import { readPath, readMetadata, filterByType, type Resources } from "./resources";

/** A controller's HTTP health endpoint: its path, and its ports of pods and nodes. */
export interface HealthEndpoint {
  readonly path: string;
  readonly port: number;
  readonly nodePort: number;
  /** Seconds that a pod stays ready after the first failed check. */
  readonly readySeconds: number;
}

/** The ingress controller, as configured by the values of its release. */
export interface IngressController {
  readonly release: Recorded;
  /** Its IngressClass. */
  readonly className: string;
  /** Whether it reads HTTPRoutes too. */
  readonly readsHttpRoutes: boolean;
  /** The Secret of its default certificate, as `<namespace>/<name>`. */
  readonly defaultSecret: string;
  /** Its node ports; none behind a LoadBalancer Service. */
  readonly nodePorts: readonly number[];
  /** For each public port, the private addresses trusted for PROXY protocol; undefined if it is off. */
  readonly trustedSenders: readonly (readonly string[] | undefined)[];
  /** The addresses in the status of its routes; none behind a LoadBalancer Service. */
  readonly addresses: readonly string[];
  /** The Services whose addresses are in the status of its routes, as `<namespace>/<name>`. */
  readonly publishedServices: readonly string[];
  /** Undefined without a node port for health checks. */
  readonly healthEndpoint: HealthEndpoint | undefined;
  /** The container port of the kubelet's probes. Default: the chart's own. */
  readonly kubeletPort: number | undefined;
  /** For each port, the seconds that a pod accepts connections after SIGTERM. */
  readonly acceptSeconds: readonly number[];
}

const texts = (...values: unknown[]): string[] =>
  values.filter((value): value is string => typeof value === "string");

/** The ports of Traefik's chart. */
const entryPoints: Readonly<Record<string, number>> = { web: 8000, websecure: 8443 };

/** The port of ingress-nginx's health endpoint, which the chart's probes use. */
const nginxHealthPort = 10254;

/** The probe period of both charts. */
const probePeriodSeconds = 10;

/** Whether a range is the load balancer's: the ranges of Cloudflare in the tests begin differently. */
const isLoadBalancerRange = (range: string): boolean => /^(10|198)\./.test(range);

/** The Helm releases of all controllers. */
export const controllerReleases = installations.map(({ identity }) => `${identity.name}-chart`);

/** Finds the installed ingress controller. */
export function findController(resources: Resources): IngressController {
  const releases = filterByType(resources, "Release").filter(({ name }) => controllerReleases.includes(name));
  assert.equal(releases.length, 1, "number of ingress controllers");
  const [release] = releases as [Recorded];
  const values = release.inputs.values as Values;
  const { namespace } = readMetadata(release);
  const read = readers[release.name] ?? assert.fail(`nothing reads the values of ${release.name}`);
  return { release, ...read(values, namespace, resources) };
}

/** Finds the ports of NodePort Services for ingress-nginx's health endpoint. */
const findHealthPorts = (resources: Resources) =>
  filterByType(resources, "Service").flatMap(({ inputs }) =>
    readPath(inputs, "spec.type") === "NodePort" &&
    readPath(inputs, "spec.externalTrafficPolicy") === "Local" &&
    readPath(inputs, "metadata.namespace") === "ingress-nginx"
      ? ((readPath(inputs, "spec.ports") ?? []) as {
          readonly nodePort: number;
          readonly targetPort: number;
        }[])
      : [],
  );

function readTraefik(values: Values, namespace: string): Omit<IngressController, "release"> {
  const ports = Object.values(values.ports as Record<string, Values>);
  const readsHttpRoutes = readPath(values, "providers.kubernetesGateway.enabled") === true;
  return {
    className: readPath(values, "ingressClass.name") as string,
    readsHttpRoutes,
    defaultSecret: `${namespace}/${String(readPath(values, "tlsStore.default.defaultCertificate.secretName"))}`,
    nodePorts: ports.flatMap(({ nodePort }) => (nodePort === undefined ? [] : [nodePort as number])),
    trustedSenders: ports.map((port) => readPath(port, "proxyProtocol.trustedIPs") as string[] | undefined),
    addresses: texts(
      readPath(values, "providers.kubernetesIngress.ingressEndpoint.ip"),
      readPath(values, "providers.kubernetesGateway.statusAddress.ip"),
    ),
    publishedServices: [
      ...readPublishedServices(readPath(values, "providers.kubernetesIngress.publishedService")),
      ...readPublishedServices(readPath(values, "providers.kubernetesGateway.statusAddress.service")),
    ],
    healthEndpoint: readPing(values),
    kubeletPort: readPath(values, "deployment.healthchecksPort") as number | undefined,
    acceptSeconds: ports.map((port) =>
      Number.parseInt(readPath(port, "transport.lifeCycle.requestAcceptGraceTimeout") as string),
    ),
  };
}

function readPing(values: Values): HealthEndpoint | undefined {
  const args = (values.additionalArguments ?? []) as readonly string[];
  const [, name = ""] = /^--ping\.entryPoint=(.*)$/m.exec(args.join("\n")) ?? [];
  const port = entryPoints[name];
  const nodePort = readPath(values, `ports.${name}.nodePort`) as number | undefined;
  if (port === undefined || nodePort === undefined) return undefined;
  // The first failure may be immediate.
  const failures = Number(readPath(values, "readinessProbe.failureThreshold") ?? 1) - 1;
  return { path: "/ping", port, nodePort, readySeconds: probePeriodSeconds * failures };
}

function readNginx(
  values: Values,
  namespace: string,
  resources: Resources,
): Omit<IngressController, "release"> {
  const [health] = findHealthPorts(resources);
  const controller = values.controller as Values;
  const config = controller.config as Record<string, string>;
  const nodePorts = (readPath(controller, "service.nodePorts") ?? {}) as Record<string, number>;
  const extraArgs = controller.extraArgs as Record<string, string>;
  const believed = (config["proxy-real-ip-cidr"] ?? "").split(",").filter(isLoadBalancerRange);
  const defaultSecret = String(extraArgs["default-ssl-certificate"]);
  return {
    className: readPath(controller, "ingressClassResource.name") as string,
    readsHttpRoutes: false,
    // nginx reads Secrets of any namespace, but it should be its own.
    defaultSecret: defaultSecret.startsWith(`${namespace}/`) ? defaultSecret : `not in ${namespace}`,
    nodePorts: Object.values(nodePorts),
    trustedSenders: [config["use-proxy-protocol"] === "true" ? believed : undefined],
    addresses: texts(extraArgs["publish-status-address"]),
    publishedServices: readPublishedServices(controller.publishService),
    healthEndpoint: health && {
      path: "/healthz",
      port: health.targetPort,
      nodePort: health.nodePort,
      readySeconds:
        probePeriodSeconds * (Number(readPath(controller, "readinessProbe.failureThreshold") ?? 3) - 1),
    },
    kubeletPort: health && nginxHealthPort,
    acceptSeconds: [Number(extraArgs["shutdown-grace-period"])],
  };
}

/** Reads a chart's setting of the Service whose addresses the controller publishes. */
function readPublishedServices(value: unknown): string[] {
  const { enabled, pathOverride, name, namespace } = (value ?? {}) as Record<string, string | boolean>;
  return enabled === true ? [String(pathOverride ?? `${String(namespace)}/${String(name)}`)] : [];
}

const readers: Readonly<
  Record<
    string,
    (values: Values, namespace: string, resources: Resources) => Omit<IngressController, "release">
  >
> = { "traefik-chart": readTraefik, "ingress-nginx-chart": readNginx };
