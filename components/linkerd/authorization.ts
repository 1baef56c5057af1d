import { callersOf, ownersOf, podsOf, portsOf, type GraphApp } from "../network-policy/call-graph";
import type {
  AuthenticationRef,
  AuthorizationPolicySpec,
  MeshTlsAuthenticationSpec,
  NetworkAuthenticationSpec,
  ServerSpec,
} from "../custom-resources/linkerd-resources";

/** A ServiceAccount, by which the mesh knows a pod. */
export interface Account {
  readonly namespace: string;
  readonly name: string;
}

/** What an app's callers are known by. */
export interface MeshAround {
  /** Where the apps are that do not say otherwise. */
  readonly namespace: string;
  /** The suffix of every identity. */
  readonly trustDomain: string;
  /** The ranges that pods have their addresses from. */
  readonly podCidrs: readonly string[];
  /** Those of every ingress controller there may be. */
  readonly ingress: readonly Account[];
}

type Shown =
  | { readonly kind: "MeshTLSAuthentication"; readonly spec: MeshTlsAuthenticationSpec }
  | { readonly kind: "NetworkAuthentication"; readonly spec: NetworkAuthenticationSpec };

type Proof = { readonly name: string } & Shown;

/** Who may come in to an app, as objects of the mesh. */
export interface Authorization {
  /** What each kind of caller shows. */
  readonly proofs: readonly Proof[];
  /** Which of them opens which Server. */
  readonly policies: readonly { readonly name: string; readonly spec: AuthorizationPolicySpec }[];
  /** One for each port: closed but for the policies. */
  readonly servers: readonly { readonly name: string; readonly spec: ServerSpec }[];
}

/** Ports on which the proxy of today's Linkerd looks for no protocol, since on most of them the server speaks first. */
const serverFirst: readonly number[] = [25, 587, 3306, 4444, 5432, 6379, 9300, 11211];

/** Gives each app its authorization: see {@link authorizationOf}. */
export const withAuthorization = <App extends GraphApp>(
  apps: readonly App[],
  around: MeshAround,
): (App & { readonly authorization: Authorization | undefined })[] =>
  apps.map((app) => ({ ...app, authorization: authorizationOf(app, apps, around) }));

/**
 * Who may come in to an app, as the mesh sees it. Meshed callers and the ingress controllers show their identity, each
 * with a certificate of its own. An unmeshed caller has none, so that for its sake every pod is let in that the network
 * lets through, and who those are is Cilium's to say. An app that nobody calls is closed.
 *
 * Probes pass by themselves, as long as no HTTPRoute is attached to a Server; ours are attached to Services.
 *
 * @param apps All of them, this one among them.
 * @returns Nothing for an app without the mesh, or whose pods are another team's to close.
 * @see https://linkerd.io/2/reference/authorization-policy/
 */
export function authorizationOf(
  app: GraphApp,
  apps: readonly GraphApp[],
  around: MeshAround,
): Authorization | undefined {
  const { name, meshed, existing = false, external } = app;
  if (!meshed || existing || external !== undefined) return undefined;
  const over = apps.filter((each) => ownersOf(each, apps, around.namespace).includes(app));
  const ports = [...new Set([app, ...over].flatMap(portsOf))];
  const admitted = [
    ...admittedTo(app, app, apps, around),
    ...over.flatMap((each) => admittedTo(app, each, apps, around)),
  ];
  return {
    proofs: admitted.map(({ proof }) => proof),
    policies: admitted.flatMap(({ role, proof, ports: its }) =>
      its.map((port) => ({
        name: `${serverOf(name, port)}${role}`,
        spec: {
          targetRef: { group: "policy.linkerd.io", kind: "Server", name: serverOf(name, port) } as const,
          requiredAuthenticationRefs: [refOf(proof)],
        },
      })),
    ),
    servers: ports.map((port) => ({
      name: serverOf(name, port),
      spec: {
        podSelector: podsOf(app),
        port,
        proxyProtocol: protocolOf(app, port),
        accessPolicy: "deny",
      },
    })),
  };
}

/** By number, so that an app that moves to another port has the new one closed before the old one is gone. */
const serverOf = (app: string, port: number): string => `${app}-${port}`;

const refOf = ({ kind, name }: Proof): AuthenticationRef => ({ group: "policy.linkerd.io", kind, name });

function protocolOf({ port: main, protocol = "http" }: GraphApp, port: number): ServerSpec["proxyProtocol"] {
  if (port !== main) return serverFirst.includes(port) ? "opaque" : "unknown";
  // Of a port said to be gRPC alone, the proxy would refuse a probe by HTTP.
  return ({ http: "HTTP/1", grpc: "unknown", tcp: "opaque" } as const)[protocol];
}

/** A kind of caller, and the ports that it comes in by. */
interface Admitted {
  /** The end of the names of its objects. */
  readonly role: string;
  readonly ports: readonly number[];
  readonly proof: Proof;
}

/**
 * @param owner The own app whose objects these are.
 * @param app The same, or an existing app over its pods, whose name is then in those of the objects, after a dot.
 */
function admittedTo(
  owner: GraphApp,
  app: GraphApp,
  apps: readonly GraphApp[],
  around: MeshAround,
): Admitted[] {
  const { port, routes, exposed = false } = app;
  const suffix = owner === app ? "-" : `.${app.name}-`;
  const callers = callersOf(app, apps);
  const { namespace, trustDomain, podCidrs, ingress } = around;
  const every = portsOf(app);
  const [meshed, unmeshed] = [callers.filter((each) => each.meshed), callers.filter((each) => !each.meshed)];
  const show = (role: string, ports: readonly number[], shown: Shown) => [
    { role: `${suffix}${role}`, ports, proof: { name: `${owner.name}${suffix}${role}`, ...shown } },
  ];
  const identities = (accounts: readonly Account[]): Shown => ({
    kind: "MeshTLSAuthentication",
    spec: { identities: accounts.map((each) => identityOf(each, trustDomain)) },
  });
  return [
    ...(meshed.length > 0
      ? show("callers", every, identities(meshed.flatMap((each) => accountsOf(each, apps, namespace))))
      : []),
    ...(routes.length > 0 ? show("ingress", [port], identities(ingress)) : []),
    ...(unmeshed.length > 0 ? show("unmeshed", every, networks(podCidrs)) : []),
    ...(exposed ? show("outside", every, networks(["0.0.0.0/0", "::/0"])) : []),
  ];
}

const networks = (cidrs: readonly string[]): Shown => ({
  kind: "NetworkAuthentication",
  spec: { networks: cidrs.map((cidr) => ({ cidr })) },
});

/** An existing app over the pods of own apps has their accounts. */
function accountsOf(app: GraphApp, apps: readonly GraphApp[], namespace: string): Account[] {
  const owners = ownersOf(app, apps, namespace).map(({ name }) => ({ namespace, name }));
  if (owners.length > 0) return owners;
  const name = app.existing === true ? (app.serviceAccount ?? "default") : app.name;
  return [{ namespace: app.namespace ?? namespace, name }];
}

/** How the mesh knows the pods of one's own Prometheus; see MeshScrapes. */
export const scraperIdentity = (
  scraper: GraphApp,
  apps: readonly GraphApp[],
  { namespace, trustDomain, podCidrs }: Omit<MeshAround, "ingress">,
) =>
  scraper.meshed
    ? { identities: accountsOf(scraper, apps, namespace).map((each) => identityOf(each, trustDomain)) }
    : { podCidrs };

const identityOf = ({ name, namespace }: Account, trustDomain: string): string =>
  `${name}.${namespace}.serviceaccount.identity.linkerd.${trustDomain}`;
