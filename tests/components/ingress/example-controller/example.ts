import { middleware } from "../../../../components/custom-resources/traefik-resources";
import { usedFeatures, type IngressController } from "../../../../components/ingress/ingress-controller";
import { resourceNames } from "../../../../components/ingress/route-manifests";

/** An ingress controller that does not exist. Each of its names is unique, so that a test can find its uses. */
export const example: IngressController = {
  installation: {
    identity: {
      name: "example",
      chart: "ingress-nginx",
      ingressClassName: "example-class",
      podSelector: { namespace: "example-system", app: "example-app" },
      serviceAccountName: "example-account",
      targetPorts: { http: "plain", https: "tls" },
    },
    nodePorts: { fixed: { http: 31180, https: 31543 }, health: "https" },
    healthPath: "/example-health",
    containerPorts: [1080, 1443],
    webhookPorts: [1999],
    metricsPort: 1899,
    clusterRoles: ["example-role"],
    reads: "cluster",
    readsGatewayApi: "never",
    deprecation: "example is deprecated",
    chartValues: ({ maxRequestSeconds }) => ({ example: maxRequestSeconds }),
    drain: () => ({ acceptSeconds: 7, finishSeconds: 8, graceSeconds: 20 }),
  },
  routes: {
    unsupported: ({ maxBodySize, redirect }) =>
      usedFeatures([
        [maxBodySize !== undefined, "maxBodySize", "is not supported", "none"],
        [redirect !== undefined, "redirect", "is not supported", "none"],
      ]),
    unsupportedCanary: { problem: "is not supported", want: "meshed: true" },
    rateLimitIpv6Prefix: 128,
    render: ({ name, routes }) => ({
      routes: routes.map((route) => ({
        ...resourceNames(name, route.host),
        kind: "Ingress",
        route,
        supportingResources: [],
        annotations: ({ originLock }) => ({ "example/allow-list": originLock.allowList ?? "none" }),
      })),
    }),
    originLock: {
      clientCertificate: { problem: "is true, but not supported", want: "clientCertificate: false" },
      allowList: {
        namespace: "route",
        reference: (namespace, name) => `example ${namespace}/${name}`,
        create: (name, metadata, sourceRange, opts) =>
          middleware(name, metadata, { ipAllowList: { sourceRange } }, opts),
      },
    },
  },
};
