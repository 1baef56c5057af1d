import * as assert from "node:assert/strict";

import { UNKNOWN } from "../../../sandbox/plugins/fake-provider";
import { declaredInputs, declaredOutputs, nothing, rigged, zoneId } from "./cloudflare-rig";

const header = { strict_transport_security: { enabled: true, max_age: 31536000, nosniff: true } };
const time = "2026-01-01T00:00:00Z";

describe("the stand-in's ZoneSetting", () => {
  const rig = rigged();
  const path = (setting: string) => `zones/${zoneId}/settings/${setting}`;
  const answer = (setting: string, value: unknown) => {
    const result = { id: setting, value, editable: true, modified_on: time, time_remaining: null };
    rig().answers[`PATCH ${path(setting)}`] = result;
    rig().answers[`GET ${path(setting)}`] = result;
  };

  it("is changed by PATCH when it is made, whatever its value is, and has the setting's name as its id", async () => {
    for (const [settingId, value] of [
      ["ssl", "strict"],
      ["browser_cache_ttl", 0],
      ["ciphers", ["A", "B"]],
      ["security_header", header],
    ] as const) {
      answer(settingId, value);
      const { id, last } = await rig().create("ZoneSetting", { zoneId, settingId, value });
      assert.equal(id, settingId);
      assert.deepEqual(rig().calls.at(-1), { method: "PATCH", path: path(settingId), body: { value } });
      assert.equal(last.outputs.editable, true);
      assert.deepEqual((await rig().read("ZoneSetting", id, last)).inputs, last.inputs);
    }
  });

  it("shows what was changed by hand", async () => {
    answer("ssl", "full");
    const last = { inputs: { zoneId, settingId: "ssl", value: "strict" }, outputs: { zoneId } };
    assert.equal((await rig().read("ZoneSetting", "ssl", last)).inputs.value, "full");
  });

  it("is imported by <zone>/<setting>", async () => {
    answer("ssl", "full");
    const found = await rig().read("ZoneSetting", `${zoneId}/ssl`, nothing);
    assert.equal(found.id, "ssl");
    assert.deepEqual(found.inputs, { zoneId, settingId: "ssl", value: "full" });
    await assert.rejects(
      async () => rig().kind("ZoneSetting").read("ssl", nothing),
      /expected urlencoded segments "<zone_id>\/<setting_id>", but got "ssl"/,
    );
  });

  it("stays as it is when it is deleted: nothing is asked of the API", async () => {
    answer("ssl", "strict");
    const { id, last } = await rig().create("ZoneSetting", { zoneId, settingId: "ssl", value: "strict" });
    answer("ssl", "full");
    await rig()
      .kind("ZoneSetting")
      .update(id, { ...last.inputs, value: "full" }, last);
    assert.deepEqual(rig().asked().length, 2);
    await rig().kind("ZoneSetting").delete(id, last);
    assert.deepEqual(rig().asked(), []);
  });

  it("has the SDK's inputs and outputs, and is replaced when it becomes another setting", () => {
    const kind = rig().kind("ZoneSetting");
    assert.deepEqual(kind.inputs, declaredInputs("ZoneSetting"));
    assert.deepEqual([...kind.computed].sort(), declaredOutputs("ZoneSetting"));
    assert.deepEqual(kind.replaceOn, ["settingId", "zoneId"]);
  });
});

