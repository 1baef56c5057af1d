import * as assert from "node:assert/strict";

import type { Props } from "../../../sandbox/plugins/fake-provider";
import { certificate } from "../clouds/client-certificates";
import { nothing, rigged, zoneId } from "./cloudflare-rig";

const day = 24 * 60 * 60 * 1000;
const made = { kind: "zone", name: "default", description: "Made by Pulumi", zoneId };
const freeManaged = "77454fe2d30c4220b5701f6fdfb893ba";
const rulesets: readonly Props[] = [
  {
    ...made,
    phase: "http_request_firewall_managed",
    rules: [{ ref: "free", action: "execute", expression: "true", actionParameters: { id: freeManaged } }],
  },
  {
    ...made,
    phase: "http_request_firewall_custom",
    rules: [
      {
        ref: "office",
        action: "skip",
        expression: "ip.src in {192.0.2.0/24}",
        actionParameters: { ruleset: "current" },
        logging: { enabled: true },
      },
      {
        ref: "dots",
        action: "block",
        expression: 'starts_with(http.request.uri.path, "/.")',
        description: "no",
      },
      { ref: "off", action: "managed_challenge", expression: "ssl", enabled: false },
    ],
  },
  {
    ...made,
    phase: "http_ratelimit",
    rules: [
      {
        ref: "flood",
        action: "block",
        expression: 'starts_with(http.request.uri.path, "/")',
        ratelimit: {
          characteristics: ["cf.colo.id", "ip.src"],
          period: 10,
          requestsPerPeriod: 500,
          mitigationTimeout: 10,
        },
      },
    ],
  },
  {
    ...made,
    phase: "http_request_cache_settings",
    rules: [
      {
        ref: "assets",
        action: "set_cache_settings",
        expression: 'http.host eq "www.example.com"',
        actionParameters: {
          cache: true,
          edgeTtl: { mode: "override_origin", default: 7200 },
          browserTtl: { mode: "respect_origin" },
        },
      },
      {
        ref: "live",
        action: "set_cache_settings",
        expression: 'http.host eq "live.example.com"',
        actionParameters: { cache: false },
      },
    ],
  },
  {
    ...made,
    phase: "http_response_headers_transform",
    rules: [
      {
        ref: "security-headers",
        action: "rewrite",
        expression: "true",
        actionParameters: {
          headers: {
            "X-Content-Type-Options": { operation: "set", value: "nosniff" },
            "X-Powered-By": { operation: "remove" },
          },
        },
      },
    ],
  },
  {
    ...made,
    phase: "http_request_dynamic_redirect",
    rules: [
      {
        ref: "redirect-www",
        action: "redirect",
        expression: 'http.host eq "www.example.com"',
        actionParameters: {
          fromValue: {
            statusCode: 301,
            preserveQueryString: true,
            targetUrl: { expression: 'concat("https://example.com", http.request.uri.path)' },
          },
        },
      },
    ],
  },
];

