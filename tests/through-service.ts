import { changed, type StackConfig } from "./config";

/** The addresses that the cloud controller manager writes to the status of a Service. */
const serviceAddresses = { ipv4: "198.51.100.77", ipv6: "2001:db8:77::1" } as const;

/** The Service with its status, for the mocks. */
export const serviceStatus = {
  "kubernetes:core/v1:Service": {
    status: { loadBalancer: { ingress: Object.values(serviceAddresses).map((ip) => ({ ip })) } },
  },
} as const;

/** The same stack with managedBy: ccm. */
export const throughService = (config: StackConfig): StackConfig =>
  changed(config, {
    "loadBalancer.managedBy": "ccm",
    "loadBalancer.networkId": undefined,
    "loadBalancer.labelSelector": undefined,
    "loadBalancer.privateIp": "10.0.0.2",
  });

/** An existing load balancer with the name of such a stack. */
export const existingLoadBalancer = {
  id: 4711,
  name: "k3s-lb",
  ipv4: "203.0.113.7",
  ipv6: "2001:db8::7",
  labels: {},
  location: "fsn1",
  networkZone: "eu-central",
  deleteProtection: false,
} as const;
