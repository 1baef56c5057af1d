import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { podLabels } from "../network-policy/call-graph";
import { ccmAnnotations, type CcmLoadBalancerSpec } from "../load-balancer/ccm-annotations";
import { labelsOf } from "./deployment";
import type { PortArgs, Protocol } from "./app-ports";

/**
 * Sends the connections of one client to the same pod until it has been silent for so long. The mesh takes no notice: a
 * proxy has the requests of its pod answered by whichever pod is the fastest.
 */
export interface Affinity {
  /** 1 to 86400. */
  readonly seconds: number;
}

/** What kind of Service stands in front of an app's pods. */
export type ServiceKind =
  /** An address inside the cluster. */
  | { readonly type: "ClusterIP"; readonly affinity?: Affinity | undefined }
  /** No address: its name has the addresses of all pods. */
  | { readonly type: "Headless" }
  | {
      readonly type: "NodePort";
      /** The port of every node that leads to the Service's first, 30000 to 32767. Absence leaves it to Kubernetes. */
      readonly nodePort?: number | undefined;
      readonly affinity?: Affinity | undefined;
    }
  /** Hetzner's cloud controller manager must be there, or nothing ever answers at it. */
  | {
      readonly type: "LoadBalancer";
      readonly loadBalancer: CcmLoadBalancerSpec;
      readonly affinity?: Affinity | undefined;
    };

export interface ServiceArgs extends PortArgs {
  /** The port the Service offers for the container's first. Further ports it offers under their own numbers. */
  readonly servicePort: number;
  /** Default: `ClusterIP`. */
  readonly service?: ServiceKind | undefined;
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
export const serviceSpec = (app: string, args: ServiceArgs): Spec => {
  const { service = { type: "ClusterIP" } } = args;
  return {
    ...(service.type === "Headless" ? { type: "ClusterIP", clusterIP: "None" } : { type: service.type }),
    selector: podLabels(app),
    ports: portsOf(args, service),
    ...("affinity" in service && service.affinity && affinityOf(service.affinity)),
  };
};

/** A name inside the cluster for one outside. It maps no ports, and clients ask for it by its name inside. */
export const makeAlias = (
  name: string,
  externalName: string,
  args: ServiceArgs & { readonly namespace: pulumi.Input<string> },
  opts: pulumi.CustomResourceOptions,
): kubernetes.core.v1.Service =>
  new kubernetes.core.v1.Service(
    name,
    {
      metadata: { name, namespace: args.namespace, labels: labelsOf(name) },
      spec: { type: "ExternalName", externalName, ports: portsOf(args, { type: "ClusterIP" }) },
    },
    opts,
  );

function portsOf(
  { port, servicePort, protocol = "http", ports = {} }: ServiceArgs,
  service: ServiceKind,
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

const affinityOf = ({ seconds }: Affinity): Pick<Spec, "sessionAffinity" | "sessionAffinityConfig"> => ({
  sessionAffinity: "ClientIP",
  sessionAffinityConfig: { clientIP: { timeoutSeconds: seconds } },
});

/** What a Service says to others than Kubernetes. */
export const serviceAnnotations = (service: ServiceKind = { type: "ClusterIP" }): Record<string, string> =>
  service.type === "LoadBalancer"
    ? // Its address comes when the manager does, and nothing here is made of it.
      { ...ccmAnnotations(service.loadBalancer), "pulumi.com/skipAwait": "true" }
    : {};
