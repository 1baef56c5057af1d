import * as assert from "node:assert/strict";
import * as fs from "node:fs";

import { conditionShape, policyShape } from "../../../sandbox/plugins/cloudflare/api-token-state";
import { ruleShape } from "../../../sandbox/plugins/cloudflare/rule-shape";
import {
  fromApi,
  withoutEmptyDifferences,
  keyed,
  object,
  plain,
  validateShape,
  toApi,
  type Shape,
} from "../../../sandbox/plugins/cloudflare/shape";
import { UNKNOWN } from "../../../sandbox/plugins/fake-provider";

const shape = object("statusCode! sMaxage", {
  customKey: object("checkPresences includes"),
  headers: keyed(object("cloudflareOnly")),
  requestIp: object("ins notIns"),
  rules: keyed(plain),
});
const said = {
  statusCode: 301,
  sMaxage: 1,
  customKey: { checkPresences: ["a"], includes: ["b"] },
  headers: { "X-Frame_Options": { cloudflareOnly: true }, camelCase: {} },
  requestIp: { ins: ["192.0.2.1"], notIns: [] },
  rules: { efb7b8c9: ["someRule"] },
};
const spelled = {
  status_code: 301,
  s_maxage: 1,
  custom_key: { check_presence: ["a"], include: ["b"] },
  headers: { "X-Frame_Options": { cloudflare_only: true }, camelCase: {} },
  request_ip: { in: ["192.0.2.1"], not_in: [] },
  rules: { efb7b8c9: ["someRule"] },
};

describe("the shape of nested inputs of the Cloudflare stand-in", () => {
  it("is spelled as the API does, but for keys that are the program's own", () => {
    assert.deepEqual(toApi([said], shape), [spelled]);
    assert.deepEqual(fromApi([spelled], shape), [said]);
  });

  it("leaves out of an answer what is null and what the SDK does not know", () => {
    assert.deepEqual(fromApi({ s_maxage: null, version: "latest", status_code: 0 }, shape), {
      statusCode: 0,
    });
  });

  it("names what the SDK does not have and what is missing, at every depth", () => {
    const faults = validateShape(
      [{ custom_key: 1, headers: { a: { b: 1 } }, rules: UNKNOWN }],
      shape,
      "rules",
    );
    assert.deepEqual(faults, [
      { property: "rules[0].statusCode", reason: "missing required input" },
      { property: "rules[0].custom_key", reason: "the stand-in does not know this input" },
      { property: "rules[0].headers.a.b", reason: "the stand-in does not know this input" },
    ]);
    assert.deepEqual(validateShape("x", shape, "rules"), [
      { property: "rules", reason: '"x" given, want an object' },
    ]);
  });

  it("finds nothing wrong with what is not known yet", () => {
    for (const value of [UNKNOWN, [UNKNOWN], { statusCode: UNKNOWN, headers: UNKNOWN }, undefined])
      assert.deepEqual(validateShape(value, shape, "it"), []);
  });

  it("takes an answer that fills in nothings for what the program said, and nothing else", () => {
    assert.deepEqual(withoutEmptyDifferences({ a: 1, list: [] }, { a: 1, b: {}, c: [] }), { a: 1, list: [] });
    assert.deepEqual(withoutEmptyDifferences({ a: 1, b: { c: 1 } }, { a: 2, d: false }), { a: 2, d: false });
    assert.deepEqual(withoutEmptyDifferences([{ a: 1 }], [{ a: 1, b: {} }]), [{ a: 1 }]);
    assert.deepEqual(withoutEmptyDifferences([{ a: 1 }], [{ a: 1 }, { b: {} }]), [{ a: 1 }, { b: {} }]);
  });

  it("is the SDK's own, for tokens whole and for rules as far as it goes", () => {
    const differences = declared(ruleShape, "RulesetRule").filter((one) => !one.endsWith(" is missing"));
    assert.deepEqual(differences, []);
    assert.deepEqual(declared(policyShape, "ApiTokenPolicy"), []);
    assert.deepEqual(declared(conditionShape, "ApiTokenCondition"), []);
  });
});

const types = fs.readFileSync(require.resolve("@pulumi/cloudflare/types/input.d.ts"), "utf8");

/** Where the shape differs from the SDK's interface of that name, and from those that it leads to. */
function declared(of: Shape, name: string): readonly string[] {
  if (of === plain || "each" in of) return [`${name} is an interface`];
  const start = types.indexOf(`export interface ${name} {`);
  const text = types.slice(start, types.indexOf("\n}", start)).replaceAll(/\/\*\*[^]*?\*\//g, "");
  const properties = [...text.matchAll(/^ {4}(\w+)(\??): ([^;]*(?:\{[^}]*\})?[^;]*);$/gm)];
  const names = properties.map(([, property = ""]) => property);
  const odd = [
    ...names.filter((property) => !(property in of.fields)).map((one) => `${name}.${one} is missing`),
    ...Object.keys(of.fields)
      .filter((property) => !names.includes(property))
      .map((one) => `${name}.${one} is too many`),
  ];
  return properties.reduce((found, [, property = "", mark, type = ""]) => {
    const part = of.fields[property];
    if (part === undefined) return found;
    const isKeyed = type.includes("[key: string]");
    const leadsTo = /inputs\.(\w+)/.exec(type)?.[1];
    const inner = isKeyed && part !== plain && "each" in part ? part.each : part;
    return [
      ...found,
      ...((mark === "") === of.required.includes(property) ? [] : [`${name}.${property} is required or not`]),
      ...(isKeyed === (part !== plain && "each" in part) ? [] : [`${name}.${property} has keys or not`]),
      ...(leadsTo === undefined ? [] : declared(inner, leadsTo)),
    ];
  }, odd);
}
