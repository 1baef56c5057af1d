import * as assert from "node:assert/strict";

import type { Recorded, Values } from "../harness";
import type { Resources } from "./resources";

/** A change of one resource; undefined removes it. */
export type Mutation = (each: Recorded) => Recorded | undefined;

/** Applies a mutation to one of the resources, which must exist. */
export const mutate =
  (type: string, name: string, mutation: Mutation) =>
  (resources: Resources): Resources => {
    const found = resources.filter((each) => each.type.endsWith(`:${type}`) && each.name === name);
    assert.equal(found.length, 1, `${found.length} resources are ${type} ${name}`);
    return resources.flatMap((each) => (each === found[0] ? (mutation(each) ?? []) : each));
  };

/** Removes the resource. */
export const remove: Mutation = () => undefined;

/** Replaces the value at a path of the inputs; undefined removes it. */
export const setInput =
  (at: readonly string[], value: unknown): Mutation =>
  (each) => {
    const inputs = structuredClone(each.inputs);
    const last = at.at(-1) ?? "";
    const inside = at.slice(0, -1).reduce<Values>((values, key) => values[key] as Values, inputs);
    assert.ok(last in inside, `no input at ${at.join(" ")}`);
    if (value === undefined) Reflect.deleteProperty(inside, last);
    else Object.assign(inside, { [last]: value });
    return { ...each, inputs };
  };

/** Removes all dependencies, those of its component too. */
export const withoutDependencies: Mutation = (each) => ({
  ...each,
  dependencies: [],
  parent: `${each.parent} without dependencies`,
});

/** Removes the dependencies on resources of a kind. */
export const withoutDependency =
  (kind: string): Mutation =>
  (each) => ({ ...each, dependencies: each.dependencies.filter((key) => !key.includes(`:${kind} `)) });

/** Replaces an annotation, the value at a dotted path of a spec, or that of a release's values. */
export const annotation = (key: string, value: unknown) => setInput(["metadata", "annotations", key], value);
export const spec = (at: string, value: unknown) => setInput(["spec", ...at.split(".")], value);
export const values = (at: string, value: unknown) => setInput(["values", ...at.split(".")], value);

/** A mutation of a resource, and the message of the invariant that must fail. */
export type MutationCase = readonly [type: string, name: string, mutation: Mutation, message: RegExp];

/** Several cases of one resource. */
export const casesOf = (
  type: string,
  name: string,
  cases: readonly (readonly [mutation: Mutation, message: RegExp])[],
): MutationCase[] => cases.map(([mutation, message]) => [type, name, mutation, message]);

/** Names of the routes of a host with every feature, and of a host of external-dns. */
export const admin = "admin-admin.example.com";
export const shop = "web-frontend-shop.example.com";

/** The message for the former without its certificate. */
export const noCertificate = /no certificate covers admin.example.com/;
