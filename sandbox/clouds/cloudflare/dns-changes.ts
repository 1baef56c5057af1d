import { randomBytes } from "node:crypto";

import { z } from "zod";

import type { Plan, Zone } from "./accounts";
import { ErrorResponse, type ApiErrorDetail } from "./api";
import { parseContent, toFullName, recordTypes, type RecordType } from "./dns-content";
import type { ZoneChange } from "./zone-log";

/** A record as the API shows it. */
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
  readonly settings: object;
  readonly meta: object;
  readonly comment: string | null;
  readonly tags: readonly never[];
  readonly created_on: string;
  readonly modified_on: string;
  /** Only with a comment. */
  readonly comment_modified_on?: string;
}

/**
 * The body of POST and PUT. Null means absent. The program uses no tags, settings and private routing; clients send the
 * empty ones of a response back in a PUT.
 */
export const recordBody = z.strictObject({
  name: z.string().min(1),
  type: z.enum(recordTypes),
  content: z.string().nullish(),
  data: z.record(z.string(), z.unknown()).nullish(),
  ttl: z.number().nullish(),
  proxied: z.boolean().nullish(),
  priority: z.number().nullish(),
  comment: z.string().nullish(),
  tags: z.array(z.never()).nullish(),
  settings: z
    .partialRecord(z.enum(["ipv4_only", "ipv6_only", "flatten_cname"]), z.literal(false).nullish())
    .nullish(),
  include_shadow_metadata: z.boolean().nullish(),
  private_routing: z.literal(false).nullish(),
});
export type RecordBody = z.infer<typeof recordBody>;

/**
 * The limits of the plans: records of the zone, characters of a comment, and the least TTL.
 *
 * @see https://developers.cloudflare.com/dns/manage-dns-records/reference/record-attributes/
 */
const limits: Readonly<Record<Plan, { readonly records: number; comment: number; leastTtl: number }>> = {
  free: { records: 200, comment: 100, leastTtl: 60 },
  pro: { records: 3500, comment: 500, leastTtl: 60 },
  business: { records: 3500, comment: 500, leastTtl: 60 },
  enterprise: { records: 3500, comment: 500, leastTtl: 30 },
};

/** Changes of one zone's records, each checked against the result of those before it; on a copy of the list. */
export class DnsChanges {
  readonly list: DnsRecord[];
  readonly log: (Pick<ZoneChange, "op" | "before" | "after"> & { readonly id: string })[] = [];
  readonly #zone: Zone;

  constructor(zone: Zone, list: readonly DnsRecord[]) {
    this.#zone = zone;
    this.list = [...list];
  }

  /** @throws {ErrorResponse} 404. */
  indexOf(wanted: string): number {
    const index = this.list.findIndex(({ id }) => id === wanted);
    if (index < 0) throw new ErrorResponse(404, [{ code: 81044, message: "Record does not exist." }]);
    return index;
  }

  post(body: RecordBody): DnsRecord {
    const record = toRecord(body, this.#zone);
    validateConflicts(record, this.list);
    if (this.list.length >= limits[this.#zone.plan].records)
      throw new ErrorResponse(400, [{ code: 81045, message: "The record quota has been exceeded." }]);
    this.list.push(record);
    this.log.push({ id: record.id, op: "create", after: record });
    return record;
  }

  put(id: string, body: RecordBody): DnsRecord {
    const index = this.indexOf(id);
    const before = this.list[index] as DnsRecord;
    const record = toRecord(body, this.#zone, before);
    validateConflicts(record, this.list.toSpliced(index, 1));
    this.list[index] = record;
    this.log.push({ id, op: "update", before, after: record });
    return record;
  }

  delete(id: string): DnsRecord {
    const [before] = this.list.splice(this.indexOf(id), 1) as [DnsRecord];
    this.log.push({ id, op: "delete", before });
    return before;
  }
}

/** The record of a body. @throws {ErrorResponse} 400 with every error of the record itself. */
function toRecord(body: RecordBody, zone: Zone, last?: DnsRecord): DnsRecord {
  const { comment: longest, leastTtl } = limits[zone.plan];
  const name = toFullName(body.name, zone.name);
  const content = parseContent(body, name ?? "", zone.name);
  const [proxied, ttl, comment] = [body.proxied ?? false, body.ttl ?? 1, body.comment ?? ""];
  const errors: ApiErrorDetail[] = [];
  if (name === undefined) errors.push({ code: 9000, message: "DNS name is invalid." });
  if ("code" in content) errors.push(content);
  else if (proxied && !["A", "AAAA", "CNAME"].includes(body.type))
    errors.push({ code: 9004, message: "This record type cannot be proxied." });
  else if (proxied && !content.proxiable)
    errors.push({ code: 9003, message: `Target ${content.content} is not allowed for a proxied record.` });
  if (ttl !== 1 && !(Number.isInteger(ttl) && ttl >= leastTtl && ttl <= 86400))
    errors.push({
      code: 9021,
      message: `TTL must be between ${leastTtl} and 86400 seconds, or 1 for Automatic.`,
    });
  if (Array.from(comment).length > longest)
    errors.push({
      code: 9313,
      message: `DNS record comment exceeds the maximum length of ${longest} characters.`,
    });
  if (name === undefined || "code" in content || errors.length > 0) throw new ErrorResponse(400, errors);

  const now = new Date().toISOString();
  const commented = last?.comment === comment ? last.comment_modified_on : undefined;
  return {
    id: last?.id ?? randomBytes(16).toString("hex"),
    name,
    type: body.type,
    ...content,
    proxied,
    ttl: proxied ? 1 : ttl,
    settings: {},
    meta: {},
    comment: comment === "" ? null : comment,
    tags: [],
    created_on: last?.created_on ?? now,
    modified_on: now,
    ...(comment !== "" && { comment_modified_on: commented ?? now }),
  };
}

const nameHelp =
  "For more details, refer to <https://developers.cloudflare.com/dns/manage-dns-records/troubleshooting/records-with-same-name/>.";

/**
 * Checks the record against the others of its zone. A CNAME excludes address records and other CNAMEs of its name; TXT
 * and MX beside it are allowed, against RFC 1034 but as at Cloudflare.
 *
 * @throws {ErrorResponse} 400.
 */
function validateConflicts(wanted: DnsRecord, others: readonly DnsRecord[]): void {
  const sameName = others.filter(({ name }) => name === wanted.name);
  const isAddress = (type: RecordType) => type === "A" || type === "AAAA";
  const refuse = (code: number, message: string) => {
    throw new ErrorResponse(400, [{ code, message }]);
  };
  if (
    sameName.some(({ type, content }) => type === wanted.type && unquote(content) === unquote(wanted.content))
  )
    refuse(81058, "An identical record already exists.");
  if (wanted.type === "CNAME" && sameName.some(({ type }) => type === "CNAME" || isAddress(type)))
    refuse(81053, `An A, AAAA, or CNAME record with that host already exists. ${nameHelp}`);
  if (isAddress(wanted.type) && sameName.some(({ type }) => type === "CNAME"))
    refuse(81054, `A CNAME record with that host already exists. ${nameHelp}`);
}

/** A TXT record with quotes is identical to one without. */
const unquote = (content: string) => content.replace(/^"(.*)"$/s, "$1");
