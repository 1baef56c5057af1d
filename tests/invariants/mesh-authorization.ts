import * as assert from "node:assert/strict";
import { BlockList, isIPv6 } from "node:net";

import type { AllowedFlow } from "../../components/network-policy/allowed-flows";
import type {
  AuthorizationPolicySpec,
  MeshTlsAuthenticationSpec,
  NetworkAuthenticationSpec,
  ServerSpec,
} from "../../components/custom-resources/linkerd-resources";
import type { Recorded } from "../harness";
import { id, readMetadata, readPath, filterByType, type Resources } from "./resources";
import { findOwner, type ExpectedApps, type ExpectedApp } from "./expected-apps";
import { selectsPod, listPods } from "./selectors";

export const readServerSpec = ({ inputs }: Recorded) => readPath(inputs, "spec") as ServerSpec;

const isIdentity = ({ type }: Recorded): boolean => type.endsWith(":MeshTLSAuthentication");

export const readIdentities = ({ inputs }: Recorded): readonly string[] =>
  (readPath(inputs, "spec") as MeshTlsAuthenticationSpec).identities;

export const readNetworks = ({ inputs }: Recorded) =>
  (readPath(inputs, "spec") as NetworkAuthenticationSpec).networks;

/** Finds the authentications that each AuthorizationPolicy of a Server requires. Fails if one is missing. */
export function findRequiredAuthentications(
  server: Recorded,
  resources: Resources,
): (readonly [Recorded, Recorded[]])[] {
  const { name, namespace } = readMetadata(server);
  return filterByType(resources, "AuthorizationPolicy").flatMap((policy) => {
    const spec = readPath(policy.inputs, "spec") as AuthorizationPolicySpec;
    if (spec.targetRef.name !== name || readMetadata(policy).namespace !== namespace) return [];
    const required = spec.requiredAuthenticationRefs.map((ref) => {
      const found = filterByType(resources, ref.kind).find((each) => {
        const its = readMetadata(each);
        return its.name === ref.name && its.namespace === namespace;
      });
      assert.ok(found, `${id(policy)} has no ${ref.kind} ${ref.name}`);
      return found;
    });
    return [[policy, required] as const];
  });
}

/** A client of a proxy. */
interface Client {
  /** The identity in its certificate. Undefined for an unmeshed client. */
  readonly identity?: string;
  readonly address: string;
}

function isWithin(address: string, cidr: string): boolean {
  const [network = "", prefix] = cidr.split("/");
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), isIPv6(network) ? "ipv6" : "ipv4");
  return list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

function isAuthenticated({ identity, address }: Client, by: Recorded): boolean {
  if (isIdentity(by))
    return readIdentities(by).some((each) => each === "*" || each === identity) && identity !== undefined;
  return readNetworks(by).some(
    ({ cidr, except = [] }) => isWithin(address, cidr) && !except.some((other) => isWithin(address, other)),
  );
}

/**
 * Whether Linkerd's proxy authorizes a client to a Server with `accessPolicy: deny`: by any AuthorizationPolicy whose
 * required authentications all hold.
 *
 * @see https://linkerd.io/2/reference/authorization-policy/
 */
const isAuthorized = (client: Client, server: Recorded, resources: Resources): boolean =>
  findRequiredAuthentications(server, resources).some(([, required]) =>
    required.every((each) => isAuthenticated(client, each)),
  );

/** Linkerd authorizes every flow of `reachability` to meshed pods that we deploy, at each of its ports. */
export function assertFlowsAuthorized(
  resources: Resources,
  expected: ExpectedApps,
  reachability: readonly AllowedFlow[],
): void {
  const findApp = (name: string) =>
    expected.apps.find(
      (app) => name === (app.namespace === expected.namespace ? app.name : `${app.namespace}/${app.name}`),
    );
  for (const { from, to, ports } of reachability) {
    const app = findApp(to);
    const owner = app && findOwner(app, expected.apps);
    if (owner?.kind !== "own" || !owner.meshed) continue;
    const pods = listPods(expected.apps).filter((pod) => pod.app === owner);
    for (const pod of pods)
      for (const port of ports) {
        const [server] = filterByType(resources, "Server").filter(
          (each) =>
            readServerSpec(each).port === port &&
            selectsPod(readServerSpec(each).podSelector, pod, readMetadata(each).namespace),
        );
        assert.ok(server, `${pod.id} has no Server for port ${port}, to which reachability allows ${from}`);
        for (const client of buildClients(from, findApp(from), expected))
          assert.ok(
            isAuthorized(client, server, resources),
            `Linkerd denies ${from} at ${to}:${port}, which reachability allows`,
          );
      }
  }
}

/** The possible clients of a flow: one for each range that its address may be in. */
function buildClients(
  from: string,
  app: ExpectedApp | undefined,
  { trustDomain, podCidrs }: ExpectedApps,
): Client[] {
  if (from === "outside") return [{ address: "192.0.2.1" }, { address: "2001:db8::1" }];
  // The ingress controllers have a ServiceAccount of the name of their pods.
  const [namespace = "", name = ""] = from.split("/");
  const account = app?.account ?? `${name}.${namespace}`;
  const identity = `${account}.serviceaccount.identity.linkerd.${trustDomain}`;
  return podCidrs.map((cidr) => ({
    address: cidr.split("/")[0] ?? "",
    ...(app?.meshed !== false && { identity }),
  }));
}