describe("the Cloudflare stand-in over the emulated cloud", () => {
  const rig = rigged();
  const ruleIds = (last: { readonly outputs: Props }): Readonly<Record<string, unknown>> =>
    Object.fromEntries((last.outputs.rules as Props[]).map(({ ref, id }) => [String(ref), id] as const));

  it("makes, reads without a change, imports alike and deletes a ruleset of every phase", async () => {
    for (const props of rulesets) {
      const { id, last } = await rig().create("Ruleset", props);
      assert.deepEqual((await rig().read("Ruleset", id, last)).inputs, last.inputs);
      const imported = (await rig().read("Ruleset", `zones/${zoneId}/${id}`, nothing)).inputs;
      // Logging is the API's own where a skip leaves it out, so an import does not say it.
      const rules = (last.inputs.rules as Props[]).map((rule) => ({ ...rule, logging: undefined }));
      assert.deepEqual(imported, JSON.parse(JSON.stringify({ ...last.inputs, rules })));
      await rig().kind("Ruleset").delete(id, last);
    }
    assert.deepEqual(rig().held().rulesets, []);
  });

  it("keeps the ids of rules that keep their ref, whatever is added, edited and turned about them", async () => {
    const props = rulesets[1] ?? {};
    const { id, last } = await rig().create("Ruleset", props);
    const [office, dots, off] = props.rules as Props[];
    const more = { ref: "more", action: "block", expression: "ssl" };
    const inputs = rig().inputs("Ruleset", {
      ...props,
      rules: [more, off, { ...office, expression: "ssl" }],
    });
    const outputs = await rig().kind("Ruleset").update(id, inputs, last);
    const next = { inputs, outputs: { ...inputs, ...outputs } };
    const [before, after] = [ruleIds(last), ruleIds(next)];
    assert.deepEqual([after.office, after.off], [before.office, before.off]);
    assert.ok(!Object.values(before).includes(after.more) && dots?.ref === "dots");
    assert.deepEqual((await rig().read("Ruleset", id, next)).inputs, inputs);
  });

  it("tells of a second ruleset for a phase in Cloudflare's words", async () => {
    await rig().create("Ruleset", rulesets[0] ?? {});
    await assert.rejects(async () => rig().create("Ruleset", rulesets[0] ?? {}), /400 Bad Request .*20217/);
  });

  it("finds the rulesets of the zone", async () => {
    const { id } = await rig().create("Ruleset", rulesets[2] ?? {});
    const found = (await rig().invoke("getRulesets", { zoneId })).rulesets as Props[];
    const { phase, kind, rules } = found.find((one) => one.id === id) ?? {};
    assert.deepEqual([phase, kind, rules], ["http_ratelimit", "zone", undefined]);
  });

  it("changes settings and leaves them behind", async () => {
    const hsts = {
      enabled: true,
      max_age: 31536000,
      include_subdomains: false,
      preload: false,
      nosniff: true,
    };
    const wanted: readonly (readonly [setting: string, value: unknown])[] = [
      ["ssl", "strict"],
      ["min_tls_version", "1.2"],
      ["always_use_https", "on"],
      ["security_header", { strict_transport_security: hsts }],
    ];
    for (const [settingId, value] of wanted) {
      const { id, last } = await rig().create("ZoneSetting", { zoneId, settingId, value });
      assert.deepEqual((await rig().read("ZoneSetting", id, last)).inputs, last.inputs);
      await rig().kind("ZoneSetting").delete(id, last);
    }
    assert.deepEqual(
      rig()
        .held()
        .settings.map(({ id }) => id),
      wanted.map(([setting]) => setting),
    );
  });

  it("turns DNSSEC on, where it stays pending, and off", async () => {
    const { id, last } = await rig().create("ZoneDnssec", { zoneId, status: "active" });
    assert.match(String(last.outputs.ds), /^example\.com\. 3600 IN DS /);
    assert.equal((await rig().read("ZoneDnssec", id, last)).inputs.status, "pending");
    await rig().kind("ZoneDnssec").delete(id, last);
    assert.equal((await rig().read("ZoneDnssec", id, nothing)).inputs.status, "disabled");
  });

  it("uploads a certificate for origin pulls, turns them on, and takes the certificate away", async () => {
    const { pem, key } = certificate({ from: Date.now() - day, until: Date.now() + day });
    const name = "AuthenticatedOriginPullsCertificate";
    const { id, last } = await rig().create(name, { zoneId, certificate: pem, privateKey: key });
    assert.deepEqual((await rig().read(name, id, last)).inputs, last.inputs);
    const found = await rig().invoke(`get${name}`, { zoneId, certificateId: id });
    assert.deepEqual([found.certificate, found.issuer], [pem, last.outputs.issuer]);
    await rig().create("AuthenticatedOriginPullsSettings", { zoneId, enabled: true });
    await rig().kind(name).delete(id, last);
    const { certificates, settings } = rig().held().origin_pulls;
    assert.deepEqual([certificates, settings], [[], [{ zone: zoneId, enabled: true }]]);
  });

  it("shows what the token may do in the zone", async () => {
    const { permissions } = await rig().invoke("getZone", { zoneId });
    assert.ok((permissions as string[]).includes("#dns_records:edit"));
  });
});
