import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { requireCaOverlap } from "../../../components/origin-lock/origin-lock-hooks";
import { pem } from "../../mocks";

const one = pem("CERTIFICATE", "one");
const two = pem("CERTIFICATE", "two");
const three = pem("CERTIFICATE", "three");

/** The inputs of a Secret, as the program says them and as the provider hands them on. */
const forms: [says: string, inputs: (text: string) => object][] = [
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

const refusal =
  "originLock: none of the CAs that the ingress trusts now is among the new ones, so it would refuse the edge. Want " +
  "originLock.generation counted up by one, or originLock.ca with the old and the new CA; then `up` once more.";

describe("keepsOneCa", () => {
  const allowed: [says: string, before: string, after: string][] = [
    ["the same CA", one, one],
    ["the second generation beside the first", one, one + two],
    ["the third beside the second", one + two, two + three],
    ["a generation back", one + two, one],
    ["the same CA with other line ends around it", one, `\n${one.trimEnd()}`],
    ["the first CA where there was none", "", one],
    ["no CA any more", one, ""],
  ];
  const refused: [says: string, before: string, after: string][] = [
    ["another CA in place of the only one", one, two],
    ["the second and third generation in place of the first", one, two + three],
    ["another CA in place of two", one + two, three],
  ];
  for (const [form, inputs] of forms) {
    for (const [says, before, after] of allowed)
      it(`lets ${says} through, ${form}`, () => change(inputs(before), inputs(after)));

    for (const [says, before, after] of refused)
      it(`refuses ${says}, ${form}`, () =>
        assert.rejects(change(inputs(before), inputs(after)), { message: refusal }));
  }

  it("compares what was written in one form with what comes in the other", async () => {
    for (const [, before] of forms)
      for (const [, after] of forms) {
        await change(before(one), after(one + two));
        await assert.rejects(change(before(one), after(two)), { message: refusal });
      }
  });

  it("has nothing to say of inputs that are not there", async () => {
    await change();
    await change({}, {});
  });
});
