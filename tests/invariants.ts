import * as assert from "node:assert/strict";

import type { EgressRule, IngressRule } from "../components/custom-resources/cilium";
import { secretTexts } from "./config";
import type { Recorded, Registered, Value, Values } from "./harness";
import { madeBy } from "./invariants/made";
import { referencesOf } from "./invariants/references";
import { id, ofType, type Resources } from "./invariants/resources";

/** What a zone has but once; of CAA records those that nobody asked for. */
const zoneWide =
  /:(ZoneSetting|ZoneDnssec|Ruleset|AuthenticatedOriginPulls\w+) |:DnsRecord dns-.*-CAA-issue(wild)?-letsencrypt\.org$/;

/** What a zone has but once is made by the stack that owns it, and by no other. */
export function zoneWideIsTheOwners(resources: Resources, ownsZone: boolean): void {
  const made = resources.map(id).filter((each) => zoneWide.test(each));
  if (!ownsZone) assert.deepEqual(made, []);
  else assert.ok(made.length > 0);
}

/** No secret stands anywhere but where it is marked as one, neither in inputs nor in outputs. */
export function nothingSecretIsPlain(resources: Resources, outputs: readonly Registered[]): void {
  const secrets = [...secretTexts, "password-of-", "hash-of-", "value-of-", "PRIVATE KEY"];
  const check = (where: string, values: Values, marked: readonly string[]): void => {
    const walk = (value: Value, at: string): void => {
      if (marked.includes(at)) return;
      if (typeof value === "string")
        assert.ok(!secrets.some((secret) => value.includes(secret)), `${where} shows a secret at ${at}`);
      else if (typeof value === "object" && value !== null)
        for (const [key, each] of Object.entries(value)) walk(each, at === "" ? key : `${at}.${key}`);
    };
    walk(values, "");
  };
  for (const each of resources) check(id(each), each.inputs, each.secrets);
  for (const each of outputs) check(each.of, each.outputs, each.secrets);
}

/** Outside a component there are providers and components only; inside, everything has an explicit provider. */
export function everythingHasItsPlace(resources: Resources): void {
  for (const each of resources) {
    if (each.type.startsWith("pulumi:providers:") || !each.custom) {
      assert.equal(each.parent, "", id(each));
      continue;
    }
    assert.match(each.parent, /^platform:networking:/, `${id(each)} is outside a component`);
    const [pkg = ""] = each.type.split(":");
    const isItsOwn = resources.some(
      ({ type, name }) => type === `pulumi:providers:${pkg}` && name === each.provider,
    );
    assert.ok(isItsOwn, `${id(each)} has a default provider`);
  }
  const objects = resources.filter(({ type }) => type.startsWith("kubernetes:"));
  const places = objects.map(({ type, inputs }) => {
    const { name, namespace = "" } = (inputs.metadata ?? inputs) as { name?: string; namespace?: string };
    assert.ok(name, `${type} without a fixed name`);
    return `${type} ${namespace}/${name}`;
  });
  assert.deepEqual(
    places.filter((place, index) => places.indexOf(place) < index),
    [],
    "two objects have one name",
  );
}

/** Every egress rule between apps has its ingress twin with the same ports, and the other way round. */
export function policiesAreTwins(resources: Resources): void {
  const out: string[] = [];
  const into: string[] = [];
  for (const { inputs } of ofType(resources, "CiliumNetworkPolicy")) {
    const spec = inputs.spec as unknown as {
      endpointSelector: { matchLabels?: { app: string } };
      ingress: IngressRule[];
      egress: EgressRule[];
    };
    const self = spec.endpointSelector.matchLabels?.app;
    if (self === undefined) continue;
    const peer = (labels: Readonly<Record<string, string>> = {}) =>
      Object.keys(labels).length === 1 ? labels.app : undefined;
    for (const { toEndpoints, toPorts } of spec.egress) {
      const callee = peer(toEndpoints?.[0]?.matchLabels);
      if (callee !== undefined) out.push(`${self} to ${callee} ${JSON.stringify(toPorts)}`);
    }
    for (const { fromEndpoints, toPorts } of spec.ingress) {
      const caller = peer(fromEndpoints?.[0]?.matchLabels);
      if (caller !== undefined) into.push(`${caller} to ${self} ${JSON.stringify(toPorts)}`);
    }
  }
  assert.deepEqual(out.sort(), into.sort());
}

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
 */
export function everythingComesInOrder(resources: Resources): void {
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
      for (const earlier of new Set(referencesOf(each).map((key) => made.get(key)))) {
        assert.ok(earlier, `${id(each)} names what nobody makes`);
        after(each, id(earlier));
      }
  }
}
