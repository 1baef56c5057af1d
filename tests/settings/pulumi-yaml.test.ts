import * as assert from "node:assert/strict";

import { sections } from "../../settings/schema";
import { yamlFile } from "../config";

describe("Pulumi.yaml", () => {
  interface Declared {
    readonly type?: string;
    readonly description?: string;
    readonly secret?: boolean;
    readonly default?: unknown;
    readonly value?: unknown;
  }
  const { config } = yamlFile("Pulumi.yaml") as { config: Record<string, Declared> };
  const secrets = ["dns01Token", "externalDnsToken", "dockerConfig"];
  const own = Object.entries(config).filter(([key]) => !key.includes(":"));

  it("declares every key of the schema, and no other", () =>
    assert.deepEqual(own.map(([key]) => key).sort(), [...Object.keys(sections), ...secrets].sort()));

  for (const [key, { type, description, secret, default: preset }] of own)
    it(`describes ${key} and has its default`, () => {
      assert.ok(["object", "string", "boolean"].includes(type ?? ""), `type ${type ?? "missing"}`);
      assert.match(description ?? "", /^.{10,}\.$/);
      if (secrets.includes(key)) {
        // A default cannot be encrypted, and without one every stack would need the token.
        assert.deepEqual([type, secret, preset], ["string", undefined, ""]);
        return;
      }
      const section = sections[key as keyof typeof sections];
      const absent = section.safeParse(undefined);
      assert.equal(preset !== undefined, absent.success, "a default here is one in the settings too");
      if (absent.success) assert.deepEqual(section.parse(preset), absent.data);
      assert.equal(section.safeParse(type === "object" ? 7 : {}).success, false);
    });

  it("disables default providers", () =>
    assert.deepEqual(config["pulumi:disable-default-providers"]?.value, ["*"]));
});
