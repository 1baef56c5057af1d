import * as assert from "node:assert/strict";

import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import { skipAwait } from "../../../components/pulumi/skip-await";
import { find, run } from "../../harness";
import { providers } from "../providers";

class Group extends pulumi.ComponentResource {
  constructor(annotations?: pulumi.Input<Record<string, pulumi.Input<string>>>) {
    super("platform:networking:Group", "group", {}, { providers: providers(), transformations: [skipAwait] });
    const metadata = { name: "x", ...(annotations !== undefined && { annotations }) };
    new kubernetes.core.v1.Namespace("x", { metadata }, { parent: this });
    new kubernetes.helm.v3.Release("x", { chart: "x", atomic: true, timeout: 600 }, { parent: this });
    new random.RandomPassword("x", { length: 32 }, { parent: this });
  }
}

describe("skipAwait", () => {
  const table: [
    title: string,
    annotations: ConstructorParameters<typeof Group>[0],
    kept: Record<string, string>,
  ][] = [
    ["an object without annotations", undefined, {}],
    ["an object with annotations, which are kept", { a: "b" }, { a: "b" }],
    ["annotations that are an output", pulumi.output({ a: "b" }), { a: "b" }],
    ["waitFor, which is removed", { a: "b", "pulumi.com/waitFor": "condition=Ready" }, { a: "b" }],
  ];
  for (const [title, annotations, kept] of table)
    it(`skips await: ${title}`, async () => {
      const { resources } = await run(() => new Group(annotations));
      assert.deepEqual(find(resources, ":Namespace", "x").inputs.metadata, {
        name: "x",
        annotations: { ...kept, "pulumi.com/skipAwait": "true" },
      });
    });

  it("neither awaits a release nor runs its hooks", async () => {
    const { resources } = await run(() => new Group());
    const { atomic, skipAwait, disableWebhooks, timeout } = find(resources, ":Release", "x").inputs;
    assert.deepEqual([atomic, skipAwait, disableWebhooks, timeout], [false, true, true, 600]);
  });

  it("leaves resources of other providers unchanged", async () => {
    const { resources } = await run(() => new Group());
    assert.deepEqual(find(resources, ":RandomPassword", "x").inputs, { length: 32 });
  });
});
