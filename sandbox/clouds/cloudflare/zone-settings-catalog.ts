import { z } from "zod";

import { isAtLeast, type Plan } from "./plans";

/** One setting that every zone has. */
interface SettingType {
  /** Value of a new zone. */
  readonly initial: unknown;
  /** Valid values. */
  readonly values: z.ZodType;
  /** The cheapest plan whose zones may change it. Default free; `add-on`: no plan alone. */
  readonly from?: Plan | "add-on";
}

const onOff = z.enum(["on", "off"]);
const on: SettingType = { initial: "on", values: onOff };
const off: SettingType = { initial: "off", values: onOff };
const oneOf = (initial: string, ...others: readonly string[]): SettingType => ({
  initial,
  values: z.enum([initial, ...others]),
});
const oneOfSeconds = (initial: number, ...others: readonly number[]): SettingType => ({
  initial,
  values: z.literal([initial, ...others]),
});

const hstsOff = { enabled: false, max_age: 0, include_subdomains: false, preload: false, nosniff: false };
const securityHeader = z.strictObject({
  strict_transport_security: z.strictObject({
    enabled: z.boolean().default(hstsOff.enabled),
    max_age: z.int().nonnegative().default(hstsOff.max_age),
    include_subdomains: z.boolean().default(hstsOff.include_subdomains),
    preload: z.boolean().default(hstsOff.preload),
    nosniff: z.boolean().default(hstsOff.nosniff),
  }),
});

const [minute, hour, day] = [60, 3600, 86_400];
const browserCacheTtls = [
  ...[0, 30, minute, 2 * minute, 5 * minute, 20 * minute, 30 * minute],
  ...[1, 2, 3, 5, 8, 12, 16, 20].map((hours) => hours * hour),
  ...[1, 2, 3, 4, 5, 8, 16, 24, 31, 62, 186, 365].map((days) => days * day),
];
const challengeTtls = [
  ...[5, 15, 45].map((minutes) => minutes * minute),
  ...[1, 2, 3, 4, 8, 16].map((hours) => hours * hour),
  ...[1, 7, 30, 365].map((days) => days * day),
];

/**
 * The settings that are emulated, by id. Cloudflare has a few more; one that is missing here is refused, never half
 * done. `0rtt` and `tls_1_3` hang together: see the routes.
 *
 * @see https://developers.cloudflare.com/api/resources/zones/subresources/settings/
 */
export const settingTypes: ReadonlyMap<string, SettingType> = new Map(
  Object.entries<SettingType>({
    "0rtt": off,
    always_online: off,
    always_use_https: off,
    automatic_https_rewrites: on,
    brotli: on,
    browser_cache_ttl: oneOfSeconds(4 * hour, ...browserCacheTtls),
    browser_check: on,
    cache_level: oneOf("aggressive", "basic", "simplified"),
    challenge_ttl: oneOfSeconds(30 * minute, ...challengeTtls),
    ciphers: { initial: [], values: z.array(z.string()), from: "add-on" },
    cname_flattening: { ...oneOf("flatten_at_root", "flatten_all"), from: "pro" },
    development_mode: off,
    early_hints: off,
    email_obfuscation: on,
    hotlink_protection: off,
    http2: { ...on, from: "pro" },
    http3: on,
    ip_geolocation: on,
    ipv6: { ...on, from: "pro" },
    min_tls_version: oneOf("1.0", "1.1", "1.2", "1.3"),
    opportunistic_encryption: on,
    opportunistic_onion: on,
    origin_max_http_version: oneOf("2", "1"),
    polish: { ...oneOf("off", "lossless", "lossy"), from: "pro" },
    pseudo_ipv4: oneOf("off", "add_header", "overwrite_header"),
    rocket_loader: off,
    security_header: { initial: { strict_transport_security: hstsOff }, values: securityHeader },
    security_level: oneOf("medium", "off", "essentially_off", "low", "high", "under_attack"),
    ssl: oneOf("full", "off", "flexible", "strict"),
    tls_1_3: oneOf("on", "off", "zrt"),
    tls_client_auth: off,
    true_client_ip_header: { ...off, from: "enterprise" },
    websockets: on,
  }),
);

/** Whether the zones of a plan may change the setting. */
export function isEditable({ from = "free" }: SettingType, plan: Plan): boolean {
  return from !== "add-on" && isAtLeast(plan, from);
}
