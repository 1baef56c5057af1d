import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { requireCaOverlap } from "../../../components/origin-lock/origin-lock-hooks";
import { pem } from "../../mocks";

const one = pem("CERTIFICATE", "one");
const two = pem("CERTIFICATE", "two");
const three = pem("CERTIFICATE", "three");

/** The inputs of a Secret, in the forms of the program and of the provider. */
const forms: [form: string, inputs: (text: string) => object][] = [
  ["in plain", (text) => ({ stringData: { "ca.crt": text } })],
  ["as a secret", (text) => ({ stringData: pulumi.secret({ "ca.crt": text }) })],
  ["in base64", (text) => ({ data: { "ca.crt": Buffer.from(text).toString("base64") } })],
  ["in base64, as a secret", (text) => ({ data: pulumi.secret({ "ca.crt": pulumi.secret(btoa(text)) }) })],
];

const change = async (oldInputs?: object, newInputs?: object) =>
  requireCaOverlap({
    urn: "urn:pulumi:test::test::kubernetes:core/v1:Secret::origin-lock-ca",
    id: "traefik/origin-lock-ca",
    name: "origin-lock-ca",
    type: "kubernetes:core/v1:Secret",
    ...(oldInputs && { oldInputs }),
    ...(newInputs && { newInputs }),
  });

const error =
  "originLock: none of the CAs that the ingress trusts now is among the new ones, so it would refuse the edge. Want " +
  "originLock.generation counted up by one, or originLock.ca with the old and the new CA; then `up` once more.";

describe("requireCaOverlap", () => {
  const allowed: [what: string, before: string, after: string][] = [
    ["the same CA", one, one],
    ["the second generation with the first", one, one + two],
    ["the third with the second", one + two, two + three],
    ["the previous generation", one + two, one],
    ["the same CA with different line breaks around it", one, `\n${one.trimEnd()}`],
    ["the first CA", "", one],
    ["the removal of the CA", one, ""],
  ];
  const rejected: [what: string, before: string, after: string][] = [
    ["another CA instead of the only one", one, two],
    ["the second and third generation instead of the first", one, two + three],
    ["another CA instead of two", one + two, three],
  ];
  for (const [form, inputs] of forms) {
    for (const [what, before, after] of allowed)
      it(`allows ${what}, ${form}`, () => change(inputs(before), inputs(after)));

    for (const [what, before, after] of rejected)
      it(`rejects ${what}, ${form}`, () =>
        assert.rejects(change(inputs(before), inputs(after)), { message: error }));
  }

  it("compares old and new inputs of different forms", async () => {
    for (const [, before] of forms)
      for (const [, after] of forms) {
        await change(before(one), after(one + two));
        await assert.rejects(change(before(one), after(two)), { message: error });
      }
  });

  it("allows absent inputs", async () => {
    await change();
    await change({}, {});
  });
});