describe("the stand-in's ZoneDnssec", () => {
  const rig = rigged();
  const path = `zones/${zoneId}/dnssec`;
  const on = {
    status: "pending",
    flags: 257,
    algorithm: "13",
    key_type: "ECDSAP256SHA256",
    digest_type: "2",
    digest_algorithm: "SHA256",
    digest: "AB",
    ds: "example.com. 3600 IN DS 1 13 2 AB",
    key_tag: 1,
    public_key: "x",
    modified_on: time,
    dnssec_multi_signer: false,
  };
  beforeEach(() => {
    rig().answers[`PATCH ${path}`] = on;
    rig().answers[`GET ${path}`] = on;
    rig().answers[`DELETE ${path}`] = "";
  });

  it("is turned on by PATCH, gives the DS record, and has the zone's id", async () => {
    const { id, last } = await rig().create("ZoneDnssec", { zoneId, status: "active", dnssecUseNsec3: true });
    assert.equal(id, zoneId);
    assert.deepEqual(rig().calls[0]?.body, { status: "active", dnssec_use_nsec3: true });
    const { ds, keyTag, digest, publicKey, status } = last.outputs;
    assert.deepEqual([ds, keyTag, digest, publicKey, status], [on.ds, 1, "AB", "x", "active"]);
  });

  it("drifts while the registrar has no DS record, and is turned on again with nothing else", async () => {
    const { id, last } = await rig().create("ZoneDnssec", {
      zoneId,
      status: "active",
      dnssecPresigned: false,
    });
    rig().answers[`GET ${path}`] = { ...on, dnssec_presigned: false };
    const found = await rig().read("ZoneDnssec", id, last);
    assert.deepEqual(found.inputs, { ...last.inputs, status: "pending" });
    await rig().kind("ZoneDnssec").update(id, last.inputs, found);
    assert.deepEqual(rig().calls.at(-1)?.body, { status: "active" });
  });

  it("is imported by the zone's id, even while it is pending", async () => {
    const found = await rig().read("ZoneDnssec", zoneId, nothing);
    assert.deepEqual([found.id, found.inputs], [zoneId, { zoneId, status: "pending" }]);
  });

  it("is disabled before it is deleted", async () => {
    await rig().kind("ZoneDnssec").delete(zoneId, nothing);
    assert.deepEqual(rig().calls, [
      { method: "PATCH", path, body: { status: "disabled" } },
      { method: "DELETE", path, body: undefined },
    ]);
  });

  it("takes no other status than active and disabled, before any call", () => {
    for (const status of [undefined, UNKNOWN, "active", "disabled"])
      assert.deepEqual(rig().faults("ZoneDnssec", { zoneId, status }), []);
    assert.deepEqual(rig().faults("ZoneDnssec", { zoneId, status: "pending" }), ["status"]);
  });

  it("has the SDK's inputs and outputs", () => {
    const kind = rig().kind("ZoneDnssec");
    assert.deepEqual(kind.inputs, declaredInputs("ZoneDnssec"));
    assert.deepEqual([...kind.computed].sort(), declaredOutputs("ZoneDnssec"));
    assert.deepEqual(kind.replaceOn, ["zoneId"]);
  });
});

