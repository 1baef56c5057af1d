import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { podLabels } from "../network-policy/call-graph";
import { ccmAnnotations, type CcmLoadBalancerSpec } from "../load-balancer/ccm-annotations";
import { appLabels } from "./deployment";
import type { PortArgs, Protocol } from "./app-ports";

/**
 * Sends the connections of one client to the same pod until it has been silent for so long. The mesh takes no notice: a
 * proxy has the requests of its pod answered by whichever pod is the fastest.
 */
export interface SessionAffinity {
  /** 1 to 86400. */
  readonly seconds: number;
}

/** What kind of Service stands in front of an app's pods. */
export type ServiceSettings =
  /** An address inside the cluster. */
  | { readonly type: "ClusterIP"; readonly affinity?: SessionAffinity | undefined }
  /** No address: its name has the addresses of all pods. */
  | { readonly type: "Headless" }
  | {
      readonly type: "NodePort";
      /** The port of every node that leads to the Service's first, 30000 to 32767. Absence leaves it to Kubernetes. */
      readonly nodePort?: number | undefined;
      readonly affinity?: SessionAffinity | undefined;
    }
  /** Hetzner's cloud controller manager must be there, or nothing ever answers at it. */
  | {
      readonly type: "LoadBalancer";
      readonly loadBalancer: CcmLoadBalancerSpec;
      readonly affinity?: SessionAffinity | undefined;
    };

export interface ServiceArgs extends PortArgs {
  /** The port the Service offers for the container's first. Further ports it offers under their own numbers. */
  readonly servicePort: number;
  /** Default: `ClusterIP`. */
  readonly service?: ServiceSettings | undefined;
}

type Spec = kubernetes.types.input.core.v1.ServiceSpec;

/**
 * How callers find out what is spoken, so that nobody has to guess it from the first bytes.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol
 */
const appProtocols: Readonly<Record<Protocol, string>> = {
  http: "http",
  grpc: "kubernetes.io/h2c",
  // With a server that speaks first, Linkerd's proxy would wait for the client's word in vain.
  tcp: "linkerd.io/opaque",
};

/** The Service in front of the pods labelled `app`. */
export const buildServiceSpec = (app: string, args: ServiceArgs): Spec => {
  const { service = { type: "ClusterIP" } } = args;
  return {
    ...(service.type === "Headless" ? { type: "ClusterIP", clusterIP: "None" } : { type: service.type }),
    selector: podLabels(app),
    ports: buildServicePorts(args, service),
    ...("affinity" in service && service.affinity && buildSessionAffinity(service.affinity)),
  };
};

/** A name inside the cluster for one outside. It maps no ports, and clients ask for it by its name inside. */
export const createExternalNameService = (
  name: string,
  externalName: string,
  args: ServiceArgs & { readonly namespace: pulumi.Input<string> },
  opts: pulumi.CustomResourceOptions,
): kubernetes.core.v1.Service =>
  new kubernetes.core.v1.Service(
    name,
    {
      metadata: { name, namespace: args.namespace, labels: appLabels(name) },
      spec: { type: "ExternalName", externalName, ports: buildServicePorts(args, { type: "ClusterIP" }) },
    },
    opts,
  );

function buildServicePorts(
  { port, servicePort, protocol = "http", ports = {} }: ServiceArgs,
  service: ServiceSettings,
): Spec["ports"] {
  const nodePort = service.type === "NodePort" ? service.nodePort : undefined;
  return [
    {
      name: protocol,
      port: servicePort,
      targetPort: port,
      protocol: "TCP",
      appProtocol: appProtocols[protocol],
      ...(nodePort !== undefined && { nodePort }),
    },
    ...Object.entries(ports).map(([name, each]) => ({ name, port: each, targetPort: each, protocol: "TCP" })),
  ];
}

const buildSessionAffinity = ({
  seconds,
}: SessionAffinity): Pick<Spec, "sessionAffinity" | "sessionAffinityConfig"> => ({
  sessionAffinity: "ClientIP",
  sessionAffinityConfig: { clientIP: { timeoutSeconds: seconds } },
});

/** What a Service says to others than Kubernetes. */
export const buildServiceAnnotations = (
  service: ServiceSettings = { type: "ClusterIP" },
): Record<string, string> =>
  service.type === "LoadBalancer"
    ? // Its address comes when the manager does, and nothing here is made of it.
      { ...ccmAnnotations(service.loadBalancer), "pulumi.com/skipAwait": "true" }
    : {};
