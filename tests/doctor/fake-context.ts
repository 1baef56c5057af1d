import { buildAuthorization } from "../../components/linkerd/authorization";
import { findController } from "../../components/ingress/controllers";
import { findAllowedFlows } from "../../components/network-policy/allowed-flows";
import {
  buildIngressPolicy,
  buildNetworkPolicy,
  podSelector,
  type GraphApp,
} from "../../components/network-policy/call-graph";
import type { Context } from "../../doctor/context";
import { findStackObjects } from "../../doctor/declared-objects";
import { anyObject } from "../../doctor/kinds";
import { findTarget } from "../../doctor/target";
import type { DeployedStack, StackResource } from "../../stack/read-stack";

export const namespace = "production";

export interface FakeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>> & {
    readonly name: string;
    readonly namespace?: string;
  };
  readonly [field: string]: unknown;
}

/** A CiliumNetworkPolicy, or without a namespace a CiliumClusterwideNetworkPolicy. */
export const policy = (
  name: string,
  where: string | undefined,
  spec: object,
  status?: object,
): FakeObject => ({
  apiVersion: "cilium.io/v2",
  kind: where === undefined ? "CiliumClusterwideNetworkPolicy" : "CiliumNetworkPolicy",
  metadata: { name, ...(where !== undefined && { namespace: where }) },
  spec,
  ...(status && { status }),
});

export const pod = (
  name: string,
  where: string,
  labels: Readonly<Record<string, string>>,
  { port = 8080, proxy = true, meshed = true, serviceAccount = labels.app ?? "default" } = {},
): FakeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name,
    namespace: where,
    labels,
    annotations: meshed ? { "linkerd.io/inject": "enabled" } : {},
  },
  spec: {
    serviceAccountName: serviceAccount,
    containers: [{ name: "app", ports: [{ name: "http", containerPort: port }] }],
    initContainers: proxy && meshed ? [{ name: "linkerd-proxy" }] : [],
  },
  status: { phase: "Running", podIP: "10.42.0.9" },
});

export const app = (name: string, more: Partial<GraphApp> = {}): GraphApp => ({
  ...{ name, port: 8080, meshed: true, routes: [], calls: [] },
  ...more,
});

const types: Readonly<Record<string, string>> = {
  "cilium.io/v2": "kubernetes:cilium.io/v2:CiliumNetworkPolicy",
};

const { podSelector: traefik } = findController("traefik").installation.identity;

/** What the program declares for these apps, as in the state of a stack. */
function buildStack(apps: readonly GraphApp[]): DeployedStack {
  const graph = { apps, namespace };
  const mesh = {
    namespace,
    trustDomain: "cluster.local",
    podCidrs: ["10.42.0.0/16"],
    ingress: { namespace: "traefik", name: "traefik" },
  };
  const resource = (
    type: string,
    name: string,
    parent: string,
    inputs: Readonly<Record<string, unknown>>,
  ) => ({
    ...{ urn: `urn:pulumi:prod::p::${type}::${name}`, type, id: name, parent, outputs: {} },
    inputs,
  });
  const resources = apps.flatMap((each): StackResource[] => {
    const owner = resource("platform:networking:AppService", each.name, "", {});
    const where = each.namespace ?? namespace;
    const own = (type: string, name: string, spec: object) =>
      resource(type, name, owner.urn, { metadata: { name, namespace: where }, spec });
    const spec = buildNetworkPolicy(each, graph);
    const ingressSpec = buildIngressPolicy(each, traefik);
    const { authentications = [], policies = [], servers = [] } = buildAuthorization(each, apps, mesh) ?? {};
    return [
      owner,
      ...(spec ? [own(types["cilium.io/v2"] ?? "", `${each.name}-policy`, spec)] : []),
      ...(ingressSpec ? [own(types["cilium.io/v2"] ?? "", `${each.name}-policy-traefik`, ingressSpec)] : []),
      ...authentications.map((auth) =>
        own(`kubernetes:policy.linkerd.io/v1alpha1:${auth.kind}`, auth.name, auth.spec),
      ),
      ...policies.map((auth) =>
        own("kubernetes:policy.linkerd.io/v1alpha1:AuthorizationPolicy", auth.name, auth.spec),
      ),
      ...servers.map((server) =>
        own("kubernetes:policy.linkerd.io/v1beta3:Server", server.name, server.spec),
      ),
    ];
  });
  const deny = policy("default-deny", namespace, { endpointSelector: {}, ingress: [{}], egress: [{}] });
  const issuer = { name: "linkerd-identity-issuer", namespace: "linkerd" };
  return {
    name: "prod",
    resources: [
      ...resources,
      resource(types["cilium.io/v2"] ?? "", "default-deny", "", { metadata: deny.metadata, spec: deny.spec }),
      resource("kubernetes:cert-manager.io/v1:Certificate", "issuer", "", {
        metadata: issuer,
        spec: {
          commonName: "identity.linkerd.cluster.local",
          secretName: "linkerd-identity-issuer",
          issuerRef: { kind: "ClusterIssuer", name: "linkerd-identity-issuer" },
        },
      }),
    ],
    outputs: {
      reachability: findAllowedFlows(apps, traefik),
      loadBalancer: { ipv4: "198.51.100.5", privateIpv4: "10.0.0.5" },
      routes: apps
        .filter(({ routes }) => routes.length > 0)
        .map(({ name }) => ({
          url: `https://${name}.example.com/`,
          pathType: "Prefix",
          app: name,
          proxied: true,
        })),
    },
  };
}

