import * as assert from "node:assert/strict";

import type { Props } from "../../../sandbox/plugins/fake-provider";
import { rigged, zoneId } from "./cloudflare-rig";

describe("the stand-in's getRulesets", () => {
  const rig = rigged();
  const found = (phase: string) => ({
    id: "c".repeat(32),
    kind: "zone",
    name: "default",
    phase,
    description: "",
    version: "3",
    last_updated: "2026-01-01T00:00:00Z",
  });

  it("gives the rulesets of a zone or an account under both of its names, without rules", async () => {
    rig().answers[`GET zones/${zoneId}/rulesets`] = [{ ...found("http_ratelimit"), rules: [] }];
    rig().answers["GET accounts/x/rulesets"] = [found("a"), found("b")];
    const { rulesets, results } = await rig().invoke("getRulesets", { zoneId });
    const { last_updated, ...rest } = found("http_ratelimit");
    assert.deepEqual(rulesets, [{ ...rest, lastUpdated: last_updated }]);
    assert.deepEqual(results, rulesets);
    const one = await rig().invoke("getRulesets", { accountId: "x", maxItems: 1 });
    assert.deepEqual(
      (one.rulesets as Props[]).map(({ phase }) => phase),
      ["a"],
    );
  });

  it("wants exactly one owner, and no argument that it does not know", async () => {
    for (const args of [{}, { zoneId, accountId: "x" }])
      await assert.rejects(async () => rig().invoke("getRulesets", args), /Exactly one of these attributes/);
    await assert.rejects(async () => rig().invoke("getRulesets", { zoneId, phase: "x" }), /argument phase/);
  });
});

describe("the stand-in's getDnsRecords", () => {
  const rig = rigged();
  const make = async (name: string, content = "192.0.2.1") =>
    rig().create("DnsRecord", { zoneId, name, type: "A", ttl: 1, content });
  const namesOf = ({ results }: Props) => (results as Props[]).map(({ name }) => name).sort();

  it("asks for pages until one is empty", async () => {
    await make("a");
    rig().asked();
    const { results } = await rig().invoke("getDnsRecords", { zoneId });
    const [record] = results as Props[];
    assert.deepEqual(
      [record?.name, record?.type, record?.content, record?.meta, typeof record?.createdOn, record?.comment],
      ["a.example.com", "A", "192.0.2.1", "{}", "string", undefined],
    );
    const path = `GET zones/${zoneId}/dns_records`;
    assert.deepEqual(rig().asked(), [path, `${path}?page=2`]);
  });

  it("filters by parts of the name and by type, and stops at maxItems", async () => {
    for (const name of ["a", "b.dev", "c.dev"]) await make(name);
    const dev = { zoneId, name: { endswith: ".dev.example.com" } };
    assert.deepEqual(namesOf(await rig().invoke("getDnsRecords", dev)), [
      "b.dev.example.com",
      "c.dev.example.com",
    ]);
    const cname = await rig().invoke("getDnsRecords", { zoneId, type: "CNAME" });
    assert.deepEqual(cname.results, []);
    rig().asked();
    const { results, maxItems } = await rig().invoke("getDnsRecords", { zoneId, maxItems: 2 });
    assert.deepEqual([(results as Props[]).length, maxItems], [2, 2]);
    assert.equal(rig().asked().length, 1);
    await assert.rejects(async () => rig().invoke("getDnsRecords", { zone: zoneId }), /argument zone/);
  });
});

describe("the stand-in's getApiTokens", () => {
  const rig = rigged();

  it("lists the tokens without their values, and reads pages until one is empty", async () => {
    const groups = [{ id: "4755a26eedb94da69e1066d98aa820be" }];
    const resources = JSON.stringify({ [`com.cloudflare.api.account.zone.${zoneId}`]: "*" });
    const policies = [{ effect: "allow", permissionGroups: groups, resources }];
    const { id } = await rig().create("ApiToken", { name: "dns01", policies });
    rig().asked();
    const { results } = await rig().invoke("getApiTokens", {});
    assert.deepEqual(
      (results as Props[]).map((each) => [each.id, each.name, each.value]),
      [[id, "dns01", undefined]],
    );
    assert.deepEqual(rig().asked(), ["GET user/tokens", "GET user/tokens?page=2"]);
  });
});
