import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { podLabels } from "../network-policy/call-graph";
import { ccmAnnotations, type CcmLoadBalancerSpec } from "../load-balancer/ccm-annotations";
import { appLabels } from "./deployment";
import { listPorts, type PortArgs, type Protocol } from "./app-ports";

/**
 * Session affinity by client IP: how long after its last connection a client still gets the same pod. Has no effect for
 * meshed callers: Linkerd load-balances per request (EWMA).
 */
export interface SessionAffinity {
  /** 1 to 86400. */
  readonly seconds: number;
}

/** The type of an app's Service. */
export type ServiceSettings =
  /** One address inside the cluster. */
  | { readonly type: "ClusterIP"; readonly affinity?: SessionAffinity | undefined }
  /** No address of its own: its name resolves to the addresses of all pods. */
  | { readonly type: "Headless" }
  | {
      readonly type: "NodePort";
      /** The node port of the Service's first port, 30000 to 32767. Default: Kubernetes chooses one. */
      readonly nodePort?: number | undefined;
      readonly affinity?: SessionAffinity | undefined;
    }
  /** Needs Hetzner's cloud controller manager: without it, no load balancer is ever created. */
  | {
      readonly type: "LoadBalancer";
      readonly loadBalancer: CcmLoadBalancerSpec;
      readonly affinity?: SessionAffinity | undefined;
    };

export interface ServiceArgs extends PortArgs {
  /** The Service's port for the container's first port. Further ports keep their numbers. Default: no Service. */
  readonly servicePort?: number | undefined;
  /** Default: `ClusterIP`. */
  readonly service?: ServiceSettings | undefined;
}

type Spec = kubernetes.types.input.core.v1.ServiceSpec;

/**
 * Values of the ports' `appProtocol`, so that callers need not detect the protocol.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol
 */
const appProtocols: Readonly<Partial<Record<Protocol, string>>> = {
  http: "http",
  grpc: "kubernetes.io/h2c",
  // Protocol detection waits for the client's first bytes, and would hang with a server-speaks-first protocol.
  tcp: "linkerd.io/opaque",
};

/** The arguments of an app with a Service. */
export type ServedArgs = ServiceArgs & { readonly port: number; readonly servicePort: number };

/** Whether the app has a Service: it has one if it listens on a port. */
export const isServed = <T extends ServiceArgs>(args: T): args is T & ServedArgs =>
  args.port !== undefined && args.servicePort !== undefined;

/** Builds the spec of the Service that selects the pods labelled `app`. */
export const buildServiceSpec = (app: string, args: ServedArgs): Spec => {
  const { service = { type: "ClusterIP" } } = args;
  return {
    ...(service.type === "Headless" ? { type: "ClusterIP", clusterIP: "None" } : { type: service.type }),
    selector: podLabels(app),
    ports: buildServicePorts(args, service),
    ...("affinity" in service && service.affinity && buildSessionAffinity(service.affinity)),
  };
};

/** Creates an ExternalName Service. It does not map ports, and clients send its own name as host name. */
export const createExternalNameService = (
  name: string,
  externalName: string,
  args: ServedArgs & { readonly namespace: pulumi.Input<string> },
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

function buildServicePorts(args: ServedArgs, service: ServiceSettings): Spec["ports"] {
  const nodePort = service.type === "NodePort" ? service.nodePort : undefined;
  return listPorts(args).map(({ name, number, protocol, transport }, index) => {
    // Linkerd forwards TLS without parsing it, as any appProtocol that it does not know.
    const appProtocol = index === 0 && args.tls ? "https" : protocol && appProtocols[protocol];
    return {
      name,
      port: index === 0 ? args.servicePort : number,
      targetPort: number,
      protocol: transport,
      ...(appProtocol !== undefined && { appProtocol }),
      ...(index === 0 && nodePort !== undefined && { nodePort }),
    };
  });
}

const buildSessionAffinity = ({
  seconds,
}: SessionAffinity): Pick<Spec, "sessionAffinity" | "sessionAffinityConfig"> => ({
  sessionAffinity: "ClientIP",
  sessionAffinityConfig: { clientIP: { timeoutSeconds: seconds } },
});

/** Builds a Service's annotations: for a LoadBalancer, those of Hetzner's cloud controller manager. */
export const buildServiceAnnotations = (
  service: ServiceSettings = { type: "ClusterIP" },
): Record<string, string> =>
  service.type === "LoadBalancer"
    ? // Do not wait for the address: the controller manager may be installed later, and nothing here needs it.
      { ...ccmAnnotations(service.loadBalancer), "pulumi.com/skipAwait": "true" }
    : {};
