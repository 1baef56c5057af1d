import { ingressServiceAccounts } from "../components/ingress/controllers";
import { upCommand } from "./check-declared";
import type { Context } from "./context";
import type { Finding } from "./finding";
import {
  findController,
  findFlows,
  findPods,
  identifyPod,
  listRestored,
  toAppName,
  type Flow,
  type Pod,
} from "./flows";
import { kinds, type ObjectOf } from "./kinds";
import { describeObject } from "./live-cluster";
import { isInRange, matchesSelector } from "./policy-verdict";

type Server = ObjectOf<typeof kinds.server>;

/** Linkerd's objects that authorize clients. */
interface Objects {
  readonly servers: readonly Server[];
  readonly policies: readonly ObjectOf<typeof kinds.authorizationPolicy>[];
  readonly meshTls: readonly ObjectOf<typeof kinds.meshTlsAuthentication>[];
  readonly networks: readonly ObjectOf<typeof kinds.networkAuthentication>[];
}

/** A pod that connects. */
interface Client {
  readonly address: string;
  /** Of its certificate. Undefined for one without a proxy. */
  readonly identity?: string | undefined;
  readonly serviceAccount: string;
  readonly namespace: string;
}

/**
 * Checks that each Server of a called port authorizes the callers' identities. A Server that does not only because
 * declared objects are missing or changed has no finding here: those have findings of their own.
 */
export async function checkAuthorization(
  context: Pick<Context, "cluster" | "stack" | "declared" | "target">,
  trustDomain: string,
): Promise<{ readonly count: number; readonly findings: readonly Finding[] }> {
  const { stack, target } = context;
  const [servers, policies, meshTls, networks] = await Promise.all([
    listRestored(context, kinds.server),
    listRestored(context, kinds.authorizationPolicy),
    listRestored(context, kinds.meshTlsAuthentication),
    listRestored(context, kinds.networkAuthentication),
  ]);
  const read = (which: "live" | "restored"): Objects => ({
    servers: servers[which],
    policies: policies[which],
    meshTls: meshTls[which],
    networks: networks[which],
  });
  const [live, restored] = [read("live"), read("restored")];
  const flows = findFlows(stack, target).filter(({ protocol }) => protocol === "TCP");
  const findFix = (server: Server, { serviceAccount }: Client, { from }: Flow): string => {
    const { name, namespace } = server.metadata;
    const caller = toAppName(from);
    if (!servers.isDeclared(name, namespace))
      return `kubectl delete server.policy.linkerd.io -n ${namespace} ${name}`;
    if (
      findController(from) ||
      context.declared.some(({ app, kind }) => app === caller && kind === "Deployment")
    )
      return upCommand(stack.name);
    return `pulumi config set --path 'apps["${caller}"].serviceAccount' ${serviceAccount} --stack ${stack.name} && pulumi up --stack ${stack.name}`;
  };
  const refusals = await Promise.all(
    flows.map(async (flow) => {
      const [callers, callees] = await Promise.all([
        findPods(context, flow.from),
        findPods(context, flow.to),
      ]);
      const clients = callers.map((pod) => toClient(pod, flow, trustDomain));
      const findRefusing = (objects: Objects, client: Client) =>
        findServers(objects, callees, flow).filter((each) => !isAuthorized(objects, each, client));
      return clients.flatMap((client) => {
        const still = findRefusing(restored, client).map(({ metadata }) => metadata.name);
        return findRefusing(live, client)
          .filter(({ metadata }) => still.includes(metadata.name))
          .map((server) => ({ server, client, flow, fix: findFix(server, client, flow) }));
      });
    }),
  );
  const all = refusals.flat();
  const keyOf = ({ server, fix }: (typeof all)[number]) => describeObject("Server", server) + fix;
  // One finding for each Server and fix, however many callers it refuses.
  const findings = [...new Map(all.map((refusal) => [keyOf(refusal), refusal])).values()].map(
    (refusal): Finding => {
      const same = all.filter((each) => keyOf(each) === keyOf(refusal));
      return {
        code: "mesh/unauthorized",
        object: describeObject("Server", refusal.server),
        problem: `does not authorize ${[...new Set(same.map(describeClient))].join(", nor ")}: the proxies of ${refusal.flow.to} refuse their requests (403)`,
        fix: refusal.fix,
      };
    },
  );
  return { count: flows.length, findings };
}

