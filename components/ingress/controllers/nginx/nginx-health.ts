import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { networkPolicy } from "../../../custom-resources/cilium-resources";
import { tcpPorts } from "../../../network-policy/network-rules";
import { toCidrs } from "../../ingress-args";
import { nginxIdentity } from "./nginx-identity";

/** The port of its pods at which ingress-nginx tells its health, until it is told to end. It serves metrics too. */
export const healthPort = 10254;

export interface NginxHealthArgs {
  /** The namespace of ingress-nginx. */
  readonly namespace: pulumi.Input<string>;
  /** The port of every node that leads to {@link healthPort}. */
  readonly nodePort: number;
  /** The IPv4 addresses of the load balancer that asks. */
  readonly senders: pulumi.Input<readonly string[]>;
}

/** Who reaches the port from outside of the cluster: these ranges alone. Inside of it everything is as without. */
export const healthPolicy = (ranges: readonly string[]) => ({
  endpointSelector: { matchLabels: podLabels },
  enableDefaultDeny: { ingress: false, egress: false },
  // Where every namespace is closed, this opens.
  ingress: [{ fromCIDR: ranges, toPorts: tcpPorts(healthPort) }],
  ingressDeny: [{ fromCIDRSet: [{ cidr: "0.0.0.0/0", except: ranges }], toPorts: tcpPorts(healthPort) }],
  egress: [],
});

const podLabels = { "app.kubernetes.io/name": nginxIdentity.podSelector.app };

/**
 * A node port at which the load balancer asks ingress-nginx for its health, beside the chart's Service, which cannot have
 * one for it. Others outside of the cluster are kept from it before it opens: metrics are behind it too.
 *
 * @param name Unique in the stack.
 * @see https://docs.cilium.io/en/stable/security/policy/language/#deny-policies
 * @returns the Service.
 */
export function nginxHealth(
  name: string,
  { namespace, nodePort, senders }: NginxHealthArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const policy = networkPolicy(
    `${name}-policy`,
    { name, namespace },
    toCidrs(senders).apply(healthPolicy),
    opts,
  );
  return new kubernetes.core.v1.Service(
    name,
    {
      // The pods that it leads to come after it.
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