describe("the stand-in's certificate for origin pulls", () => {
  const rig = rigged();
  const name = "AuthenticatedOriginPullsCertificate";
  const id = "c".repeat(32);
  const path = `zones/${zoneId}/origin_tls_client_auth`;
  const inputs = { zoneId, certificate: "-----BEGIN-----\nx\n", privateKey: "secret" };
  const answer = {
    id,
    certificate: inputs.certificate,
    issuer: "own",
    signature: "SHA256WithRSA",
    status: "active",
    expires_on: time,
    uploaded_on: time,
  };
  beforeEach(() => {
    rig().answers[`POST ${path}`] = answer;
    rig().answers[`GET ${path}/${id}`] = answer;
    rig().answers[`DELETE ${path}/${id}`] = answer;
  });

  it("is made with its key, and gives back what Cloudflare says of it", async () => {
    const made = await rig().create(name, inputs);
    assert.equal(made.id, id);
    assert.deepEqual(rig().calls[0]?.body, { certificate: inputs.certificate, private_key: "secret" });
    const { certificateId, issuer, status, expiresOn, privateKey } = made.last.outputs;
    assert.deepEqual(
      [certificateId, issuer, status, expiresOn, privateKey],
      [id, "own", "active", time, "secret"],
    );
  });

  it("is read without a change: the key as the state has it, the text as it was first given", async () => {
    const { last } = await rig().create(name, inputs);
    rig().answers[`GET ${path}/${id}`] = { ...answer, certificate: inputs.certificate.trimEnd() };
    assert.deepEqual((await rig().read(name, id, last)).inputs, inputs);
    rig().answers[`GET ${path}/${id}`] = { ...answer, certificate: "another" };
    assert.equal((await rig().read(name, id, last)).inputs.certificate, "another");
  });

  it("is imported by <zone>/<certificate>, without a key", async () => {
    const found = await rig().read(name, `${zoneId}/${id}`, nothing);
    assert.equal(found.id, id);
    const { privateKey, ...rest } = found.inputs;
    assert.deepEqual([privateKey, rest], [undefined, { zoneId, certificate: inputs.certificate }]);
  });

  it("asks nothing of the API for a new key alone, and one DELETE at the end", async () => {
    const { last } = await rig().create(name, inputs);
    await rig()
      .kind(name)
      .update(id, { ...inputs, privateKey: "other" }, last);
    await rig().kind(name).delete(id, last);
    assert.deepEqual(rig().asked(), [`POST ${path}`, `DELETE ${path}/${id}`]);
  });

  it("takes the text with and without its last newline for the same, and any other for another", () => {
    const without = { ...inputs, certificate: inputs.certificate.trimEnd() };
    assert.deepEqual(rig().inputs(name, without, inputs), inputs);
    assert.deepEqual(rig().inputs(name, { ...inputs, certificate: "y" }, inputs).certificate, "y");
    assert.equal(rig().inputs(name, { ...inputs, certificate: UNKNOWN }, inputs).certificate, UNKNOWN);
  });

  it("has the SDK's inputs and outputs, and is replaced by another certificate or zone", () => {
    const kind = rig().kind(name);
    assert.deepEqual(kind.inputs, declaredInputs(name));
    assert.deepEqual([...kind.computed].sort(), declaredOutputs(name));
    assert.deepEqual(kind.replaceOn, ["certificate", "zoneId"]);
    assert.equal(kind.deleteBeforeReplace, undefined);
  });

  it("is found by a look-up as well", async () => {
    const found = await rig().invoke("getAuthenticatedOriginPullsCertificate", { zoneId, certificateId: id });
    assert.deepEqual(
      [found.id, found.certificateId, found.zoneId, found.status, found.certificate],
      [id, id, zoneId, "active", inputs.certificate],
    );
    await assert.rejects(
      async () => rig().invoke("getAuthenticatedOriginPullsCertificate", { zoneId, id }),
      /does not know the argument id/,
    );
  });
});

describe("the stand-in's settings for origin pulls", () => {
  const rig = rigged();
  const name = "AuthenticatedOriginPullsSettings";
  const path = `zones/${zoneId}/origin_tls_client_auth/settings`;

  it("are changed by PUT, read, imported by the zone's id, and left as they are at the end", async () => {
    rig().answers[`PUT ${path}`] = { enabled: true };
    rig().answers[`GET ${path}`] = { enabled: true };
    const { id, last } = await rig().create(name, { zoneId, enabled: true });
    assert.equal(id, zoneId);
    assert.deepEqual((await rig().read(name, id, last)).inputs, last.inputs);
    assert.deepEqual((await rig().read(name, zoneId, nothing)).inputs, last.inputs);
    await rig().kind(name).update(id, { zoneId, enabled: false }, last);
    const bodies: unknown[] = rig().calls.map(({ body }) => body);
    assert.deepEqual(bodies, [{ enabled: true }, undefined, undefined, { enabled: false }]);
    await rig().kind(name).delete(id, last);
    assert.equal(rig().calls.length, 4);
    const kind = rig().kind(name);
    assert.deepEqual(kind.inputs, declaredInputs(name));
    assert.deepEqual(kind.replaceOn, ["zoneId"]);
  });
});
