import * as assert from "node:assert/strict";

import {
  hstsWarning,
  toZoneSettings,
  ZoneSettings,
  type ZoneSettingsArgs,
} from "../../../components/cloudflare/zone-settings";
import { find, run, value } from "../../harness";
import { providers } from "../providers";

const args = {
  zone: "example.com",
  zoneId: "0123456789abcdef0123456789abcdef",
  ssl: "strict",
  minTlsVersion: "1.2",
  http3: true,
  brotli: true,
  websockets: true,
  dnssec: false,
} as const satisfies ZoneSettingsArgs;

const make = (changed: Partial<ZoneSettingsArgs> = {}) =>
  run(() => new ZoneSettings("zone", { ...args, ...changed }, { providers: providers() }));

const hsts = { maxAgeSeconds: 31_536_000, includeSubdomains: true, preload: true };

describe("ZoneSettings", () => {
  it("creates a ZoneDnssec with DNSSEC", async () => {
    const { resources } = await make({ dnssec: true });
    assert.deepEqual(find(resources, ":ZoneDnssec", "zone-dnssec").inputs, {
      zoneId: args.zoneId,
      status: "active",
    });
  });

  for (const [settingId, value] of Object.entries(toZoneSettings(args)))
    it(`sets ${settingId} with its value`, async () => {
      const { resources } = await make();
      assert.deepEqual(find(resources, ":ZoneSetting", `zone-${settingId}`).inputs, {
        zoneId: args.zoneId,
        settingId,
        value,
      });
    });

  it("sets TLS 1.3 after 0-RTT, with no other dependency", async () => {
    const { resources } = await make();
    for (const id of Object.keys(toZoneSettings(args)))
      assert.deepEqual(
        find(resources, ":ZoneSetting", `zone-${id}`).dependencies,
        id === "tls_1_3" ? ["cloudflare:index/zoneSetting:ZoneSetting zone-0rtt"] : [],
      );
  });

  for (const [dnssec, ds] of [
    [true, "example.com. 3600 IN DS 2371 13 2 C988EC42"],
    [false, ""],
  ] as const)
    it(`returns ${dnssec ? "the DS record for the registrar" : "no DS record"} if dnssec is ${dnssec}`, async () => {
      const { result, outputs } = await make({ dnssec });
      assert.equal(await value(result.ds), ds);
      assert.deepEqual(outputs.find(({ of }) => of.endsWith(" zone"))?.outputs, { ds });
    });

  it("warns if HSTS is on", async () => {
    assert.deepEqual((await make()).logs, []);
    const minimal = { maxAgeSeconds: 0, includeSubdomains: false, preload: false };
    for (const each of [hsts, minimal])
      assert.deepEqual((await make({ hsts: each })).logs, [
        { severity: "warn", message: hstsWarning("example.com", each) },
      ]);
  });
});

describe("toZoneSettings", () => {
  const header = (enabled: boolean, more = {}) => ({
    strict_transport_security: {
      ...{ enabled, include_subdomains: false, max_age: 0, nosniff: false, preload: false },
      ...more,
    },
  });

  it("maps the settings to API IDs, HSTS off by default", () =>
    assert.deepEqual(toZoneSettings(args), {
      "0rtt": "off",
      tls_1_3: "on",
      min_tls_version: "1.2",
      always_use_https: "on",
      http3: "on",
      brotli: "on",
      websockets: "on",
      security_header: header(false),
      ssl: "strict",
    }));

  const table: [change: Partial<ZoneSettingsArgs>, id: string, value: unknown][] = [
    [{ ssl: "full" }, "ssl", "full"],
    [{ minTlsVersion: "1.3" }, "min_tls_version", "1.3"],
    [{ http3: false }, "http3", "off"],
    [{ brotli: false }, "brotli", "off"],
    [{ websockets: false }, "websockets", "off"],
    [
      { hsts: { maxAgeSeconds: 300, includeSubdomains: true, preload: false } },
      "security_header",
      header(true, { include_subdomains: true, max_age: 300 }),
    ],
    [
      { hsts: { maxAgeSeconds: 0, includeSubdomains: false, preload: true } },
      "security_header",
      header(true, { preload: true }),
    ],
  ];
  for (const [change, id, value] of table)
    it(`changes ${id} alone for ${JSON.stringify(change)}`, () =>
      assert.deepEqual(toZoneSettings({ ...args, ...change }), { ...toZoneSettings(args), [id]: value }));
});

describe("hstsWarning", () => {
  const warning = (hosts: string, duration: string, note = "") =>
    `edge.hsts: for ${duration} after a visit a browser refuses plain HTTP and invalid certificates on ${hosts}. ` +
    `Turning it off takes effect at the browser's next visit.${note}`;
  const preloadNote = " `preload`: removal from the browsers' list takes months.";
  const table: [change: Partial<typeof hsts>, expected: string][] = [
    [{}, warning("example.com and every name below it", "365 days", preloadNote)],
    [{ preload: false }, warning("example.com and every name below it", "365 days")],
    [
      { includeSubdomains: false },
      warning("each host of example.com that it visited", "365 days", preloadNote),
    ],
    [{ maxAgeSeconds: 172_800 }, warning("example.com and every name below it", "2 days", preloadNote)],
    [{ maxAgeSeconds: 172_799 }, warning("example.com and every name below it", "48 hours", preloadNote)],
    [{ maxAgeSeconds: 3600 }, warning("example.com and every name below it", "60 minutes", preloadNote)],
    [{ maxAgeSeconds: 0 }, warning("example.com and every name below it", "0 seconds", preloadNote)],
  ];
  for (const [change, expected] of table)
    it(`describes ${JSON.stringify(change)}`, () =>
      assert.equal(hstsWarning("example.com", { ...hsts, ...change }), expected));
});
