import * as assert from "node:assert/strict";

import { faultsOf, unknownPaths, type Schema } from "./json-schema";

describe("faultsOf", () => {
  const root = { types: { "a/b": { type: "object", properties: { c: { type: "string" } } } } };
  const table: [schema: Schema, right: unknown, wrong: unknown, fault: string][] = [
    [{ type: "string" }, "x", 5, "value is 5, not of type string"],
    [{ type: "integer" }, 5, 5.5, "value is 5.5, not of type integer"],
    [{ type: ["boolean", "null"] }, null, "x", 'value is "x", not of type boolean or null'],
    [{ type: "string", nullable: true }, null, [], "value is [], not of type string"],
    [{ enum: ["a"] }, "a", "b", 'value is "b", not one of ["a"]'],
    [{ type: "string", pattern: "^a" }, "ab", "b", 'value is "b", not ^a'],
    [{ type: "string", maxLength: 1 }, "a", "ab", 'value is "ab", too long'],
    [{ type: "integer", minimum: 1 }, 1, 0, "value is 0, too small"],
    [{ type: "array", items: { type: "string" } }, ["a"], ["a", 1], "value.1 is 1, not of type string"],
    [{ type: "array", maxItems: 1 }, [1], [1, 2], "value is [1,2], too long"],
    [{ required: ["a"] }, { a: 1 }, {}, "value.a is missing"],
    [{ properties: { a: {} } }, { a: 1 }, { b: 1 }, "value.b is not known"],
    [{ additionalProperties: { type: "string" } }, { b: "x" }, { b: 1 }, "value.b is 1, not of type string"],
    [{ additionalProperties: false }, {}, { b: 1 }, "value.b is not known"],
    [
      { anyOf: [{ required: ["a"] }, { required: ["b"] }] },
      { a: 1, b: 1 },
      {},
      "value is {}, which fits none of anyOf",
    ],
    [
      { oneOf: [{ required: ["a"] }, { required: ["b"] }] },
      { a: 1 },
      { a: 1, b: 1 },
      'value is {"a":1,"b":1}, which does not fit one of oneOf',
    ],
    [{ not: { required: ["a"] } }, {}, { a: 1 }, 'value is {"a":1}, which fits what it must not'],
    [{ $ref: "#/types/a/b" }, { c: "x" }, { c: 1 }, "value.c is 1, not of type string"],
  ];
  for (const [schema, right, wrong, fault] of table)
    it(`accepts ${JSON.stringify(right)} and rejects ${JSON.stringify(wrong)} by ${JSON.stringify(schema)}`, () => {
      assert.deepEqual(faultsOf(right, schema, { root, closed: true }), []);
      assert.deepEqual(faultsOf(wrong, schema, { root, closed: true }), [fault]);
    });

  it("lets any key pass where a definition keeps unknown fields", () => {
    const schema = { properties: { a: {} }, "x-kubernetes-preserve-unknown-fields": true };
    assert.deepEqual(faultsOf({ b: 1 }, schema, { root, closed: true }), []);
  });
});

describe("unknownPaths", () => {
  it("names what neither the defaults nor the schema know", () => {
    const schema: Schema = { properties: { b: { additionalProperties: { properties: { d: {} } } } } };
    const values = { a: { x: 1, y: 2 }, b: { any: { d: 1, e: 2 } }, z: 1 };
    assert.deepEqual(unknownPaths(values, { a: { x: 0 } }, schema, schema), ["a.y", "b.any.e", "z"]);
  });
});
