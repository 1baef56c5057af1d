import { UNKNOWN, type InputError, type ResourceType, type Props, type FakeProvider } from "../fake-provider";
import { apiToken } from "./api-token";
import { Client } from "./client";
import { dnsRecord } from "./dns-record";
import { getApiTokens, getDnsRecords, getIpRanges, getRulesets, getZone } from "./functions";
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

/** `DnsRecord` -> `cloudflare:index/dnsRecord:DnsRecord`, the type token; a function's alike. */
const toToken = (name: string): string =>
  `cloudflare:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;

/** The stand-in for pulumi-cloudflare. It requires `baseUrl`, since the default is the real Cloudflare. @param request for tests. */
export function cloudflareProvider(request: typeof fetch = fetch): FakeProvider {
  let client: Client | undefined;
  const ready = (): Client => {
    if (client !== undefined) return client;
    throw new Error("cloudflare: apiToken or baseUrl is not known yet, so nothing can be asked of the API");
  };
  const kinds = new Map(Object.entries(types).map(([name, make]) => [toToken(name), make(ready)] as const));
  const calls = new Map(Object.entries(functions).map(([name, call]) => [toToken(name), call] as const));
  return {
    name: "cloudflare",
    version: "6.22.1",
    checkConfig,
    configure({ apiToken, baseUrl }) {
      const isKnown = [apiToken, baseUrl].every((value) => typeof value === "string" && value !== UNKNOWN);
      client = isKnown ? new Client(String(baseUrl), String(apiToken), request) : undefined;
    },
    findType: (token) => kinds.get(token),
    async invoke(token, args) {
      const call = calls.get(token);
      if (call !== undefined) return call(ready(), args);
      throw new Error(
        `the sandbox's stand-in for the cloudflare provider has no function "${token}": ` +
          "add it in sandbox/plugins/cloudflare, or run the real plugin with --plugins DIR",
      );
    },
  };
}

function checkConfig({ apiToken, baseUrl, ...rest }: Props): readonly InputError[] {
  const unknown = Object.keys(rest)
    .filter((property) => !known.includes(property))
    .map((property) => ({ property, reason: "the stand-in does not know this argument" }));
  const isToken = apiToken === UNKNOWN || /^[0-9A-Za-z\-_]{40,80}$/.test(String(apiToken));
  const isUrl = baseUrl === UNKNOWN || /^https?:\/\/./.test(String(baseUrl));
  // The token is in no message.
  const tokenHelp = "API tokens must have 40 to 80 of the characters a-z, A-Z, 0-9, hyphens and underscores";
  const urlHelp = `${JSON.stringify(baseUrl ?? "")} given, want the URL of the sandbox's Cloudflare: set cloudflare:baseUrl`;
  return [
    ...unknown,
    ...(isToken ? [] : [{ property: "apiToken", reason: tokenHelp }]),
    ...(isUrl ? [] : [{ property: "baseUrl", reason: urlHelp }]),
  ];
}