const controlPlanePod = (component: string) =>
  pod(`linkerd-${component}`, "linkerd", { "linkerd.io/control-plane-component": component });

/** The pods of healthy apps, of Traefik and of the control plane. */
const healthyPods = (apps: readonly GraphApp[]): FakeObject[] => [
  ...apps
    .filter(({ external }) => external === undefined)
    .map((each) =>
      pod(each.name, each.namespace ?? namespace, podSelector(each).matchLabels ?? { app: each.name }, each),
    ),
  pod("traefik", "traefik", { "app.kubernetes.io/name": "traefik" }, { port: 8000 }),
  controlPlanePod("identity"),
  controlPlanePod("destination"),
];

/**
 * A context of the apps' stack with a cluster that has what it declares.
 *
 * @param change Changes the objects of the cluster.
 * @param args The arguments of the command: a URL, or the called and the calling app. Default: the whole stack.
 */
export function fakeContext(
  apps: readonly GraphApp[],
  change: (objects: readonly FakeObject[]) => readonly FakeObject[] = (objects) => objects,
  ...[argument, from]: readonly string[]
): Context {
  const stack = buildStack(apps);
  const declared = findStackObjects(stack);
  const own = declared.map(
    ({ manifest, apiVersion, kind }) => ({ apiVersion, kind, ...manifest }) as FakeObject,
  );
  const objects = change([...own, ...healthyPods(apps)]);
  const list = (apiVersion: string, kind: string, where: string | undefined) =>
    objects.filter(
      (each) =>
        each.apiVersion === apiVersion &&
        each.kind === kind &&
        (where === undefined || each.metadata.namespace === where),
    );
  const unused = () => Promise.reject(new Error("the step must not read this"));
  return {
    stack,
    declared,
    target: findTarget(stack, argument, from),
    cluster: {
      list: (kind, where) =>
        Promise.resolve(list(kind.apiVersion, kind.kind, where).map((each) => kind.shape.parse(each))),
      find: (kind, name, where) =>
        Promise.resolve(
          list(kind.apiVersion, kind.kind, where)
            .filter(({ metadata }) => metadata.name === name)
            .map((each) => kind.shape.parse(each))[0],
        ),
      get: ({ apiVersion, kind, name, namespace: where }) =>
        Promise.resolve(
          list(apiVersion, kind, where)
            .filter(({ metadata }) => metadata.name === name)
            .map((each) => anyObject.parse(each))[0],
        ),
      findCauses: () => Promise.resolve([]),
    },
    readCluster: unused,
    cloudflare: unused,
    hetzner: unused,
    withCloudflareToken: () => unused,
    config: {},
    kubeconfig: "",
    tokens: {},
    missingReleases: [],
    zone: { name: "example.com", id: "0" },
    resolver: undefined,
    now: new Date(),
  };
}
