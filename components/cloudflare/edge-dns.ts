import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";

import { hook } from "../pulumi/hooks";
import { reportExisting } from "../pulumi/import-existing";
import { stackComment } from "../pulumi/stack-mark";
import { findDnsConflict, type ExistingRecord } from "./dns-conflict";
import { recordKeySuffix, toFqdn, isProxiable, toRecordValue, type DnsRecordSpec } from "./dns-record";

/** Cloudflare's value for an automatic TTL, the only one allowed for proxied records. */
const automaticTtl = 1;

export interface EdgeDnsArgs {
  /** The zone's name, such as `example.com`. */
  readonly zone: string;
  /** Cloudflare's id of the zone, 32 hex digits. */
  readonly zoneId: pulumi.Input<string>;
  readonly records: readonly DnsRecordSpec[];
  /** The load balancer's address, for A records without `content`. */
  readonly ipv4: pulumi.Input<string>;
  /** Default: none, so that A records without `content` get no AAAA record. */
  readonly ipv6?: pulumi.Input<string>;
}

/**
 * The zone's DNS records: those of the cluster's hosts and those in the settings.
 *
 * @see https://developers.cloudflare.com/dns/manage-dns-records/
 */
export class EdgeDns extends pulumi.ComponentResource {
  /** The names of all records, as FQDN. */
  readonly names: readonly string[];

  constructor(name: string, args: EdgeDnsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { zone, zoneId, records, ipv4, ipv6 } = args;
    super("platform:networking:EdgeDns", name, {}, opts);

    const hooks = { beforeCreate: [dnsConflictHook(name, this, records, zone)] };
    const primaryByName = new Map<string, cloudflare.DnsRecord>();
    for (const spec of sortRecords(records)) {
      const fqdn = toFqdn(spec.name, zone);
      const proxied = isProxiable(spec) && spec.proxied;
      const shared = {
        name: fqdn,
        ttl: spec.ttl ?? automaticTtl,
        proxied,
        comment: spec.comment ?? stackComment(),
      };
      // A name has either a CNAME or addresses. The primary record (the CNAME, or the A record without a label) keeps one
      // logical name across both types, with deleteBeforeReplace; the name's other addresses take the zone ID from it, so
      // that the engine deletes them first.
      const createRecord = (type: string, key: string, value: object) => {
        const primary = isProxiable(spec) ? primaryByName.get(fqdn) : undefined;
        return new cloudflare.DnsRecord(
          key,
          { zoneId: primary?.zoneId ?? zoneId, type, ...shared, ...value },
          { parent: this, deleteBeforeReplace: true, hooks },
        );
      };

      const value = toRecordValue(spec, ipv4);
      if (isPrimaryRecord(spec)) primaryByName.set(fqdn, createRecord(spec.type, `${name}-${fqdn}`, value));
      else {
        const suffix = recordKeySuffix(spec);
        const key = [`${name}-${fqdn}`, spec.type, ...(suffix === undefined ? [] : [suffix])].join("-");
        createRecord(spec.type, key, value);
      }
      if (spec.type === "A" && spec.content === undefined && ipv6 !== undefined)
        createRecord("AAAA", `${name}-${fqdn}-AAAA`, { content: ipv6 });
    }

    this.names = [...new Set(records.map((spec) => toFqdn(spec.name, zone)))];
    this.registerOutputs({ names: this.names });
  }
}

const isPrimaryRecord = (spec: DnsRecordSpec): boolean =>
  spec.type === "CNAME" || (spec.type === "A" && spec.label === undefined);

/** Sorts the records, so that the result is independent of their order in the settings and primary records come first. */
function sortRecords(records: readonly DnsRecordSpec[]): readonly DnsRecordSpec[] {
  const key = (spec: DnsRecordSpec) => `${spec.type} ${recordKeySuffix(spec) ?? ""}`;
  const compare = (one: string, other: string) => (one < other ? -1 : Number(one > other));
  return records.toSorted((one, other) => compare(key(one), key(other)));
}

/** Checks for conflicting records before one is created, in preview too. The zone is listed once for all of them. */
function dnsConflictHook(
  name: string,
  parent: pulumi.Resource,
  records: readonly DnsRecordSpec[],
  zone: string,
): pulumi.ResourceHook {
  let existing: Promise<readonly ExistingRecord[]> | undefined;
  const listRecords = async (zoneId: string) =>
    (await cloudflare.getDnsRecords({ zoneId, maxItems: 5000 }, { parent })).results;
  return hook(
    `${name}-conflict-check`,
    async ({ name: resource, newInputs = {} }) => {
      const desired = newInputs as ExistingRecord & { readonly zoneId: string };
      const sameName = records.filter((spec) => toFqdn(spec.name, zone) === desired.name);
      const isOnly = sameName.filter(({ type }) => type === desired.type).length <= 1;
      existing ??= listRecords(desired.zoneId);
      const conflict = findDnsConflict({ resource, isOnly, ...desired }, await existing);
      if (conflict === undefined) return;
      if (conflict.isError) reportExisting(conflict);
      else void pulumi.log.warn(conflict.message);
    },
    { onDryRun: true },
  );
}
