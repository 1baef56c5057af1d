import type * as pulumi from "@pulumi/pulumi";

interface RecordCommon {
  /** Relative to the zone (`@`, `www`, `*.dev`), in punycode. */
  readonly name: string;
  /** Seconds, 60 to 86400, from 30 on Enterprise. Absence means that Cloudflare decides. */
  readonly ttl?: number | undefined;
  /** A note at the record, up to 100 characters on the Free plan and 500 on the others. */
  readonly comment?: string | undefined;
}

/** What may stand several times at one name: `label` tells one from the other. */
interface Labeled {
  readonly label?: string | undefined;
}

/** One line of the zone. */
export type DnsRecordSpec =
  /** Without `content` it holds the load balancer's addresses, A and AAAA. */
  | (RecordCommon &
      Labeled & { readonly type: "A"; readonly proxied: boolean; readonly content?: string | undefined })
  | (RecordCommon & Labeled & { readonly type: "AAAA"; readonly proxied: boolean; readonly content: string })
  | (RecordCommon & { readonly type: "CNAME"; readonly content: string; readonly proxied: boolean })
  | (RecordCommon & Labeled & { readonly type: "TXT"; readonly content: string })
  | (RecordCommon & { readonly type: "MX"; readonly content: string; readonly priority: number })
  | (RecordCommon & {
      readonly type: "CAA";
      readonly flags: number;
      readonly tag: "issue" | "issuewild" | "iodef";
      readonly value: string;
    })
  | (RecordCommon & {
      readonly type: "SRV";
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    });

/** A record that a host's visitors follow: what answers with an address, or leads to one. */
export type ProxiableRecord = Extract<DnsRecordSpec, { readonly proxied: boolean }>;

export const isProxiable = (spec: DnsRecordSpec): spec is ProxiableRecord => "proxied" in spec;

/** `@` and `www` of `example.com` as `example.com` and `www.example.com`; lower case, no trailing dot. */
export function toFqdn(name: string, zone: string): string {
  return (name === "@" ? zone : `${name}.${zone}`).toLowerCase();
}

/** What the API calls the value of a record: `content`, or `data` where it has parts. */
export interface RecordValue {
  readonly content?: pulumi.Input<string>;
  readonly priority?: number;
  readonly data?: Readonly<Record<string, string | number>>;
}

/**
 * The value of a record, in the form in which Cloudflare stores it: anything else would differ from the program after
 * every refresh.
 *
 * @param ipv4 The load balancer's address, for an A record that has none of its own.
 */
export function toRecordValue(spec: DnsRecordSpec, ipv4: pulumi.Input<string>): RecordValue {
  switch (spec.type) {
    case "A":
      return { content: spec.content ?? ipv4 };
    case "AAAA":
    case "CNAME":
      return { content: spec.content };
    case "TXT":
      return { content: quoteTxt(spec.content) };
    case "MX":
      return { content: spec.content, priority: spec.priority };
    case "CAA":
      return { data: { flags: spec.flags, tag: spec.tag, value: spec.value } };
    case "SRV": {
      const { priority, weight, port, target } = spec;
      // The API answers the priority at the top as well; left out there, each refresh would find a difference.
      return { priority, data: { priority, weight, port, target } };
    }
  }
}

/** What tells a record from the others of its name and type, as the end of its logical name; undefined for the only one. */
export function recordKeySuffix(spec: DnsRecordSpec): string | undefined {
  switch (spec.type) {
    case "A":
    case "AAAA":
    case "TXT":
      return spec.label;
    case "CNAME":
      return undefined;
    case "MX":
      return spec.content;
    case "CAA":
      return `${spec.tag}-${spec.value}`;
    case "SRV":
      return `${spec.target}-${spec.port}`;
  }
}

/**
 * TXT content as Cloudflare stores it: quoted strings of at most 255 bytes, parted by a space. Left to itself the API
 * would split a long one, and the record would differ from the program ever after.
 *
 * @see https://www.rfc-editor.org/rfc/rfc1035#section-3.3.14
 */
export function quoteTxt(text: string): string {
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
export function findRecord(
  host: string,
  records: readonly DnsRecordSpec[],
  zone: string,
): ProxiableRecord | undefined {
  const named = records.map((spec) => ({ spec, fqdn: toFqdn(spec.name, zone) }));
  const exists = named.some(({ fqdn }) => fqdn === host || fqdn.endsWith(`.${host}`));
  const wanted = exists ? host : host.replace(/^[^.]+/, "*");
  return named.flatMap(({ spec, fqdn }) => (fqdn === wanted && isProxiable(spec) ? [spec] : []))[0];
}
