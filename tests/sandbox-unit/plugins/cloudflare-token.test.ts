import * as assert from "node:assert/strict";

import { UNKNOWN, type Props } from "../../../sandbox/plugins/fake-provider";
import { declaredInputs, declaredOutputs, nothing, rigged, zoneId } from "./cloudflare-rig";

const zoneRead = { id: "c8fed203ed3043cba015a93ad1616f1f" };
const dnsWrite = { id: "4755a26eedb94da69e1066d98aa820be" };
const resources = JSON.stringify({ [`com.cloudflare.api.account.zone.${zoneId}`]: "*" });
const policy = { effect: "allow", permissionGroups: [zoneRead, dnsWrite], resources };
const props = { name: "dns01", policies: [policy] };

describe("the stand-in's ApiToken", () => {
  const rig = rigged();
  const read = async (id: string, change: (found: Props) => Props, last: Props) => {
    rig().answers[`GET user/tokens/${id}`] = change({
      id,
      name: "dns01",
      status: "active",
      policies: [
        {
          ...policy,
          id: "x",
          permission_groups: [dnsWrite, zoneRead],
          resources: JSON.parse(resources) as Props,
        },
      ],
    });
    return rig().kind("ApiToken").read(id, { inputs: last, outputs: {} });
  };

  it("is made with resources as an object, where the program has JSON text, and gives its value", async () => {
    const { id, last } = await rig().create("ApiToken", props);
    assert.deepEqual(rig().calls[0]?.body, {
      name: "dns01",
      policies: [
        {
          effect: "allow",
          permission_groups: [zoneRead, dnsWrite],
          resources: JSON.parse(resources) as Props,
        },
      ],
    });
    assert.match(id, /^[0-9a-f]{32}$/);
    assert.match(String(last.outputs.value), /^[\w-]{40,}$/);
    assert.equal(last.outputs.status, "active");
    assert.ok(typeof last.outputs.issuedOn === "string" && typeof last.outputs.modifiedOn === "string");
  });

  it("finds no change in what it made, and keeps the value that the API never gives again", async () => {
    const { id, last } = await rig().create("ApiToken", {
      ...props,
      expiresOn: "2030-01-01T00:00:00.000Z",
      condition: { requestIp: { ins: ["192.0.2.0/24"] } },
    });
    const found = await rig().read("ApiToken", id, last);
    assert.deepEqual(found.inputs, last.inputs);
    assert.equal(found.outputs.value, last.outputs.value);
  });

  it("puts permission groups and policies back into the program's order", async () => {
    const other = { effect: "deny", permissionGroups: [zoneRead], resources };
    const found = await read("x", (one) => one, props);
    assert.deepEqual(found?.inputs, props);
    const [mine] = props.policies;
    const twice = { ...props, policies: [other, mine] };
    const policies = (one: Props) => [
      ...(one.policies as Props[]),
      { ...other, permission_groups: [zoneRead], resources: JSON.parse(resources) as Props },
    ];
    assert.deepEqual((await read("x", (one) => ({ ...one, policies: policies(one) }), twice))?.inputs, twice);
  });

  it("sees a policy, a name or a time that was changed by hand; not a status that is left to the API", async () => {
    const changed = await read(
      "x",
      (one) => ({
        ...one,
        name: "other",
        status: "disabled",
        expires_on: "2030-01-01T00:00:00Z",
        policies: [],
      }),
      { ...props, expiresOn: "2031-01-01T00:00:00Z" },
    );
    assert.deepEqual(changed?.inputs, { name: "other", policies: [], expiresOn: "2030-01-01T00:00:00Z" });
    const off = await read("x", (one) => ({ ...one, status: "disabled" }), { ...props, status: "active" });
    assert.equal(off?.inputs.status, "disabled");
  });

  it("is changed by PUT, which clears what is no longer said and leaves the value alone", async () => {
    const { id, last } = await rig().create("ApiToken", {
      ...props,
      condition: { requestIp: { ins: ["192.0.2.1"] } },
    });
    const outputs = await rig()
      .kind("ApiToken")
      .update(id, { ...props, name: "new" }, last);
    const body = rig().calls.at(-1)?.body as Props;
    assert.deepEqual([body.name, body.condition, body.status], ["new", null, "active"]);
    assert.ok(!("value" in outputs));
    assert.ok(rig().kind("ApiToken").computed.includes("value"));
    const found = await rig().read("ApiToken", id, { ...last, inputs: { ...props, name: "new" } });
    assert.deepEqual(found.inputs, { ...props, name: "new" });
  });

  it("is made anew when it has expired or is gone", async () => {
    assert.equal(await read("x", (one) => ({ ...one, status: "expired" }), props), undefined);
    assert.equal(await rig().kind("ApiToken").read("c".repeat(32), nothing), undefined);
  });

  it("is imported by its id, without a value", async () => {
    const { id, last } = await rig().create("ApiToken", props);
    const found = await rig().read("ApiToken", id, nothing);
    assert.deepEqual(found.inputs, last.inputs);
    assert.equal(found.outputs.value, undefined);
    await rig().kind("ApiToken").delete(id, last);
    assert.equal(await rig().kind("ApiToken").read(id, last), undefined);
  });

  it("finds wrong before any call: resources that are no JSON text, and what the SDK does not have", () => {
    const withPolicy = (change: Props) => ({ ...props, policies: [{ ...policy, ...change }] });
    const wrong: readonly (readonly [props: Props, property: string])[] = [
      [withPolicy({ resources: "zone" }), "policies[0].resources"],
      [withPolicy({ resources: '"zone"' }), "policies[0].resources"],
      [withPolicy({ resources: JSON.parse(resources) }), "policies[0].resources"],
      [withPolicy({ resources: undefined }), "policies[0].resources"],
      [withPolicy({ permissionGroups: [{ name: "DNS Write" }] }), "policies[0].permissionGroups[0].id"],
      [{ ...props, condition: { ips: [] } }, "condition.ips"],
    ];
    for (const [inputs, property] of wrong) assert.equal(rig().faults("ApiToken", inputs)[0], property);
    for (const policies of [
      UNKNOWN,
      [UNKNOWN],
      [{ ...policy, resources: UNKNOWN, permissionGroups: UNKNOWN }],
    ])
      assert.deepEqual(rig().faults("ApiToken", { ...props, policies }), []);
    assert.deepEqual(rig().asked(), []);
  });

  it("has the SDK's inputs and outputs, and is never replaced", () => {
    const kind = rig().kind("ApiToken");
    assert.deepEqual(kind.inputs, declaredInputs("ApiToken"));
    assert.deepEqual(
      [...kind.computed].filter((key) => key !== "status").sort(),
      declaredOutputs("ApiToken"),
    );
    assert.deepEqual(kind.replaceOn, []);
  });
});
