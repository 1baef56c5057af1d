import assert from "node:assert/strict";

import { find, type Places } from "../../sandbox/engine/natural-keys";
import type { Props } from "../../sandbox/plugins/stand-in";
import { certificate } from "./clouds/client-certificates";
import { rigged, zoneId } from "./plugins/cloudflare-rig";

const day = 24 * 60 * 60 * 1000;
const ruleset = {
  zoneId,
  kind: "zone",
  name: "default",
  description: "Made by Pulumi",
  phase: "http_request_firewall_custom",
  rules: [{ ref: "dots", action: "block", expression: "ssl" }],
};
const resources = JSON.stringify({ [`com.cloudflare.api.account.zone.${zoneId}`]: "*" });
const groups = ["4755a26eedb94da69e1066d98aa820be", "c8fed203ed3043cba015a93ad1616f1f"];
const token = {
  name: "dns01",
  policies: [{ effect: "allow", permissionGroups: groups.map((id) => ({ id })), resources }],
};

describe("Finding what a create has made at Cloudflare", () => {
  const rig = rigged();
  const nowhere = () => assert.fail("asked of another place");
  const places = (): Places => ({
    hetzner: nowhere,
    cloudflare: async (where, method) => rig().ask(where, method),
    kube: { get: nowhere, delete: nowhere },
    uninstall: nowhere,
  });
  const found = async (name: string, inputs: Props) => {
    const type = `cloudflare:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
    return find({ urn: `urn:pulumi:dev::net::${type}::it`, type, inputs: { ...inputs } }, places());
  };

  it("finds a ruleset by its phase, in the form in which it is imported", async () => {
    assert.equal(await found("Ruleset", ruleset), undefined);
    const { id } = await rig().create("Ruleset", ruleset);
    assert.equal(await found("Ruleset", ruleset), `zones/${zoneId}/${id}`);
    assert.equal(await found("Ruleset", { ...ruleset, phase: "http_ratelimit" }), undefined);
  });

  it("leaves a ruleset alone that somebody else made for the phase", async () => {
    await rig().create("Ruleset", { ...ruleset, description: "" });
    assert.equal(await found("Ruleset", ruleset), undefined);
    assert.equal(await found("Ruleset", { ...ruleset, zoneId: undefined, accountId: "x" }), undefined);
  });

  it("finds a certificate for origin pulls by its text", async () => {
    const name = "AuthenticatedOriginPullsCertificate";
    const [one, other] = [1, 2].map(() => certificate({ from: Date.now() - day, until: Date.now() + day }));
    const inputs = { zoneId, certificate: one?.pem, privateKey: one?.key };
    assert.equal(await found(name, inputs), undefined);
    const { id } = await rig().create(name, inputs);
    assert.equal(await found(name, { ...inputs, certificate: one?.pem.trimEnd() }), `${zoneId}/${id}`);
    assert.equal(await found(name, { ...inputs, certificate: other?.pem }), undefined);
    assert.equal(await found(name, { ...inputs, certificate: { ciphertext: "x" } }), undefined);
  });

  it("finds DNSSEC where it is on, since a destroy has to turn it off", async () => {
    const inputs = { zoneId, status: "active" };
    assert.equal(await found("ZoneDnssec", inputs), undefined);
    await rig().create("ZoneDnssec", inputs);
    assert.equal(await found("ZoneDnssec", inputs), zoneId);
  });

  it("looks for no setting: to make it again says the same once more", async () => {
    await rig().create("ZoneSetting", { zoneId, settingId: "ssl", value: "strict" });
    assert.equal(await found("ZoneSetting", { zoneId, settingId: "ssl", value: "strict" }), undefined);
    assert.equal(await found("AuthenticatedOriginPullsSettings", { zoneId, enabled: true }), undefined);
  });

  it("takes every token away whose value was lost, and no other", async () => {
    await rig().create("ApiToken", token);
    await rig().create("ApiToken", token);
    const [policy] = token.policies;
    const kept = [
      { ...token, name: "other" },
      { ...token, policies: [{ ...policy, permissionGroups: [{ id: groups[0] }] }] },
    ];
    for (const one of kept) await rig().create("ApiToken", one);
    const turned = [{ ...policy, permissionGroups: [...groups].reverse().map((id) => ({ id })) }];
    assert.equal(await found("ApiToken", { ...token, policies: turned }), undefined);
    const left = rig().held().tokens as readonly { readonly name: string }[];
    assert.deepEqual(
      left.map(({ name }) => name),
      ["other", "dns01"],
    );
  });
});
