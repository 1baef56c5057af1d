import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";

/** HTTP Strict Transport Security: browsers refuse plain HTTP for the zone's hosts. */
export interface Hsts {
  /** How long a browser remembers the policy. */
  readonly maxAgeSeconds: number;
  /** Whether the policy covers every name below the zone, including those of other stacks. */
  readonly includeSubdomains: boolean;
  /** Whether browsers may put the zone on their preload list; removal takes months. */
  readonly preload: boolean;
}

export interface ZoneSettingsArgs {
  /** The zone's name, such as `example.com`. */
  readonly zone: string;
  /** Cloudflare's id of the zone, 32 hex digits. */
  readonly zoneId: pulumi.Input<string>;
  /** `strict`: Cloudflare requires a valid certificate of the origin; `full`: it accepts any. */
  readonly ssl: "strict" | "full";
  /** The lowest TLS version that the edge accepts from browsers. */
  readonly minTlsVersion: "1.2" | "1.3";
  readonly http3: boolean;
  readonly brotli: boolean;
  readonly websockets: boolean;
  /** Default: off. */
  readonly hsts?: Hsts | undefined;
  /** Whether the zone is signed. Effective once the registrar has the DS record of {@link ZoneSettings.ds}. */
  readonly dnssec: boolean;
}

/**
 * The zone's TLS and HTTP settings, and DNSSEC. Create them after the origin has its certificate, since `strict` rejects
 * an origin without one. Destroying them changes nothing at Cloudflare: to turn a setting off, set it to `off`.
 *
 * @see https://developers.cloudflare.com/ssl/origin-configuration/ssl-modes/full-strict/
 */
export class ZoneSettings extends pulumi.ComponentResource {
  /** The DS record for the zone's registrar; empty without DNSSEC. */
  readonly ds: pulumi.Output<string>;

  constructor(name: string, args: ZoneSettingsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { zone, zoneId, hsts, dnssec } = args;
    super("platform:networking:ZoneSettings", name, {}, opts);

    const { "0rtt": earlyData, ...values } = toZoneSettings(args);
    const set = (settingId: string, value: unknown, dependsOn: pulumi.Resource[] = []) =>
      new cloudflare.ZoneSetting(
        `${name}-${settingId}`,
        { zoneId, settingId, value },
        { parent: this, dependsOn },
      );
    // `tls_1_3` reads back as "zrt" while 0-RTT is on, so turn 0-RTT off first.
    const zeroRtt = set("0rtt", earlyData);
    for (const [settingId, value] of Object.entries(values))
      set(settingId, value, settingId === "tls_1_3" ? [zeroRtt] : []);

    const zoneDnssec = dnssec
      ? new cloudflare.ZoneDnssec(`${name}-dnssec`, { zoneId, status: "active" }, { parent: this })
      : undefined;
    if (hsts !== undefined) void pulumi.log.warn(hstsWarning(zone, hsts));

    this.ds = zoneDnssec?.ds ?? pulumi.output("");
    this.registerOutputs({ ds: this.ds });
  }
}

/** Zone settings: API setting ID → value. */
export function toZoneSettings({
  ssl,
  minTlsVersion,
  http3,
  brotli,
  websockets,
  hsts,
}: ZoneSettingsArgs): Record<string, unknown> & { readonly "0rtt": string } {
  const onOff = (on: boolean) => (on ? "on" : "off");
  return {
    // 0-RTT data is replayable.
    "0rtt": "off",
    tls_1_3: "on",
    min_tls_version: minTlsVersion,
    always_use_https: "on",
    http3: onOff(http3),
    brotli: onOff(brotli),
    websockets: onOff(websockets),
    security_header: {
      strict_transport_security: {
        enabled: hsts !== undefined,
        include_subdomains: hsts?.includeSubdomains ?? false,
        max_age: hsts?.maxAgeSeconds ?? 0,
        nosniff: false,
        preload: hsts?.preload ?? false,
      },
    },
    ssl,
  };
}

/** A warning about the irreversible effect of HSTS. */
export function hstsWarning(zone: string, { maxAgeSeconds, includeSubdomains, preload }: Hsts): string {
  const hosts = includeSubdomains
    ? `${zone} and every name below it`
    : `each host of ${zone} that it visited`;
  const preloadNote = preload ? " `preload`: removal from the browsers' list takes months." : "";
  return (
    `edge.hsts: for ${formatDuration(maxAgeSeconds)} after a visit a browser refuses plain HTTP and invalid ` +
    `certificates on ${hosts}. Turning it off takes effect at the browser's next visit.${preloadNote}`
  );
}

/** The duration in the largest unit of which there are at least two, otherwise in seconds. */
function formatDuration(seconds: number): string {
  const units = [
    ["days", 86_400],
    ["hours", 3600],
    ["minutes", 60],
  ] as const;
  const [unit, size] = units.find(([, each]) => seconds >= 2 * each) ?? (["seconds", 1] as const);
  return `${Math.round(seconds / size)} ${unit}`;
}
