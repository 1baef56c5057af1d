import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";

/** Seconds a resolver may keep an answer; 1 means that Cloudflare decides, and is all a proxied record may have. */
const automaticTtl = 1;

interface RecordCommon {
  /** Relative to the zone (`@`, `www`, `*.dev`). */
  readonly name: string;
  /** Seconds, 60 to 86400. Absence means that Cloudflare decides. */
  readonly ttl?: number | undefined;
  /** A note at the record, up to 100 characters. */
  readonly comment?: string | undefined;
}

/** One line of the zone. */
export type DnsRecordSpec =
  /** An address record has no content of its own: it always holds the load balancer's addresses, A and AAAA. */
  | (RecordCommon & { readonly type: "A"; readonly proxied: boolean })
  | (RecordCommon & { readonly type: "CNAME"; readonly content: string; readonly proxied: boolean })
  /** `label` tells several TXT records of one name apart. */
  | (RecordCommon & { readonly type: "TXT"; readonly content: string; readonly label?: string | undefined });

export interface EdgeDnsArgs {
  /** The zone's name, such as `example.com`. */
  readonly zone: string;
  /** Cloudflare's id of the zone, 32 hex digits. */
  readonly zoneId: string;
  readonly records: readonly DnsRecordSpec[];
  /** Where address records point: the load balancer's outputs. */
  readonly ipv4: pulumi.Input<string>;
  readonly ipv6: pulumi.Input<string>;
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

    const make = (spec: DnsRecordSpec, type: string, content: pulumi.Input<string>, label?: string): void => {
      const proxied = spec.type === "TXT" ? false : spec.proxied;
      const fqdn = fqdnOf(spec.name, zone);
      new cloudflare.DnsRecord(
        [name, fqdn, type, label].filter((part) => part !== undefined).join("-"),
        {
          zoneId,
          name: fqdn,
          type,
          content,
          proxied,
          ttl: spec.ttl ?? automaticTtl,
          ...(spec.comment !== undefined && { comment: spec.comment }),
        },
        // A name holds either a CNAME or addresses: the old record must go before the new one can come.
        { parent: this, deleteBeforeReplace: true },
      );
    };

    for (const spec of records) {
      switch (spec.type) {
        case "A":
          make(spec, "A", ipv4);
          make(spec, "AAAA", ipv6);
          break;
        case "CNAME":
          make(spec, "CNAME", spec.content);
          break;
        case "TXT":
          make(spec, "TXT", quoted(spec.content), spec.label);
      }
    }

    this.names = [...new Set(records.map((spec) => fqdnOf(spec.name, zone)))];
    this.registerOutputs({ names: this.names });
  }
}

/** `@` and `www` of `example.com` as `example.com` and `www.example.com`; lower case, no trailing dot. */
export function fqdnOf(name: string, zone: string): string {
  return (name === "@" ? zone : `${name}.${zone}`).toLowerCase();
}

/**
 * TXT content as Cloudflare stores it: quoted strings of at most 255 bytes, parted by a space. Left to itself the API
 * would split a long one, and the record would differ from the program ever after.
 *
 * @see https://www.rfc-editor.org/rfc/rfc1035#section-3.3.14
 */
export function quoted(text: string): string {
  const bytes = Buffer.from(text, "ascii");
  const strings: string[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += 255)
    strings.push(bytes.subarray(at, at + 255).toString("ascii"));
  return strings.map((part) => `"${part.replace(/(["\\])/g, "\\$1")}"`).join(" ");
}

/**
 * The record that answers for `host`: one of that very name, or a wildcard one level above. A wildcard is silent where
 * anything else has the name, or a name below it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4592#section-2.2.2
 */
export function recordFor(
  host: string,
  records: readonly DnsRecordSpec[],
  zone: string,
): DnsRecordSpec | undefined {
  const named = records.map((spec) => ({ spec, fqdn: fqdnOf(spec.name, zone) }));
  const pointing = named.filter(({ spec }) => spec.type !== "TXT");
  const wildcard = host.replace(/^[^.]+/, "*");
  const exists = named.some(({ fqdn }) => fqdn === host || fqdn.endsWith(`.${host}`));
  return pointing.find(({ fqdn }) => fqdn === (exists ? host : wildcard))?.spec;
}
