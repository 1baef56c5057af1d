import { randomBytes } from "node:crypto";

import { ErrorResponse } from "./api";
import { dataTypes } from "./dns-content";
import {
  validateConflicts,
  validateQuota,
  toRequestedRecord,
  type DnsRecord,
  type RecordBody,
  type RequestedRecord,
} from "./dns-rules";
import type { ZoneChange } from "./zone-log";
import type { Zone } from "./accounts";

/** Changes of one zone's records, each checked against what is there after those before it; on a copy of the list. */
export class DnsChanges {
  readonly list: DnsRecord[];
  readonly made: (Pick<ZoneChange, "op" | "before" | "after"> & { readonly id: string })[] = [];
  readonly #zone: Zone;

  constructor(zone: Zone, list: readonly DnsRecord[]) {
    this.#zone = zone;
    this.list = [...list];
  }

  /** @throws {ErrorResponse} 404. */
  indexOf(wanted: string | undefined): number {
    const index = this.list.findIndex(({ id }) => id === wanted);
    if (index < 0) throw new ErrorResponse(404, [{ code: 81044, message: "Record does not exist." }]);
    return index;
  }

  /** @throws {ErrorResponse} 404. */
  one(id: string | undefined): DnsRecord {
    return this.list[this.indexOf(id)] as DnsRecord;
  }

  post(body: RecordBody): DnsRecord {
    const wanted = toRequestedRecord(body, this.#zone);
    validateConflicts(wanted, this.list);
    validateQuota(this.#zone, this.list.length);
    const record = shown(wanted, randomBytes(16).toString("hex"));
    this.list.push(record);
    this.made.push({ id: record.id, op: "create", after: record });
    return record;
  }

  put(id: string | undefined, body: RecordBody): DnsRecord {
    const [index, last] = [this.indexOf(id), this.one(id)];
    const wanted = toRequestedRecord(body, this.#zone);
    validateConflicts(wanted, this.list.toSpliced(index, 1));
    const record = shown(wanted, last.id, last);
    this.list[index] = record;
    this.made.push({ id: last.id, op: "update", before: last, after: record });
    return record;
  }

  patch(id: string | undefined, change: Partial<RecordBody>): DnsRecord {
    const last = this.one(id);
    return this.put(id, { ...editable(last, change.type ?? last.type), ...change });
  }

  delete(id: string | undefined): DnsRecord {
    const [before] = this.list.splice(this.indexOf(id), 1) as [DnsRecord];
    this.made.push({ id: before.id, op: "delete", before });
    return before;
  }
}

/** The part of a record that a PATCH may change; content and data only if they suit the type. */
function editable(record: DnsRecord, type: RecordBody["type"]): RecordBody {
  const { name, ttl, proxied, priority, comment, tags, settings, content, data } = record;
  const said = dataTypes.includes(type) ? { data } : { content, priority };
  return { name, type, ttl, proxied, comment, tags: [...tags], settings, ...said };
}

function shown(wanted: RequestedRecord, id: string, last?: DnsRecord): DnsRecord {
  const now = new Date().toISOString();
  const isSame = (key: "comment" | "tags") => JSON.stringify(last?.[key]) === JSON.stringify(wanted[key]);
  return {
    id,
    ...wanted,
    meta: {},
    created_on: last?.created_on ?? now,
    modified_on: now,
    ...(wanted.comment !== null && {
      comment_modified_on: (isSame("comment") ? last?.comment_modified_on : undefined) ?? now,
    }),
    ...(wanted.tags.length > 0 && {
      tags_modified_on: (isSame("tags") ? last?.tags_modified_on : undefined) ?? now,
    }),
  };
}
