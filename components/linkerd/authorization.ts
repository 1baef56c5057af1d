import { listPorts, type PortArgs } from "../app/app-ports";
import {
  appPorts,
  findCallers,
  findPodOwners,
  podSelector,
  routedPorts,
  webhookPorts,
  type GraphApp,
} from "../network-policy/call-graph";
import type {
  AuthenticationRef,
  AuthorizationPolicySpec,
  MeshTlsAuthenticationSpec,
  NetworkAuthenticationSpec,
  ServerSpec,
} from "../custom-resources/linkerd-resources";

/** A ServiceAccount, on which a pod's mesh identity is based. */
export interface ServiceAccountRef {
  readonly namespace: string;
  readonly name: string;
}

/** The parts of the mesh and the cluster by which callers are authenticated. */
export interface MeshContext {
  /** The namespace of apps without a namespace of their own. */
  readonly namespace: string;
  /** The suffix of every identity. */
  readonly trustDomain: string;
  /** The address ranges of pods. */
  readonly podCidrs: readonly string[];
  /** The ServiceAccount of the ingress controller that routes. */
  readonly ingress: ServiceAccountRef;
}

type AuthenticationSpec =
  | { readonly kind: "MeshTLSAuthentication"; readonly spec: MeshTlsAuthenticationSpec }
  | { readonly kind: "NetworkAuthentication"; readonly spec: NetworkAuthenticationSpec };

type Authentication = { readonly name: string } & AuthenticationSpec;

/** Linkerd's resources that authorize an app's callers. */
export interface Authorization {
  /** One for each kind of caller. */
  readonly authentications: readonly Authentication[];
  /** Which authentication gives access to which Server. */
  readonly policies: readonly { readonly name: string; readonly spec: AuthorizationPolicySpec }[];
  /** One for each port. Only the policies give access. */
  readonly servers: readonly { readonly name: string; readonly spec: ServerSpec }[];
}

/** Linkerd's default opaque ports (server-speaks-first protocols). */
const defaultOpaquePorts: readonly number[] = [25, 587, 3306, 4444, 5432, 6379, 9300, 11211];

/**
 * Builds an app's authorization. Meshed callers and the ingress controller authenticate by mutual TLS. If any declared
 * caller is unmeshed, all pod CIDRs are authorized here and Cilium alone enforces the call graph. An app without
 * callers denies everyone.
 *
 * Probes are always authorized as long as no HTTPRoute is attached to a Server; ours are attached to Services.
 *
 * @param apps All apps, this one included.
 * @returns Undefined for an unmeshed app, or one whose pods are managed elsewhere.
 * @see https://linkerd.io/2/reference/authorization-policy/
 */
export function buildAuthorization(
  app: GraphApp,
  apps: readonly GraphApp[],
  context: MeshContext,
): Authorization | undefined {
  const { name, meshed, existing = false, external } = app;
  if (!meshed || existing || external !== undefined) return undefined;
  const sharing = apps.filter((each) => findPodOwners(each, apps, context.namespace).includes(app));
  const ports = [...new Set([app, ...sharing].flatMap((each) => appPorts(each)))];
  const clients = [app, ...sharing].flatMap((each) => findAllowedClients(app, each, apps, context));
  return {
    authentications: clients.map(({ authentication }) => authentication),
    policies: clients.flatMap(({ suffix, authentication, ports: allowed }) =>
      allowed.map((port) => ({
        name: `${serverName(name, port)}${suffix}`,
        spec: {
          targetRef: { group: "policy.linkerd.io", kind: "Server", name: serverName(name, port) } as const,
          requiredAuthenticationRefs: [toAuthenticationRef(authentication)],
        },
      })),
    ),
    servers: ports.map((port) => ({
      name: serverName(name, port),
      spec: {
        podSelector: podSelector(app),
        port,
        proxyProtocol: findProxyProtocol([app, ...sharing.map(({ ports: its }) => ({ ports: its }))], port),
        accessPolicy: "deny",
      },
    })),
  };
}

/** The name of a port's Server. By number, so that on a change of port the new Server exists before the old one goes. */
const serverName = (app: string, port: number): string => `${app}-${port}`;

const toAuthenticationRef = ({ kind, name }: Authentication): AuthenticationRef => ({
  group: "policy.linkerd.io",
  kind,
  name,
});