const describeClient = ({ client, flow }: { readonly client: Client; readonly flow: Flow }): string =>
  `${client.identity ?? `${client.address}, which has no proxy`} (${flow.from})`;

function toClient({ metadata, spec, status }: Pod, { from, meshed }: Flow, trustDomain: string): Client {
  const { namespace = "" } = metadata;
  const controller =
    findController(from) && ingressServiceAccounts.find((each) => each.namespace === namespace);
  // A controller's account is compared as part of its release.
  const serviceAccount = controller?.name ?? spec.serviceAccountName;
  return {
    ...{ serviceAccount, namespace, address: status.podIP },
    identity: meshed
      ? `${serviceAccount}.${namespace}.serviceaccount.identity.linkerd.${trustDomain}`
      : undefined,
  };
}

/** The Servers of the called ports. A port without one has the default inbound policy. */
const findServers = ({ servers }: Objects, callees: readonly Pod[], { ports }: Flow): readonly Server[] =>
  servers.filter(({ metadata, spec }) =>
    callees.some((pod) => {
      const { labels, ports: named = {} } = identifyPod(pod);
      const number = typeof spec.port === "number" ? spec.port : named[spec.port];
      return (
        metadata.namespace === pod.metadata.namespace &&
        spec.podSelector !== undefined &&
        matchesSelector(spec.podSelector, labels) &&
        number !== undefined &&
        ports.includes(number)
      );
    }),
  );

/** Whether a Server authorizes a client. @see https://linkerd.io/2/reference/authorization-policy/ */
function isAuthorized({ policies, meshTls, networks }: Objects, server: Server, client: Client): boolean {
  if (server.spec.accessPolicy !== "deny") return true;
  const { name, namespace } = server.metadata;
  const own = policies.filter(
    ({ metadata, spec: { targetRef } }) =>
      metadata.namespace === namespace &&
      ((targetRef.kind === "Server" && targetRef.name === name) || targetRef.kind === "Namespace"),
  );
  return own.some(({ spec }) =>
    spec.requiredAuthenticationRefs.every(({ kind, name: wanted, namespace: where = namespace }) => {
      const isWanted = ({ metadata }: { readonly metadata: Server["metadata"] }) =>
        metadata.name === wanted && metadata.namespace === where;
      if (kind === "NetworkAuthentication")
        return networks
          .filter(isWanted)
          .flatMap((each) => each.spec.networks)
          .some(
            ({ cidr, except }) =>
              isInRange(client.address, cidr) && !except.some((each) => isInRange(client.address, each)),
          );
      if (client.identity === undefined) return false;
      const refersTo = (reference: { kind: string; name: string; namespace?: string | undefined }) =>
        reference.kind === "Namespace"
          ? reference.name === client.namespace
          : reference.name === client.serviceAccount &&
            (reference.namespace ?? namespace) === client.namespace;
      if (kind === "ServiceAccount") return refersTo({ kind, name: wanted, namespace: where });
      return meshTls
        .filter(isWanted)
        .some(
          ({ spec: { identities, identityRefs } }) =>
            identities.some((each) => matchesIdentity(each, client.identity ?? "")) ||
            identityRefs.some(refersTo),
        );
    }),
  );
}

/** Whether an identity matches one of an authentication: `*`, `*.<suffix>` or the whole. */
const matchesIdentity = (wanted: string, identity: string): boolean =>
  wanted === identity || wanted === "*" || (wanted.startsWith("*.") && identity.endsWith(wanted.slice(1)));
