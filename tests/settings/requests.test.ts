import * as assert from "node:assert/strict";

import { parseQuantity, type RequestSum } from "../../components/resource-requests";
import { sumStackRequests, totalRequests } from "../../settings/requests";
import { changed, stackConfig } from "../config";
import { readRequestsTable } from "../requests-table";
import { prod, read, type Changes } from "./configurations";

const total = async (changes: Changes) => totalRequests(sumStackRequests(await read(changed(prod, changes))));

describe("The requests of a stack", () => {
  for (const stack of ["dev", "prod"] as const)
    it(`are those of the table in docs/getting-started.md for ${stack}`, async () => {
      const parts = sumStackRequests(await read(stackConfig(stack)));
      const rows = [...parts, { part: "Sum", ...totalRequests(parts) }];
      const table = readRequestsTable().map(({ part, ...stacks }) => ({ part, ...stacks[stack] }));
      assert.deepEqual(
        table,
        rows.filter(({ part }) => !["external-dns", "Linkerd's CNI plugin"].includes(part)),
      );
    });

  for (const [what, changes, millicores, mebibytes] of [
    ["each pod of an app, with its proxy", { "apps.admin.replicas": 5 }, 3 * 200, 3 * 148],
    ["no proxy in a pod that is not meshed", { "apps.admin.meshed": false }, -200, -40],
    ["the pods of a canary", { "apps.admin.canary": { image: "ghcr.io/org/admin:2", weight: 5 } }, 200, 148],
    [
      "external-dns",
      { externalDns: { domains: ["shop.example.com"] }, externalDnsToken: "e".repeat(40) },
      10,
      64,
    ],
    ["the CNI plugin on each node", { "mesh.cni": true }, 3 * 20, 3 * 128],
    ["no viz", { "mesh.viz": false }, -1420, -768],
  ] as const)
    it(`include ${what}`, async () => {
      const [before, after] = [await total({}), await total(changes)];
      assert.deepEqual(
        [after.millicores - before.millicores, after.mebibytes - before.mebibytes],
        [millicores, mebibytes],
      );
    });

  it("fit on the nodes that docs/getting-started.md names", async () => {
    const fits = ({ millicores, mebibytes }: RequestSum, nodes: number, cpus: number, gigabytes: number) =>
      millicores <= nodes * cpus * 1000 * 0.9 && mebibytes <= nodes * gigabytes * 1024 * 0.85;
    assert.ok(fits(totalRequests(sumStackRequests(await read(stackConfig("dev")))), 1, 2, 4));
    assert.ok(fits(await total({}), 3, 4, 8) && !fits(await total({}), 3, 2, 4));
    assert.ok(fits(await total({ "mesh.ha": false, "mesh.viz": false }), 3, 2, 4));
  });

  for (const [quantity, value] of [
    ["2", 2],
    ["100m", 0.1],
    ["0.5", 0.5],
    ["64Mi", 64 * 1024 ** 2],
    ["3919428Ki", 3919428 * 1024],
    ["1G", 1e9],
  ] as const)
    it(`read ${quantity} as ${value}`, () => assert.equal(parseQuantity(quantity), value));
});
