import * as assert from "node:assert/strict";

import type { Recorded } from "../harness";
import { madeBy } from "./made";
import { referencesOf } from "./references";
import { at, id, metadataOf, type Resources } from "./resources";

/** What brings the definitions of each group of custom resources. Of those of Prometheus, the settings say that they are there. */
const bringers: Readonly<Record<string, RegExp>> = {
  "cilium.io": /:Release cilium$/,
  "cert-manager.io": /:Release cert-manager-chart$/,
  "trust.cert-manager.io": /:Release linkerd-trust-manager$/,
  "traefik.io": /:Release traefik-chart$/,
  "gateway.networking.k8s.io": /:CustomResourceDefinition gateway-api-/,
  "policy.linkerd.io": /:Release linkerd-crds$/,
  "linkerd.io": /:Release linkerd-crds$/,
  "monitoring.coreos.com": /^$/,
};

const controllers = ["traefik-chart", "ingress-nginx-chart"];

/**
 * Everything comes after what it needs to be taken and to work: definitions, certificates, the mesh, the ingress. A rule
 * comes after all that it names, since the controller drops one that names what is missing.
 *
 * @param there What is there without us, in the words of `madeBy`.
 */
export function everythingComesInOrder(resources: Resources, there: readonly string[]): void {
  const byId = new Map(resources.map((each) => [id(each), each]));
  const before = new Map<string, ReadonlySet<string>>();
  const allBefore = (key: string): ReadonlySet<string> => {
    const known = before.get(key);
    if (known !== undefined) return known;
    const each = byId.get(key);
    // A child waits for its parent, and its parent for what was said to come before it.
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
  const made = madeBy(resources);

  for (const each of resources) {
    const [, group = ""] = /^kubernetes:([^/]+)\//.exec(each.type) ?? [];
    const bringer = bringers[group];
    if (bringer !== undefined)
      for (const earlier of ids.filter((key) => bringer.test(key))) after(each, earlier);
    else if (group.includes(".") && !group.endsWith(".k8s.io") && group !== "helm.sh")
      assert.fail(`nobody brings the definitions of ${group}`);
    if (each.type.endsWith(":Deployment")) afterRelease(each, "linkerd-control-plane");
    if (each.type.endsWith(":Release") && each.name !== "cilium") afterRelease(each, "cilium");
    if (each.name === "linkerd-control-plane") afterRelease(each, "linkerd-trust-manager");
    if (controllers.includes(each.name)) {
      afterRelease(each, "linkerd-control-plane");
      // It looks for them once, at its start.
      for (const earlier of ids.filter((key) => key.includes(":CustomResourceDefinition ")))
        after(each, earlier);
    }
    if (/:(Ingress|HTTPRoute)$/.test(each.type))
      for (const key of new Set(referencesOf(each))) {
        const earlier = made.get(key);
        assert.ok(earlier ?? there.includes(key), `${id(each)} names what nobody makes`);
        if (earlier) after(each, id(earlier));
      }
    for (const earlier of openedBy(each, made, resources)) after(each, id(earlier));
    const { namespace } = metadataOf(each);
    const its = made.get(`Namespace /${namespace}`);
    if (each.type.startsWith("kubernetes:") && its) after(each, id(its));
  }
}

/**
 * What opens a thing before it is there itself: to a pod its policy and its Servers, to a Server the policies about it,
 * to those the proofs that they want.
 */
function openedBy(resource: Recorded, made: ReadonlyMap<string, Recorded>, resources: Resources): Resources {
  const { type, inputs, parent } = resource;
  const beside = (kinds: RegExp) =>
    resources.filter((each) => each.parent === parent && kinds.test(each.type));
  if (type.endsWith(":Deployment")) return beside(/:(CiliumNetworkPolicy|Server)$/);
  if (type.endsWith(":Server"))
    return beside(/:AuthorizationPolicy$/).filter(
      (each) =>
        metadataOf(each).namespace === metadataOf(resource).namespace &&
        at(each.inputs, "spec.targetRef.name") === at(inputs, "metadata.name"),
    );
  if (!type.endsWith(":AuthorizationPolicy")) return [];
  return referencesOf(resource).flatMap((key) => {
    const proof = made.get(key);
    return proof && key.includes("Authentication ") ? [proof] : [];
  });
}
