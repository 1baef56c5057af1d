import { z } from "zod";

import type { Zone } from "./accounts";
import { ErrorResponse, type ApiErrorDetail } from "./api";
import { parseContent, toFullName, recordTypes, unknownErrorCode, type RecordType } from "./dns-content";

/** A record as the API shows it. The times of comment and tags are there only with a comment and tags. */
export interface DnsRecord {
  readonly id: string;
  readonly name: string;
  readonly type: RecordType;
  readonly content: string;
  readonly proxiable: boolean;
  readonly proxied: boolean;
  readonly ttl: number;
  readonly priority?: number;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly settings: Readonly<Record<string, boolean>>;
  readonly meta: object;
  readonly comment: string | null;
  readonly tags: readonly string[];
  readonly created_on: string;
  readonly modified_on: string;
  readonly comment_modified_on?: string;
  readonly tags_modified_on?: string;
}

/** A requested record, with defaults and in Cloudflare's notation. */
export type RequestedRecord = Omit<
  DnsRecord,
  "id" | "meta" | "created_on" | "modified_on" | "comment_modified_on" | "tags_modified_on"
>;

/** The body of POST and PUT. Null means absent. */
export const recordBody = z.strictObject({
  name: z.string().min(1),
  type: z.enum(recordTypes),
  content: z.string().nullish(),
  data: z.record(z.string(), z.unknown()).nullish(),
  ttl: z.number().nullish(),
  proxied: z.boolean().nullish(),
  priority: z.number().nullish(),
  comment: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
  settings: z
    .strictObject({
      ipv4_only: z.boolean().nullish(),
      ipv6_only: z.boolean().nullish(),
      flatten_cname: z.boolean().nullish(),
    })
    .nullish(),
  /** Asks for more in the answer, of which there is nothing here: see the query parameter of the same name. */
  include_shadow_metadata: z.boolean().nullish(),
  private_routing: z.literal(false, "the sandbox does not emulate private routing").nullish(),
});
export type RecordBody = z.infer<typeof recordBody>;

/** The limits that hang on the zone's plan. */
interface Limits {
  readonly records: number;
  readonly comment: number;
  readonly tags: number;
  readonly leastTtl: number;
}

/** @see https://developers.cloudflare.com/dns/manage-dns-records/reference/record-attributes/ */
const limits: Readonly<Record<Zone["plan"], Limits>> = {
  free: { records: 200, comment: 100, tags: 0, leastTtl: 60 },
  pro: { records: 3500, comment: 500, tags: 20, leastTtl: 60 },
  business: { records: 3500, comment: 500, tags: 20, leastTtl: 60 },
  enterprise: { records: 3500, comment: 500, tags: 20, leastTtl: 30 },
};

/**
 * The requested record of a body.
 *
 * @throws {ErrorResponse} 400 with every error of the record itself.
 */
export function toRequestedRecord(body: RecordBody, zone: Zone): RequestedRecord {
  const { comment: longest, tags: mostTags, leastTtl } = limits[zone.plan];
  const name = toFullName(body.name, zone.name);
  const content = parseContent(body, name ?? "", zone.name);
  const { proxied, ttl, comment, tags, settings } = withDefaults(body);
  const faults: ApiErrorDetail[] = [];
  if (name === undefined) faults.push({ code: 9000, message: "DNS name is invalid." });
  if ("code" in content) faults.push(content);
  else if (proxied && !["A", "AAAA", "CNAME"].includes(body.type))
    faults.push({ code: 9004, message: "This record type cannot be proxied." });
  else if (proxied && !content.proxiable)
    faults.push({ code: 9003, message: `Target ${content.content} is not allowed for a proxied record.` });
  if (ttl !== 1 && !(Number.isInteger(ttl) && ttl >= leastTtl && ttl <= 86400))
    faults.push({
      code: 9021,
      message: `TTL must be between ${leastTtl} and 86400 seconds, or 1 for Automatic.`,
    });
  if (Array.from(comment).length > longest)
    faults.push({
      code: 9313,
      message: `DNS record comment exceeds the maximum length of ${longest} characters.`,
    });
  if (tags.length > mostTags)
    faults.push({
      code: 9300,
      message: `DNS record has ${tags.length} tags, exceeding the quota of ${mostTags}.`,
    });
  faults.push(...validateSettings(settings, body.type, proxied));
  if (name === undefined || "code" in content || faults.length > 0) throw new ErrorResponse(400, faults);
  return {
    name,
    type: body.type,
    ...content,
    proxied,
    ttl: proxied ? 1 : ttl,
    settings,
    comment: comment === "" ? null : comment,
    tags,
  };
}

function withDefaults(body: RecordBody) {
  const settings = Object.entries(body.settings ?? {}).flatMap(([key, value]) =>
    value == null ? [] : [[key, value] as const],
  );
  return {
    proxied: body.proxied ?? false,
    ttl: body.ttl ?? 1,
    comment: body.comment ?? "",
    tags: body.tags ?? [],
    settings: Object.fromEntries(settings),
  };
}

function validateSettings(
  settings: Readonly<Record<string, boolean>>,
  type: RecordType,
  proxied: boolean,
): readonly ApiErrorDetail[] {
  const wrong = (setting: string, want: string) =>
    settings[setting] === true
      ? [{ code: unknownErrorCode, message: `settings.${setting} is only for ${want} records` }]
      : [];
  return [
    ...(type === "CNAME" && !proxied ? [] : wrong("flatten_cname", "unproxied CNAME")),
    ...(proxied ? [] : [...wrong("ipv4_only", "proxied"), ...wrong("ipv6_only", "proxied")]),
  ];
}

const nameHelp =
  "For more details, refer to <https://developers.cloudflare.com/dns/manage-dns-records/troubleshooting/records-with-same-name/>.";

/**
 * Whether the record may stand beside the others of its zone. An alias stands alone among address records;
 * TXT and MX beside it are allowed, against RFC 1034 but as Cloudflare does.
 *
 * @throws {ErrorResponse} 400.
 */
export function validateConflicts(wanted: RequestedRecord, others: readonly DnsRecord[]): void {
  const sameName = others.filter(({ name }) => name === wanted.name);
  const isAddress = (type: RecordType) => type === "A" || type === "AAAA";
  const refuse = (code: number, message: string) => {
    throw new ErrorResponse(400, [{ code, message }]);
  };
  if (sameName.some(({ type, content }) => type === wanted.type && plain(content) === plain(wanted.content)))
    refuse(81058, "An identical record already exists.");
  if (wanted.type === "CNAME" && sameName.some(({ type }) => type === "CNAME" || isAddress(type)))
    refuse(81053, `An A, AAAA, or CNAME record with that host already exists. ${nameHelp}`);
  if (isAddress(wanted.type) && sameName.some(({ type }) => type === "CNAME"))
    refuse(81054, `A CNAME record with that host already exists. ${nameHelp}`);
}

/** A TXT record is the same with its quotes and without. */
const plain = (content: string) => content.replace(/^"(.*)"$/s, "$1");

/** @throws {ErrorResponse} 400 if the zone has no room for one more record. */
export function validateQuota(zone: Zone, count: number): void {
  if (count >= limits[zone.plan].records)
    throw new ErrorResponse(400, [{ code: 81045, message: "The record quota has been exceeded." }]);
}
