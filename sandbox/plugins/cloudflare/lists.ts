import type { Props } from "../fake-provider";
import { toCamel } from "./case";
import type { Client, Json, Query } from "./client";
import { refuseUnknown, withoutNulls } from "./functions";
import { rulesetsPath } from "./ruleset-state";

/** The real provider's default of `maxItems`. */
const defaultMaxItems = 1000;

/**
 * `cloudflare:index/getRulesets:getRulesets`: the rulesets of a zone or an account, without their rules.
 *
 * @throws {Error} not exactly one of `zoneId` and `accountId` is given.
 */
export async function getRulesets(client: Client, args: Props): Promise<Props> {
  refuseUnknown("getRulesets", args, ["accountId", "maxItems", "zoneId"]);
  const { zoneId, accountId, maxItems } = args;
  if ((zoneId === undefined) === (accountId === undefined))
    throw new Error("Exactly one of these attributes must be configured: [account_id,zone_id]");
  const found = (await client.call("GET", rulesetsPath(args))) as readonly Json[];
  const rulesets = found.slice(0, Number(maxItems ?? defaultMaxItems)).map((one) => {
    const { description, id, kind, lastUpdated, name, phase, version } = toCamel(one) as Json;
    return { description, id, kind, lastUpdated, name, phase, version };
  });
  return { ...args, rulesets, results: rulesets };
}

const filters = ["comment", "content", "name", "tag"];
const plainFilters = ["direction", "match", "order", "proxied", "search", "tagMatch", "type"];

/**
 * `cloudflare:index/getDnsRecords:getDnsRecords`: the records of a zone. Pages are asked for until one is empty, as
 * the real provider does, or until `maxItems` (1,000) are there.
 */
export async function getDnsRecords(client: Client, args: Props): Promise<Props> {
  refuseUnknown("getDnsRecords", args, [...filters, ...plainFilters, "maxItems", "zoneId"]);
  const path = `zones/${String(args.zoneId)}/dns_records`;
  return { ...args, results: (await listPages(client, path, toQuery(args), args)).map(toRecord) };
}

/** `cloudflare:index/getApiTokens:getApiTokens`: the user's API tokens, without their values. Paged as DNS records are. */
export async function getApiTokens(client: Client, args: Props): Promise<Props> {
  refuseUnknown("getApiTokens", args, ["maxItems"]);
  const results = await listPages(client, "user/tokens", {}, args);
  return { ...args, results: results.map((each) => withoutNulls(toCamel(each) as Json)) };
}

async function listPages(
  client: Client,
  path: string,
  filter: Query,
  { maxItems }: Props,
): Promise<readonly Json[]> {
  const most = Number(maxItems ?? defaultMaxItems);
  const results: Json[] = [];
  for (let page = 1; results.length < most; page++) {
    const query = { ...filter, page: page > 1 ? String(page) : undefined };
    const found = (await client.call("GET", path, { query })) as readonly Json[];
    if (found.length === 0) break;
    results.push(...found);
  }
  return results.slice(0, most);
}

/** `{name: {endswith: "x"}, tagMatch: "any"}` -> `name.endswith=x&tag_match=any`. */
function toQuery(args: Props): Query {
  const parts = filters.flatMap((filter) =>
    Object.entries((args[filter] ?? {}) as Props).map(([how, value]) => [`${filter}.${how}`, value] as const),
  );
  const plain = plainFilters.map(
    (filter) => [filter === "tagMatch" ? "tag_match" : filter, args[filter]] as const,
  );
  return Object.fromEntries([...parts, ...plain]) as Query;
}

function toRecord(found: Json): Json {
  const meta = JSON.stringify(found.meta ?? {});
  return { ...withoutNulls(toCamel(found) as Json), meta };
}
