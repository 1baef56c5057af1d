import * as pulumi from "@pulumi/pulumi";

type Values = Readonly<Record<string, unknown>>;

/** The settings for values that the program sets, by the beginning of their path. */
const settings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cilium: {
    encryption: "cilium.encryption",
    ipam: "cilium.ipam",
    cluster: "cilium.clusterMesh",
    k8sServiceHost: "cluster.apiServer",
    k8sServicePort: "cluster.apiServer",
    nodePort: "cilium.nodePortAddresses",
    upgradeCompatibility: "cilium.upgradeCompatibility",
  },
  "linkerd-control-plane": {
    cniEnabled: "mesh.cni",
    identityTrustDomain: "mesh.trustDomain",
    "proxy.inbound.server.http2": "ingress.maxHeaderSize",
    "proxy.outbound.server.http2": "ingress.maxHeaderSize",
    "proxy.defaultInboundPolicy": "mesh.defaultInboundPolicy",
  },
  "linkerd-viz": { prometheusUrl: "mesh.prometheus" },
  traefik: {
    "image.tag": "ingress.traefikVersion",
    autoscaling: "ingress.replicas",
    resources: "ingress.resources",
    ports: "loadBalancer.nodePorts, ingress.keepAliveSeconds or ingress.maxRequestSeconds",
    "providers.kubernetesIngress.namespaces": "ingress.namespaces",
    "providers.kubernetesCRD.namespaces": "ingress.namespaces",
  },
  "ingress-nginx": {
    "controller.autoscaling": "ingress.replicas",
    "controller.resources": "ingress.resources",
    "controller.config.large-client-header-buffers": "ingress.maxHeaderSize",
    "controller.config.proxy-buffer-size": "ingress.maxHeaderSize",
    "controller.config.grpc-buffer-size-kb": "ingress.maxHeaderSize",
    "controller.service": "loadBalancer.nodePorts",
  },
  "external-dns": {
    domainFilters: "externalDns.domains",
    policy: "externalDns.policy",
    txtOwnerId: "externalDns.ownerId",
  },
};

const isValues = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !pulumi.Output.isInstance(value);

/** The paths of given values that the program sets itself, or of which it sets a part or the whole. */
function findOwned(own: unknown, given: unknown, path: string): string[] {
  if (own === undefined) return [];
  if (!isValues(own) || !isValues(given)) return [path];
  return Object.entries(given).flatMap(([key, value]) =>
    findOwned(own[key], value, path === "" ? key : `${path}.${key}`),
  );
}

const describe = (chart: string, path: string): string => {
  const [, setting] =
    Object.entries(settings[chart] ?? {}).find(([start]) => path === start || path.startsWith(`${start}.`)) ??
    [];
  return `  chartValues.${chart}.${path}: is set by the program, want ${setting ?? "another value"}`;
};

const merge = (own: Values, given: Values): Record<string, unknown> =>
  Object.fromEntries(
    [...new Set([...Object.keys(own), ...Object.keys(given)])].map((key) => {
      const [mine, theirs] = [own[key], given[key]];
      return [key, isValues(mine) && isValues(theirs) ? merge(mine, theirs) : (theirs ?? mine)];
    }),
  );

/**
 * Adds values of the user's to those of the program.
 *
 * @throws {pulumi.RunError} The program sets some of them itself: all of these, each with its setting.
 */
export function mergeChartValues(
  chart: string,
  own: Values = {},
  given: Values = {},
): Record<string, unknown> {
  const owned = findOwned(own, given, "");
  if (owned.length > 0)
    throw new pulumi.RunError(
      `Values of the chart ${chart} are wrong:\n${owned.map((path) => describe(chart, path)).join("\n")}`,
    );
  return merge(own, given);
}
