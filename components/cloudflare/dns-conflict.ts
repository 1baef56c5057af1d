import { importCommand, type ExistingResource } from "../pulumi/import-existing";

/** A record as the zone holds it. */
export interface ExistingRecord {
  readonly id?: string;
  readonly name: string;
  readonly type: string;
  readonly content?: string;
  readonly comment?: string;
}

/** What can be taken over, which refuses the record, or a warning. */
export type DnsConflict =
  (ExistingResource & { readonly refused: true }) | { readonly message: string; readonly refused: false };

/** A record that is about to be made. Its `content` may be unknown yet. */
export interface DesiredRecord extends ExistingRecord {
  readonly zoneId: string;
  /** The logical name of the resource. */
  readonly resource: string;
  /** Whether the program wants no other of this name and type. */
  readonly isOnly: boolean;
}

/**
 * What stands in the way of a record, if anything. Beside one of the same name and type, half of the visitors would go
 * there. One with the very comment that this stack writes was made by an interrupted run of it. An alias and an address cannot stand together, so that one of them goes first.
 *
 * @see https://developers.cloudflare.com/dns/manage-dns-records/troubleshooting/records-with-same-name/
 */
export function findDnsConflict(
  wanted: DesiredRecord,
  standing: readonly ExistingRecord[],
): DnsConflict | undefined {
  const { resource, zoneId, name, type, content, isOnly } = wanted;
  const here = standing.filter((record) => record.name === name);
  const isAddress = (record: ExistingRecord) => record.type === "A" || record.type === "AAAA";

  const leadsElsewhere = isOnly && (isAddress(wanted) || type === "CNAME");
  const twin = here.find(
    (record) =>
      record.type === type && (leadsElsewhere || (content !== undefined && record.content === content)),
  );
  if (twin !== undefined) {
    const importId = `${zoneId}/${twin.id ?? ""}`;
    const isOurs = wanted.comment !== undefined && twin.comment === wanted.comment;
    const whose = isOurs
      ? "made by an interrupted run of this stack. Take it over:"
      : "without this stack's comment: another made it. Delete it, or take it over:";
    const seen = `${name} has ${article(type)} record already, ${twin.content ?? ""},`;
    return {
      refused: true,
      resource,
      importId: isOurs ? importId : undefined,
      message: `${seen} ${whose} ${importCommand(resource, importId)}`,
    };
  }

  const other =
    type === "CNAME" ? here.find(isAddress) : isAddress(wanted) && here.find((one) => one.type === "CNAME");
  if (!other) return undefined;
  return {
    refused: false,
    message:
      `${name} is ${article(other.type)} record now and becomes ${article(type)}. The two cannot stand on one name, so ` +
      "it resolves to nothing for a moment, between the deletion of the one and the creation of the other.",
  };
}

const article = (type: string): string => (/^[AEIMS]/.test(type) ? `an ${type}` : `a ${type}`);
