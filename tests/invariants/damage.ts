import * as assert from "node:assert/strict";

import type { Recorded, Values } from "../harness";
import type { Resources } from "./resources";

/** What is done to one resource. */
export type Damage = (each: Recorded) => Recorded | undefined;

/** The resources with this done to one of them, which must be there. */
export const broken =
  (type: string, name: string, damage: Damage) =>
  (resources: Resources): Resources => {
    const found = resources.filter((each) => each.type.endsWith(`:${type}`) && each.name === name);
    assert.equal(found.length, 1, `${found.length} resources are ${type} ${name}`);
    return resources.flatMap((each) => (each === found[0] ? (damage(each) ?? []) : each));
  };

/** Takes it away. */
export const gone: Damage = () => undefined;

/** Puts a value in place of that at a path of the inputs; undefined takes it away. */
export const having =
  (at: readonly string[], value: unknown): Damage =>
  (each) => {
    const inputs = structuredClone(each.inputs);
    const last = at.at(-1) ?? "";
    const inside = at.slice(0, -1).reduce<Values>((values, key) => values[key] as Values, inputs);
    assert.ok(last in inside, `nothing is at ${at.join(" ")}`);
    if (value === undefined) Reflect.deleteProperty(inside, last);
    else Object.assign(inside, { [last]: value });
    return { ...each, inputs };
  };

/** As if nothing came before it, in a component that waits for nothing either. */
export const waitingForNothing: Damage = (each) => ({
  ...each,
  dependencies: [],
  parent: "platform:networking:Early early",
});

/** What is said at an annotation of an object, or at a dotted path of its spec, or of a release's values. */
export const annotation = (key: string, value: unknown) => having(["metadata", "annotations", key], value);
export const spec = (at: string, value: unknown) => having(["spec", ...at.split(".")], value);
export const values = (at: string, value: unknown) => having(["values", ...at.split(".")], value);

/** What is done to which resource, and the complaint. */
export type Damaged = readonly [type: string, name: string, damage: Damage, complaint: RegExp];

/** The rules of a host with every word, and of one of external-dns'. */
export const admin = "admin-admin.example.com";
export const shop = "web-frontend-shop.example.com";

/** The complaint of the former without its certificate. */
export const notCovered = /no certificate covers admin.example.com/;
