import { UNKNOWN, type InputError, type ResourceType, type Props, type FakeProvider } from "../fake-provider";
import { apiToken } from "./api-token";
import { Client } from "./client";
import { dnsRecord } from "./dns-record";
import { getIpRanges, getZone } from "./functions";
import { getApiTokens, getDnsRecords, getRulesets } from "./lists";
import { getOriginPullsCertificate, originPullsCertificate, originPullsSettings } from "./origin-pulls";
import { ruleset } from "./ruleset";
import { zoneDnssec } from "./zone-dnssec";
import { zoneSetting } from "./zone-setting";

const known = ["apiToken", "baseUrl", "version", "pluginDownloadURL"];

const types: Readonly<Record<string, (client: () => Client) => ResourceType>> = {
  ApiToken: apiToken,
  AuthenticatedOriginPullsCertificate: originPullsCertificate,
  AuthenticatedOriginPullsSettings: originPullsSettings,
  DnsRecord: dnsRecord,
  Ruleset: ruleset,
  ZoneDnssec: zoneDnssec,
  ZoneSetting: zoneSetting,
};

const functions: Readonly<Record<string, (client: Client, args: Props) => Promise<Props>>> = {
  getApiTokens,
  getAuthenticatedOriginPullsCertificate: getOriginPullsCertificate,
  getDnsRecords,
  getIpRanges,
  getRulesets,
  getZone,
};

/** `DnsRecord` -> `cloudflare:index/dnsRecord:DnsRecord`, as the SDK calls it; a function's name alike. */
const readToken = (name: string): string =>
  `cloudflare:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;

/** Stands in for pulumi-cloudflare. It speaks only to `baseUrl`: without one it would reach the real Cloudflare. */
export function cloudflareProvider(): FakeProvider {
  let client: Client | undefined;
  const ready = (): Client => {
    if (client !== undefined) return client;
    throw new Error("cloudflare: apiToken or baseUrl is not known yet, so nothing can be asked of the API");
  };
  const kinds = new Map(Object.entries(types).map(([name, make]) => [readToken(name), make(ready)] as const));
  const calls = new Map(Object.entries(functions).map(([name, call]) => [readToken(name), call] as const));
  return {
    name: "cloudflare",
    version: "6.22.1",
    checkConfig,
    configure({ apiToken, baseUrl }) {
      const isKnown = [apiToken, baseUrl].every((value) => typeof value === "string" && value !== UNKNOWN);
      client = isKnown ? new Client(String(baseUrl), String(apiToken)) : undefined;
    },
    findType: (token) => kinds.get(token),
    async invoke(token, args) {
      const call = calls.get(token);
      if (call !== undefined) return call(ready(), args);
      throw new Error(
        `the sandbox's stand-in for the cloudflare provider has no function "${token}": ` +
          "teach it in sandbox/plugins/cloudflare, or run the real plugin with --plugins DIR",
      );
    },
  };
}

function checkConfig({ apiToken, baseUrl, ...rest }: Props): readonly InputError[] {
  const unknown = Object.keys(rest)
    .filter((property) => !known.includes(property))
    .map((property) => ({ property, reason: "the stand-in does not know this argument" }));
  const wrong = [
    ...(apiToken === UNKNOWN || /^[0-9A-Za-z\-_]{40,80}$/.test(text(apiToken))
      ? []
      : [
          {
            property: "apiToken",
            reason: "API tokens must have 40 to 80 of the characters a-z, A-Z, 0-9, hyphens and underscores",
          },
        ]),
    ...(baseUrl === UNKNOWN || /^https?:\/\/./.test(text(baseUrl))
      ? []
      : [
          {
            property: "baseUrl",
            reason: `"${text(baseUrl)}" given, want the URL of the sandbox's Cloudflare: set cloudflare:baseUrl`,
          },
        ]),
  ];
  return [...unknown, ...wrong];
}

const text = (value: unknown) => (typeof value === "string" ? value : "");
