import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { networkPolicy } from "../../../custom-resources/cilium-resources";
import { tcpPorts } from "../../../network-policy/network-rules";
import { toCidrs } from "../../ingress-args";
import { nginxIdentity } from "./nginx-identity";

/** The container port with ingress-nginx's `/healthz`, which returns 200 until SIGTERM. It also serves metrics. */
export const healthPort = 10254;

export interface NginxHealthArgs {
  /** The namespace of ingress-nginx. */
  readonly namespace: pulumi.Input<string>;
  /** The node port of {@link healthPort}. */
  readonly nodePort: number;
  /** The IPv4 addresses from which the load balancer sends health checks. */
  readonly senders: pulumi.Input<readonly string[]>;
}

/** The network policy that admits only these ranges to the port from outside the cluster. It changes nothing inside it. */
export const buildHealthPolicy = (ranges: readonly string[]) => ({
  endpointSelector: { matchLabels: podLabels },
  enableDefaultDeny: { ingress: false, egress: false },
  // Needed if a default-deny policy covers every namespace.
  ingress: [{ fromCIDR: ranges, toPorts: tcpPorts(healthPort) }],
  ingressDeny: [{ fromCIDRSet: [{ cidr: "0.0.0.0/0", except: ranges }], toPorts: tcpPorts(healthPort) }],
  egress: [],
});

const podLabels = { "app.kubernetes.io/name": nginxIdentity.podSelector.app };

/**
 * Creates the node port for the load balancer's health check of ingress-nginx. It is a separate Service, since the
 * chart's cannot have a port for it. The network policy is created first, since the port also serves metrics, which must
 * not be public.
 *
 * @param name Unique in the stack.
 * @see https://docs.cilium.io/en/stable/security/policy/language/#deny-policies
 * @returns The Service.
 */
export function createHealthNodePort(
  name: string,
  { namespace, nodePort, senders }: NginxHealthArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const policy = networkPolicy(
    `${name}-policy`,
    { name, namespace },
    toCidrs(senders).apply(buildHealthPolicy),
    opts,
  );
  return new kubernetes.core.v1.Service(
    name,
    {
      // Its pods are created after it.
      metadata: { name, namespace, annotations: { "pulumi.com/skipAwait": "true" } },
      spec: {
        type: "NodePort",
        // A node without ingress-nginx fails the check.
        externalTrafficPolicy: "Local",
        selector: podLabels,
        ports: [{ name: "health", port: healthPort, targetPort: healthPort, nodePort }],
      },
    },
    { ...opts, dependsOn: policy },
  );
}
