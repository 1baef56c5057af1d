import { findController, reservedNodePorts } from "../../components/ingress/controllers";
import { nodePortsFor } from "../../components/ingress/ingress-installation";
import { errorIf, type ConfigError } from "../config-error";
import { rule, type Facts, type Rule } from "../rule";

/** Rules about node ports: each has one owner. */
export const nodePortRules: readonly Rule[] = [
  rule(["loadBalancer"], ({ loadBalancer }) => findTaken(ingressPorts(loadBalancer), reservedNodePorts)),
  rule(["loadBalancer", "apps"], ({ loadBalancer, apps }) => {
    const ingress = ingressPorts(loadBalancer).map(({ port }) => [port, "the ingress"] as const);
    return findTaken(appPorts(apps), new Map([...ingress, ...reservedNodePorts]));
  }),
  rule(["loadBalancer", "ingress"], findProxyProtocolErrors),
];

interface NodePort {
  readonly path: string;
  readonly port: number;
  readonly owner: string;
}

const ingressPorts = ({ nodePorts }: Facts["loadBalancer"]): NodePort[] =>
  Object.entries(nodePorts).map(([key, port]) => ({
    path: `loadBalancer.nodePorts.${key}`,
    port,
    owner: `loadBalancer.nodePorts.${key}`,
  }));

const appPorts = (apps: Facts["apps"]): NodePort[] =>
  Object.entries(apps).flatMap(([name, { service }]) =>
    service?.type === "NodePort" && service.nodePort !== undefined
      ? [{ path: `apps.${name}.service.nodePort`, port: service.nodePort, owner: `the app ${name}` }]
      : [],
  );

/** Ports that another has already. */
function findTaken(ports: readonly NodePort[], reservedPorts: ReadonlyMap<number, string>): ConfigError[] {
  const owners = new Map(reservedPorts);
  return ports.flatMap(({ path, port, owner: its }): ConfigError[] => {
    const owner = owners.get(port);
    owners.set(port, owner ?? its);
    return errorIf(owner !== undefined, path, `got ${port}, which ${owner} has already, want another`);
  });
}

/** Further services for node ports of the ingress, which expects the same protocol on every connection to a port. */
function findProxyProtocolErrors({
  loadBalancer,
  ingress,
}: Pick<Facts, "ingress" | "loadBalancer">): ConfigError[] {
  const { services, proxyProtocol: wanted } = loadBalancer;
  const { http, https } = nodePortsFor(findController(ingress.controller).installation, loadBalancer);
  return services.flatMap(({ destinationPort, proxyProtocol }, index): ConfigError[] => {
    if (![http, https].includes(destinationPort) || proxyProtocol === wanted) return [];
    const message =
      `got ${proxyProtocol} for ${destinationPort}, a port of the ingress, which expects ${wanted} by ` +
      `loadBalancer.proxyProtocol; want ${wanted}, or another destinationPort`;
    return [{ path: `loadBalancer.services.${index}.proxyProtocol`, message }];
  });
}