/** @param apps The app, and the further ports of existing apps over its pods. */
function findProxyProtocol(apps: readonly PortArgs[], port: number): ServerSpec["proxyProtocol"] {
  const { protocol } =
    apps
      .flatMap(listPorts)
      .find((each) => each.number === port && each.transport === "TCP" && each.protocol !== undefined) ?? {};
  if (protocol === "tcp" || apps.some(({ port: first, tls }) => tls && first === port)) return "opaque";
  if (protocol === "http") return "HTTP/1";
  // With `gRPC` the proxy would refuse HTTP/1 probes.
  return protocol === undefined && defaultOpaquePorts.includes(port) ? "opaque" : "unknown";
}

/** A kind of caller, and the ports it may connect to. */
interface AllowedClients {
  /** The suffix of the names of its objects. */
  readonly suffix: string;
  readonly ports: readonly number[];
  readonly authentication: Authentication;
}

/**
 * @param owner The app whose pods these are.
 * @param app The same, or an existing app that selects these pods too; the objects' names then contain its name, after
 *   a dot.
 */
function findAllowedClients(
  owner: GraphApp,
  app: GraphApp,
  apps: readonly GraphApp[],
  { namespace, trustDomain, podCidrs, ingress }: MeshContext,
): AllowedClients[] {
  const ports = appPorts(app);
  const callers = findCallers(app, apps);
  const meshed = callers.filter((each) => each.meshed);
  const identities = (accounts: readonly ServiceAccountRef[]): AuthenticationSpec => ({
    kind: "MeshTLSAuthentication",
    spec: { identities: accounts.map((each) => toMeshIdentity(each, trustDomain)) },
  });
  const networks = (cidrs: readonly string[]): AuthenticationSpec => ({
    kind: "NetworkAuthentication",
    spec: { networks: cidrs.map((cidr) => ({ cidr })) },
  });
  const clients = (role: string, allowed: readonly number[], spec: AuthenticationSpec): AllowedClients[] => {
    // Ports of UDP are not the mesh's.
    if (allowed.length === 0) return [];
    const suffix = owner === app ? `-${role}` : `.${app.name}-${role}`;
    return [{ suffix, ports: allowed, authentication: { name: `${owner.name}${suffix}`, ...spec } }];
  };
  return [
    ...(meshed.length > 0
      ? clients(
          "callers",
          ports,
          identities(meshed.flatMap((each) => findServiceAccounts(each, apps, namespace))),
        )
      : []),
    // Named after the controller: on a change of controller, the objects of the old one are deleted last, with its routes.
    ...(routedPorts(app).length > 0
      ? clients(`ingress-${ingress.namespace}`, routedPorts(app), identities([ingress]))
      : []),
    ...(callers.length > meshed.length ? clients("unmeshed", ports, networks(podCidrs)) : []),
    // The API server is in no mesh, and its address is a node's: Cilium tells it from others.
    ...(webhookPorts(app).length > 0
      ? clients("webhooks", webhookPorts(app), networks(["0.0.0.0/0", "::/0"]))
      : []),
    ...(app.exposed === true ? clients("outside", ports, networks(["0.0.0.0/0", "::/0"])) : []),
  ];
}

/** Finds the ServiceAccounts of an app's pods: for an existing app over pods that we deploy, those of their apps. */
function findServiceAccounts(
  app: GraphApp,
  apps: readonly GraphApp[],
  namespace: string,
): ServiceAccountRef[] {
  const owners = findPodOwners(app, apps, namespace).map(({ name }) => ({ namespace, name }));
  if (owners.length > 0) return owners;
  const name = app.existing === true ? (app.serviceAccount ?? "default") : app.name;
  return [{ namespace: app.namespace ?? namespace, name }];
}

/** Finds the identities of your own Prometheus; of one without a proxy, the address ranges of pods. */
export const findScraperIdentity = (
  scraper: GraphApp,
  apps: readonly GraphApp[],
  { namespace, trustDomain, podCidrs }: Omit<MeshContext, "ingress">,
) =>
  scraper.meshed
    ? {
        identities: findServiceAccounts(scraper, apps, namespace).map((each) =>
          toMeshIdentity(each, trustDomain),
        ),
      }
    : { podCidrs };

const toMeshIdentity = ({ name, namespace }: ServiceAccountRef, trustDomain: string): string =>
  `${name}.${namespace}.serviceaccount.identity.linkerd.${trustDomain}`;
