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
import { id, metadataOf, ofType, type Resources } from "./resources";
import type { Said, SaidApp } from "./said";
import { finds, ownerOf, podsOf } from "./selectors";

export const serverSpec = ({ inputs }: Recorded) => inputs.spec as unknown as ServerSpec;

const isIdentity = ({ type }: Recorded): boolean => type.endsWith(":MeshTLSAuthentication");

export const identitiesIn = ({ inputs }: Recorded): readonly string[] =>
  (inputs.spec as unknown as MeshTlsAuthenticationSpec).identities;

export const networksIn = ({ inputs }: Recorded) =>
  (inputs.spec as unknown as NetworkAuthenticationSpec).networks;

/** The authentications that each AuthorizationPolicy of a Server requires. Fails where one is not there. */
export function requiredBy(server: Recorded, resources: Resources): (readonly [Recorded, Recorded[]])[] {
  const { name, namespace } = metadataOf(server);
  return ofType(resources, "AuthorizationPolicy").flatMap((policy) => {
    const spec = policy.inputs.spec as unknown as AuthorizationPolicySpec;
    if (spec.targetRef.name !== name || metadataOf(policy).namespace !== namespace) return [];
    const required = spec.requiredAuthenticationRefs.map((ref) => {
      const found = ofType(resources, ref.kind).find((each) => {
        const its = metadataOf(each);
        return its.name === ref.name && its.namespace === namespace;
      });
      assert.ok(found, `${id(policy)} has no ${ref.kind} ${ref.name}`);
      return found;
    });
    return [[policy, required] as const];
  });
}

/** A client, as a proxy sees it. */
interface Client {
  /** Of its certificate. Absence means that it has none. */
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
    return identitiesIn(by).some((each) => each === "*" || each === identity) && identity !== undefined;
  return networksIn(by).some(
    ({ cidr, except = [] }) => isWithin(address, cidr) && !except.some((other) => isWithin(address, other)),
  );
}

/**
 * Whether Linkerd's proxy lets a client in to a Server with `accessPolicy: deny`: by any AuthorizationPolicy of which
 * every required authentication holds.
 *
 * @see https://linkerd.io/2/reference/authorization-policy/
 */
const isAuthorized = (client: Client, server: Recorded, resources: Resources): boolean =>
  requiredBy(server, resources).some(([, required]) =>
    required.every((each) => isAuthenticated(client, each)),
  );

/** Every row of `reachability` that ends at meshed pods made here is authorized by the mesh, at each of its ports. */
export function everyReachIsAuthorized(
  resources: Resources,
  said: Said,
  reachability: readonly AllowedFlow[],
): void {
  const named = (name: string) =>
    said.apps.find(
      (app) => name === (app.namespace === said.namespace ? app.name : `${app.namespace}/${app.name}`),
    );
  for (const { from, to, ports } of reachability) {
    const app = named(to);
    const owner = app && ownerOf(app, said.apps);
    if (owner?.kind !== "own" || !owner.meshed) continue;
    const pods = podsOf(said.apps).filter((pod) => pod.app === owner);
    for (const pod of pods)
      for (const port of ports) {
        const [server] = ofType(resources, "Server").filter(
          (each) =>
            serverSpec(each).port === port &&
            finds(serverSpec(each).podSelector, pod, metadataOf(each).namespace),
        );
        assert.ok(server, `${pod.id} has no Server for port ${port}, to which ${from} is let through`);
        for (const client of clientsOf(from, named(from), said))
          assert.ok(
            isAuthorized(client, server, resources),
            `the mesh refuses ${from} at ${to}:${port}, which reachability lists`,
          );
      }
  }
}

/** Those that a row begins with: one for each range that its address may be in. */
function clientsOf(from: string, app: SaidApp | undefined, { trustDomain, podCidrs }: Said): Client[] {
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
