import { casesOf, type MutationCase, annotation, remove, setInput, spec } from "./mutation";

const balancer = (key: string, value: unknown) => annotation(`load-balancer.hetzner.cloud/${key}`, value);

/** Mutations of a load balancer by the cloud controller manager. */
export const mutationsCcm: readonly MutationCase[] = [
  ...casesOf("Service", "load-balancer", [
    [remove, /listeners have other destination ports|listens on no node ports|routes publish/],
    [balancer("uses-proxyprotocol", "false"), /PROXY protocol of .* load-balancer/],
    [balancer("private-ipv4", "10.0.0.9"), /private address of .* load-balancer/],
    [setInput(["metadata", "name"], "other"), /routes publish /],
  ]),
  ["Service", "web-frontend", spec("type", "LoadBalancer"), /has LoadBalancer web-frontend/],
];
