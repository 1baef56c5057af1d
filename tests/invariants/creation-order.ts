import * as assert from "node:assert/strict";

import type { Recorded } from "../harness";
import { findCreatedObjects } from "./created-objects";
import { controllerReleases } from "./ingress-controller";
import { findReferences } from "./references";
import { readPath, id, readMetadata, type Resources } from "./resources";

/** The resource that installs the CRDs of each API group. Those of Prometheus must be installed before. */
const crdInstallers: Readonly<Record<string, RegExp>> = {
  "cilium.io": /:Release cilium$/,
  "cert-manager.io": /:Release cert-manager-chart$/,
  "trust.cert-manager.io": /:Release linkerd-trust-manager$/,
  "traefik.io": /:Release traefik-chart$/,
  "gateway.networking.k8s.io": /:CustomResourceDefinition gateway-api-/,
  "policy.linkerd.io": /:Release linkerd-crds$/,
  "linkerd.io": /:Release linkerd-crds$/,
  "monitoring.coreos.com": /^$/,
};

/**
 * Everything is created after what it needs: CRDs, certificates, the mesh, the ingress. A route is created after all
 * objects it refers to, since the controller ignores a route with a missing reference.
 *
 * @param preexisting Objects that exist before the stack, as keys of `findCreatedObjects`.
 */
export function assertCreationOrder(resources: Resources, preexisting: readonly string[]): void {
  const byId = new Map(resources.map((each) => [id(each), each]));
  const before = new Map<string, ReadonlySet<string>>();
  const allBefore = (key: string): ReadonlySet<string> => {
    const known = before.get(key);
    if (known !== undefined) return known;
    const each = byId.get(key);
    // A child waits for its parent, and its parent for its own dependencies.
    const direct =
      each === undefined ? [] : [...each.dependencies, ...(each.parent === "" ? [] : [each.parent])];
    const all = new Set(direct.flatMap((dependency) => [dependency, ...allBefore(dependency)]));
    before.set(key, all);
    return all;
  };
  const after = (each: Recorded, earlier: string) =>
    assert.ok(allBefore(id(each)).has(earlier), `${id(each)} before ${earlier}`);
  const afterRelease = (each: Recorded, release: string) =>
    after(each, `kubernetes:helm.sh/v3:Release ${release}`);
  const ids = resources.map(id);
  const made = findCreatedObjects(resources);

  for (const each of resources) {
    const [, group = ""] = /^kubernetes:([^/]+)\//.exec(each.type) ?? [];
    const installer = crdInstallers[group];
    if (installer !== undefined)
      for (const earlier of ids.filter((key) => installer.test(key))) after(each, earlier);
    else if (group.includes(".") && !group.endsWith(".k8s.io") && group !== "helm.sh")
      assert.fail(`unknown installer of the CRDs of ${group}`);
    if (each.type.endsWith(":Deployment")) afterRelease(each, "linkerd-control-plane");
    if (each.type.endsWith(":Release") && each.name !== "cilium") afterRelease(each, "cilium");
    if (each.name === "linkerd-control-plane") afterRelease(each, "linkerd-trust-manager");
    if (controllerReleases.includes(each.name)) {
      afterRelease(each, "linkerd-control-plane");
      // It looks for CRDs once, when it starts.
      for (const earlier of ids.filter((key) => key.includes(":CustomResourceDefinition ")))
        after(each, earlier);
    }
    if (/:(Ingress|HTTPRoute)$/.test(each.type))
      for (const key of new Set(findReferences(each))) {
        const earlier = made.get(key);
        assert.ok(earlier ?? preexisting.includes(key), `${id(each)} refers to a missing object`);
        if (earlier) after(each, id(earlier));
      }
    for (const earlier of findAllowResources(each, made, resources)) after(each, id(earlier));
    const { namespace } = readMetadata(each);
    const its = made.get(`Namespace /${namespace}`);
    if (each.type.startsWith("kubernetes:") && its) after(each, id(its));
  }
}

/**
 * Finds the resources that must allow traffic before a resource exists: for a pod its network policy and Servers, for a
 * Server its AuthorizationPolicies, for those their authentications.
 */
function findAllowResources(
  resource: Recorded,
  made: ReadonlyMap<string, Recorded>,
  resources: Resources,
): Resources {
  const { type, inputs, parent } = resource;
  const siblings = (kinds: RegExp) =>
    resources.filter((each) => each.parent === parent && kinds.test(each.type));
  if (type.endsWith(":Deployment")) return siblings(/:(CiliumNetworkPolicy|Server)$/);
  if (type.endsWith(":Server"))
    return siblings(/:AuthorizationPolicy$/).filter(
      (each) =>
        readMetadata(each).namespace === readMetadata(resource).namespace &&
        readPath(each.inputs, "spec.targetRef.name") === readPath(inputs, "metadata.name"),
    );
  if (!type.endsWith(":AuthorizationPolicy")) return [];
  return findReferences(resource).flatMap((key) => {
    const authentication = made.get(key);
    return authentication && key.includes("Authentication ") ? [authentication] : [];
  });
}
