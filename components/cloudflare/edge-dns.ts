import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";

import { reportExisting } from "../pulumi/import-existing";
import { findDnsConflict, type ExistingRecord } from "./dns-conflict";
import { recordKeySuffix, toFqdn, isProxiable, toRecordValue, type DnsRecordSpec } from "./dns-record";
import { hook } from "../pulumi/hooks";
import { stackComment } from "../pulumi/stack-mark";

/** Seconds a resolver may keep an answer; 1 means that Cloudflare decides, and is all a proxied record may have. */
const automaticTtl = 1;

export interface EdgeDnsArgs {
  /** The zone's name, such as `example.com`. */
  readonly zone: string;
  /** Cloudflare's id of the zone, 32 hex digits. */
  readonly zoneId: pulumi.Input<string>;
  readonly records: readonly DnsRecordSpec[];
  /** Where address records without content point: the load balancer's outputs. */
  readonly ipv4: pulumi.Input<string>;
  /** Absence means that the load balancer has none, and no AAAA record is made. */
  readonly ipv6?: pulumi.Input<string>;
}

/**
 * The zone's records that lead to the cluster, and those beside them.
 *
 * @see https://developers.cloudflare.com/dns/manage-dns-records/
 */
export class EdgeDns extends pulumi.ComponentResource {
  /** Every name this component has in DNS, as FQDN. */
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
      // A name holds either an alias or addresses. So the alias, or the one A record without a label, is the same
      // resource, deleted before it is replaced; and the other addresses take the zone from it, by which the engine
      // deletes them before it.
      const make = (type: string, key: string, value: object, aliases: pulumi.Alias[] = []) => {
        const lead = isProxiable(spec) ? primaryByName.get(fqdn) : undefined;
        return new cloudflare.DnsRecord(
          key,
          { zoneId: lead?.zoneId ?? zoneId, type, ...shared, ...value },
          { parent: this, deleteBeforeReplace: true, hooks, aliases },
        );
      };

      const typed = [`${name}-${fqdn}`, spec.type, recordKeySuffix(spec)]
        .filter((part) => part !== undefined)
        .join("-");
      if (isPrimaryRecord(spec))
        primaryByName.set(
          fqdn,
          make(spec.type, `${name}-${fqdn}`, toRecordValue(spec, ipv4), [{ name: typed }]),
        );
      else make(spec.type, typed, toRecordValue(spec, ipv4));
      if (spec.type === "A" && spec.content === undefined && ipv6 !== undefined)
        make("AAAA", `${name}-${fqdn}-AAAA`, { content: ipv6 });
    }

    this.names = [...new Set(records.map((spec) => toFqdn(spec.name, zone)))];
    this.registerOutputs({ names: this.names });
  }
}

const isPrimaryRecord = (spec: DnsRecordSpec): boolean =>
  spec.type === "CNAME" || (spec.type === "A" && spec.label === undefined);

/** The same whatever order they are listed in, of those that share a name; what leads its name before what follows. */
function sortRecords(records: readonly DnsRecordSpec[]): readonly DnsRecordSpec[] {
  const key = (spec: DnsRecordSpec) => `${spec.type} ${recordKeySuffix(spec) ?? ""}`;
  const order = (one: string, other: string) => (one < other ? -1 : Number(one > other));
  return records.toSorted((one, other) => order(key(one), key(other)));
}

/** Looks, in preview too, at what the zone holds before a record is added to it. One list serves all of them. */
function dnsConflictHook(
  name: string,
  parent: pulumi.Resource,
  records: readonly DnsRecordSpec[],
  zone: string,
): pulumi.ResourceHook {
  let standing: Promise<readonly ExistingRecord[]> | undefined;
  const look = async (zoneId: string) =>
    (await cloudflare.getDnsRecords({ zoneId, maxItems: 5000 }, { parent })).results;
  return hook(
    `${name}-free-of-obstacles`,
    async ({ name: resource, newInputs = {} }) => {
      const wanted = newInputs as ExistingRecord & { readonly zoneId: string };
      const ofName = records.filter((spec) => toFqdn(spec.name, zone) === wanted.name);
      const isOnly = ofName.filter(({ type }) => type === wanted.type).length <= 1;
      const found = findDnsConflict(
        { resource, isOnly, ...wanted },
        await (standing ??= look(wanted.zoneId)),
      );
      if (found === undefined) return;
      if (found.refused) reportExisting(found);
      else void pulumi.log.warn(found.message);
    },
    { onDryRun: true },
  );
}
