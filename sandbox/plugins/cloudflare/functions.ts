import type { Props } from "../fake-provider";
import { toCamel } from "./case";
import type { Client, Json } from "./client";

/** `cloudflare:index/getIpRanges:getIpRanges`: the addresses from which Cloudflare reaches an origin. */
export async function getIpRanges(client: Client, args: Props): Promise<Props> {
  refuseUnknown("getIpRanges", args, ["networks"]);
  const ranges = (await client.call("GET", "ips", { query: { networks: toText(args.networks) } })) as Json;
  return { jdcloudCidrs: [], ...(toCamel(ranges) as Props), ...args };
}

/**
 * `cloudflare:index/getZone:getZone`: one zone, by `zoneId` or by a `filter` that fits exactly one.
 *
 * @throws {Error} both or neither is given, or the filter fits none or several on the list's first page.
 */
export async function getZone(client: Client, args: Props): Promise<Props> {
  refuseUnknown("getZone", args, ["zoneId", "filter"]);
  const { zoneId, filter } = args;
  if ((zoneId === undefined) === (filter === undefined))
    throw new Error("Exactly one of these attributes must be configured: [zone_id,filter]");
  const id = zoneId === undefined ? await onlyZone(client, filter as Props) : toText(zoneId);
  const zone = toCamel(await client.call("GET", `zones/${encodeURIComponent(id ?? "")}`)) as Json;
  return {
    ...withoutNulls(zone),
    zoneId: id,
    ...(filter !== undefined && { filter: { match: "all", ...(filter as Props) } }),
  };
}

async function onlyZone(client: Client, filter: Props): Promise<string> {
  refuseUnknown("getZone", filter, ["account", "direction", "match", "name", "order", "status", "types"]);
  const { account, types, ...plain } = filter;
  const owner = (account ?? {}) as Props;
  const query = {
    ...Object.fromEntries(Object.entries(plain).map(([key, value]) => [key, toText(value)] as const)),
    "account.id": toText(owner.id),
    "account.name": toText(owner.name),
    type: Array.isArray(types) ? types.join(",") : undefined,
  };
  const found = (await client.call("GET", "zones", { query })) as readonly Json[];
  const [zone] = found;
  if (found.length !== 1 || zone === undefined)
    throw new Error(`failed to find exactly one result: ${found.length} found`);
  return String(zone.id);
}

/** @throws {Error} there is an argument that the function does not have. */
export function refuseUnknown(name: string, args: Props, known: readonly string[]): void {
  const unknown = Object.keys(args).filter((key) => !known.includes(key));
  if (unknown.length > 0)
    throw new Error(`${name}: the stand-in does not know the argument ${unknown.join(", ")}`);
}

/** A null is a missing output, at every depth. */
export function withoutNulls(value: Json): Json {
  const isObject = (item: unknown): item is Json =>
    typeof item === "object" && item !== null && !Array.isArray(item);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([key, item]) => [key, isObject(item) ? withoutNulls(item) : item] as const),
  );
}

const toText = (value: unknown) => (typeof value === "string" ? value : undefined);
