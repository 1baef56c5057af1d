import type { Props } from "../fake-provider";
import type { Client, Json } from "./client";
import { toRecord } from "./dns-record";
import { toCamel } from "./shape";

/** `cloudflare:index/getIpRanges:getIpRanges`: the addresses from which Cloudflare connects to an origin. */
export async function getIpRanges(client: Client, args: Props): Promise<Props> {
  refuseUnknown("getIpRanges", args, []);
  return { jdcloudCidrs: [], ...(toCamel(await client.call("GET", "ips")) as Props) };
}

/** `cloudflare:index/getZone:getZone`: one zone, by `zoneId`. */
export async function getZone(client: Client, args: Props): Promise<Props> {
  refuseUnknown("getZone", args, ["zoneId"]);
  const zone = await client.call("GET", `zones/${encodeURIComponent(String(args.zoneId))}`);
  return { ...(toCamel(zone) as Props), ...args };
}

/** `cloudflare:index/getRulesets:getRulesets`: the rulesets of a zone, without their rules. */
export async function getRulesets(client: Client, args: Props): Promise<Props> {
  refuseUnknown("getRulesets", args, ["zoneId"]);
  const rulesets = toCamel(await client.call("GET", `zones/${String(args.zoneId)}/rulesets`));
  return { ...args, rulesets, results: rulesets };
}

/** `cloudflare:index/getDnsRecords:getDnsRecords`: the records of a zone, `maxItems` at most. */
export async function getDnsRecords(client: Client, args: Props): Promise<Props> {
  refuseUnknown("getDnsRecords", args, ["maxItems", "zoneId"]);
  const found = await listPages(client, `zones/${String(args.zoneId)}/dns_records`, args.maxItems);
  return { ...args, results: found.map(toRecord) };
}

/** `cloudflare:index/getApiTokens:getApiTokens`: the user's API tokens, without their values. */
export async function getApiTokens(client: Client, args: Props): Promise<Props> {
  refuseUnknown("getApiTokens", args, []);
  return { results: toCamel(await listPages(client, "user/tokens")) };
}

/** Requests pages until one is empty, as the real provider does, or until there are `most` (default 1,000). */
async function listPages(client: Client, path: string, most: unknown = 1000): Promise<readonly Json[]> {
  const results: Json[] = [];
  for (let page = 1; results.length < Number(most); page++) {
    const found = (await client.call("GET", `${path}?page=${page}`)) as readonly Json[];
    if (found.length === 0) break;
    results.push(...found);
  }
  return results.slice(0, Number(most));
}

/** @throws {Error} there is an argument that the stand-in does not know. */
export function refuseUnknown(name: string, args: Props, known: readonly string[]): void {
  const unknown = Object.keys(args).filter((key) => !known.includes(key));
  if (unknown.length > 0)
    throw new Error(`${name}: the stand-in does not know the argument ${unknown.join(", ")}`);
}
