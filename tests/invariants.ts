import * as assert from "node:assert/strict";

import { secretTexts } from "./config";
import type { Registered, Value, Values } from "./harness";
import { id, type Resources } from "./invariants/resources";

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
