import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";

/** Tells browsers never to use plain HTTP again. */
export interface Hsts {
  /** For how long a browser remembers it. */
  readonly maxAgeSeconds: number;
  /** Whether it holds for every name below the zone too, of other stacks as well. */
  readonly includeSubdomains: boolean;
  /** Whether browsers may ship with it: getting off their list takes months. */
  readonly preload: boolean;
}

export interface ZoneSettingsArgs {
  /** The zone's name, such as `example.com`. */
  readonly zone: string;
  /** Cloudflare's id of the zone, 32 hex digits. */
  readonly zoneId: pulumi.Input<string>;
  /** `strict`: Cloudflare refuses an origin without a valid certificate for the host; `full` takes any. */
  readonly ssl: "strict" | "full";
  /** The oldest TLS that a browser may speak with the edge. */
  readonly minTlsVersion: "1.2" | "1.3";
  readonly http3: boolean;
  readonly brotli: boolean;
  readonly websockets: boolean;
  /** Absence turns it off. */
  readonly hsts?: Hsts | undefined;
  /** Whether the zone is signed. It holds once the registrar has the DS record of {@link ZoneSettings.ds}. */
  readonly dnssec: boolean;
}

/**
 * How the edge speaks with browsers and with the origin, for the whole zone. To be made after the origin has its
 * certificate, since `strict` turns away an origin that has none. Destroying it changes nothing at Cloudflare: turning
 * off is a value.
 *
 * @see https://developers.cloudflare.com/ssl/origin-configuration/ssl-modes/full-strict/
 */
export class ZoneSettings extends pulumi.ComponentResource {
  /** The DS record that the zone's registrar must have for DNSSEC; empty without DNSSEC. */
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
    // While 0-RTT is on, `tls_1_3` reads back as "zrt".
    const noEarlyData = set("0rtt", earlyData);
    for (const [settingId, value] of Object.entries(values))
      set(settingId, value, settingId === "tls_1_3" ? [noEarlyData] : []);

    const signed = dnssec
      ? new cloudflare.ZoneDnssec(`${name}-dnssec`, { zoneId, status: "active" }, { parent: this })
      : undefined;
    if (hsts !== undefined) void pulumi.log.warn(hstsWarning(zone, hsts), this);

    this.ds = signed?.ds ?? pulumi.output("");
    this.registerOutputs({ ds: this.ds });
  }
}

/** The zone settings by id, as the API spells them. */
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
    // What a browser sends before the handshake is done can be sent again by somebody who listened.
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

/** What cannot be taken back, in words. */
export function hstsWarning(zone: string, { maxAgeSeconds, includeSubdomains, preload }: Hsts): string {
  const names = includeSubdomains ? `${zone} and every name below it` : `each host of ${zone} it visits`;
  const list = preload ? " `preload` lets browsers ship with it: getting off that list takes months." : "";
  return (
    `edge.hsts: for ${formatDuration(maxAgeSeconds)} after a visit a browser refuses plain HTTP, and any fault of ` +
    `the certificate, on ${names}. Turning it off reaches a browser only at its next visit.${list}`
  );
}

/** Whole units of which there are at least two, or seconds. */
function formatDuration(seconds: number): string {
  const units = [
    ["days", 86_400],
    ["hours", 3600],
    ["minutes", 60],
  ] as const;
  const [unit, size] = units.find(([, each]) => seconds >= 2 * each) ?? (["seconds", 1] as const);
  return `${Math.round(seconds / size)} ${unit}`;
}
