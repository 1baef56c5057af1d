import { importCommand, type ExistingResource } from "../pulumi/import-existing";

/** A DNS record as the zone has it. */
export interface ExistingRecord {
  readonly id?: string;
  readonly name: string;
  readonly type: string;
  readonly content?: string;
  readonly comment?: string;
}

/** An existing record that must be deleted or imported first (an error), or a warning. */
export type DnsConflict =
  (ExistingResource & { readonly isError: true }) | { readonly message: string; readonly isError: false };

/** A record that is about to be created. Its `content` may still be unknown. */
export interface DesiredRecord extends ExistingRecord {
  readonly zoneId: string;
  /** The logical name of the Pulumi resource. */
  readonly resource: string;
  /** Whether the program has no other record of this name and type. */
  readonly isOnly: boolean;
}

/**
 * Finds the existing record that conflicts with a desired one. A second record of the same name and type would split
 * the traffic. A record with this stack's comment was created by an interrupted run. A CNAME and an address record
 * cannot share a name, so a change from one to the other deletes first: a warning.
 *
 * @see https://developers.cloudflare.com/dns/manage-dns-records/troubleshooting/records-with-same-name/
 */
export function findDnsConflict(
  desired: DesiredRecord,
  existing: readonly ExistingRecord[],
): DnsConflict | undefined {
  const { resource, zoneId, name, type, content, isOnly } = desired;
  const sameName = existing.filter((record) => record.name === name);
  const isAddress = (record: ExistingRecord) => record.type === "A" || record.type === "AAAA";

  const wouldSplitTraffic = isOnly && (isAddress(desired) || type === "CNAME");
  const duplicate = sameName.find(
    (record) =>
      record.type === type && (wouldSplitTraffic || (content !== undefined && record.content === content)),
  );
  if (duplicate !== undefined) {
    const importId = `${zoneId}/${duplicate.id ?? ""}`;
    const isOurs = desired.comment !== undefined && duplicate.comment === desired.comment;
    const remedy = isOurs
      ? "created by an interrupted run of this stack. Import it:"
      : "which this stack did not create (its comment differs). Delete it, or import it:";
    return {
      isError: true,
      resource,
      importId: isOurs ? importId : undefined,
      message: `${name} already has ${withArticle(type)} record, ${duplicate.content ?? ""}, ${remedy} ${importCommand(resource, importId)}`,
    };
  }

  const replaced =
    type === "CNAME"
      ? sameName.find(isAddress)
      : isAddress(desired) && sameName.find((record) => record.type === "CNAME");
  if (!replaced) return undefined;
  return {
    isError: false,
    message:
      `${name} changes from ${withArticle(replaced.type)} record to ${withArticle(type)} record. The two cannot share a ` +
      "name, so the name does not resolve between the deletion of the old record and the creation of the new one.",
  };
}

const withArticle = (type: string): string => (/^[AEIMS]/.test(type) ? `an ${type}` : `a ${type}`);
