import * as assert from "node:assert/strict";

import { assertChanged, succeeded } from "../start";
import { dns, further, furtherWith } from "./settings";
import { gapsIn, type Run, type World } from "./world";

const shop = "shop.example.com";

/** The changes of the records of a name, as `<type> <op>`. */
const story = ({ changes }: Run, name: string): readonly string[] =>
  changes.flatMap(({ kind, op, before, after }) => {
    const record = (after ?? before) as { readonly name: string; readonly type: string };
    return kind === "dns_record" && record.name === name ? [`${record.type} ${op}`] : [];
  });

/** So many notes beside the other records. */
const notes = (count: number) =>
  dns("business", [
    ...further,
    ...Array.from({ length: count }, (_, index) => ({
      type: "TXT",
      name: `note-${index + 1}`,
      content: `number ${index + 1}`,
    })),
  ]);

const alias = furtherWith("shop", { type: "CNAME", content: "example.com" });

/** Records that come and go. */
export function records(world: World): void {
  describe("A record that changes from an address to an alias", () => {
    it("is warned of in preview", async () => {
      const { output, changes } = await succeeded(world.run("preview", dns("business", alias)));
      const warning =
        `${shop} changes from an A record to a CNAME record. The two cannot share a name, so the name does not resolve ` +
        "between the deletion of the old record and the creation of the new one.";
      assert.ok(output.includes(warning), output);
      assert.deepEqual(changes, []);
    });

    it("changes in one up, with both addresses gone before the alias comes", async () => {
      const changed = await world.up();
      assert.deepEqual(story(changed, shop), ["AAAA delete", "A delete", "CNAME create"]);
      const others = gapsIn(changed).filter(({ name }) => name !== shop);
      assert.deepEqual(others, []);
    });

    it("stays so in the next up", async () => assertChanged(await world.up()));

    it("changes back in one up, with the alias gone before the addresses come", async () => {
      // With it come the records of the next part.
      const back = await world.up(notes(176));
      assert.deepEqual(story(back, shop), ["CNAME delete", "A create", "AAAA create"]);
      assert.ok(gapsIn(back).every(({ name }) => name === shop));
    });
  });

  describe("One record of two hundred", () => {
    it("is one creation when it is added", async () => {
      const added = await world.up(notes(177));
      assertChanged(added, { create: 1 });
      assert.equal(added.states.at(-1)?.records.size, 200);
      assert.equal(added.changes.length, 1);
    });

    it("is one deletion when it is removed", async () => {
      const removed = await world.up(notes(176));
      assertChanged(removed, { delete: 1 });
      assert.equal(removed.changes.length, 1);
    });
  });
}
