import * as assert from "node:assert/strict";

import { secretTexts } from "./config";
import type { Registered, Value, Values } from "./harness";
import { id, type Resources } from "./invariants/resources";

/** Resources that a zone has only once; of CAA records, the default ones. */
const zoneWide =
  /:(ZoneSetting|ZoneDnssec|Ruleset|AuthenticatedOriginPulls\w+) |:DnsRecord dns-.*-CAA-issue(wild)?-letsencrypt\.org$/;

/** Resources that a zone has only once are created by the stack that owns the zone, and by no other. */
export function assertZoneOwner(resources: Resources, ownsZone: boolean): void {
  const made = resources.map(id).filter((each) => zoneWide.test(each));
  if (!ownsZone) assert.deepEqual(made, []);
  else assert.ok(made.length > 0);
}

/** Secrets occur only in values marked as secret, in inputs and in outputs. */
export function assertSecretsMarked(resources: Resources, outputs: readonly Registered[]): void {
  const secrets = [...secretTexts, "password-of-", "hash-of-", "value-of-", "PRIVATE KEY"];
  const check = (where: string, values: Values, marked: readonly string[]): void => {
    const walk = (value: Value, at: string): void => {
      if (marked.includes(at)) return;
      if (typeof value === "string")
        assert.ok(!secrets.some((secret) => value.includes(secret)), `${where} has a plain secret at ${at}`);
      else if (typeof value === "object" && value !== null)
        for (const [key, each] of Object.entries(value)) walk(each, at === "" ? key : `${at}.${key}`);
    };
    walk(values, "");
  };
  for (const each of resources) check(id(each), each.inputs, each.secrets);
  for (const each of outputs) check(each.of, each.outputs, each.secrets);
}

/** All resources except providers and components are in a component and have an explicit provider, and a unique name. */
export function assertParentsAndProviders(resources: Resources): void {
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
    "objects with the same name",
  );
}
