import type * as pulumi from "@pulumi/pulumi";

interface RecordCommon {
  /** Relative to the zone (`@`, `www`, `*.dev`), in punycode. */
  readonly name: string;
  /** Seconds, 60 to 86400 (from 30 on Enterprise). Default: automatic. */
  readonly ttl?: number | undefined;
  /** Up to 100 characters on the Free plan, 500 on the others. Default: the stack's name. */
  readonly comment?: string | undefined;
}

/** A type of which a name may have several records; `label` distinguishes them. */
interface Labeled {
  readonly label?: string | undefined;
}

/** A DNS record of the zone. */
export type DnsRecordSpec =
  /** Without `content`: the load balancer's addresses, as an A and an AAAA record. */
  | (RecordCommon &
      Labeled & { readonly type: "A"; readonly proxied: boolean; readonly content?: string | undefined })
  | (RecordCommon & Labeled & { readonly type: "AAAA"; readonly proxied: boolean; readonly content: string })
  | (RecordCommon & { readonly type: "CNAME"; readonly content: string; readonly proxied: boolean })
  | (RecordCommon & Labeled & { readonly type: "TXT"; readonly content: string })
  /** Content `.`: the name takes no mail (RFC 7505). */
  | (RecordCommon & { readonly type: "MX"; readonly content: string; readonly priority: number })
  /** A name server to which the name and all below it are delegated. */
  | (RecordCommon & { readonly type: "NS"; readonly content: string })
  /** How clients connect to the name (RFC 9460). Priority 0 is an alias; target `.` is the name itself. */
  | (RecordCommon & {
      readonly type: "HTTPS";
      readonly priority: number;
      readonly target: string;
      readonly value: string;
    })
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

/** A, AAAA or CNAME: record types that Cloudflare can proxy. */
export type ProxiableRecord = Extract<DnsRecordSpec, { readonly proxied: boolean }>;

export const isProxiable = (spec: DnsRecordSpec): spec is ProxiableRecord => "proxied" in spec;

/** `@` and `www` in `example.com` become `example.com` and `www.example.com`; lower case, no trailing dot. */
export function toFqdn(name: string, zone: string): string {
  return (name === "@" ? zone : `${name}.${zone}`).toLowerCase();
}

/** The API fields that hold a record's value: `content`, or `data` for structured types. */
export interface RecordValue {
  readonly content?: pulumi.Input<string>;
  readonly priority?: number;
  readonly data?: Readonly<Record<string, string | number>>;
}

/**
 * A record's value in the form that Cloudflare stores; any other form would show a diff after every refresh.
 *
 * @param ipv4 The load balancer's address, for an A record without `content`.
 */
export function toRecordValue(spec: DnsRecordSpec, ipv4: pulumi.Input<string>): RecordValue {
  switch (spec.type) {
    case "A":
      return { content: spec.content ?? ipv4 };
    case "AAAA":
    case "CNAME":
    case "NS":
      return { content: spec.content };
    case "TXT":
      return { content: quoteTxt(spec.content) };
    case "MX":
      return { content: spec.content, priority: spec.priority };
    case "CAA":
      return { data: { flags: spec.flags, tag: spec.tag, value: spec.value } };
    case "HTTPS":
      return { data: { priority: spec.priority, target: spec.target, value: spec.value } };
    case "SRV": {
      const { priority, weight, port, target } = spec;
      // The API returns the priority at the top level too; without it every refresh would show a diff.
      return { priority, data: { priority, weight, port, target } };
    }
  }
}

/** The suffix of the logical name that distinguishes records of one name and type. Undefined for an unlabeled one. */
export function recordKeySuffix(spec: DnsRecordSpec): string | undefined {
  switch (spec.type) {
    case "A":
    case "AAAA":
    case "TXT":
      return spec.label;
    case "CNAME":
      return undefined;
    case "MX":
    case "NS":
      return spec.content;
    case "HTTPS":
      return `${spec.priority}-${spec.target}`;
    case "CAA":
      return `${spec.tag}-${spec.value}`;
    case "SRV":
      return `${spec.target}-${spec.port}`;
    default:
      return spec satisfies never;
  }
}

/**
 * TXT content as Cloudflare stores it: quoted strings of at most 255 bytes, separated by a space. The API splits a
 * longer string itself, which would show a diff after every refresh.
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
 * The A, AAAA or CNAME record that answers for `host`: one of that name, or a wildcard one level above. A wildcard does
 * not apply if the name, or any name below it, exists.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4592#section-2.2.2
 */
export function findRecord(
  host: string,
  records: readonly DnsRecordSpec[],
  zone: string,
): ProxiableRecord | undefined {
  const withFqdn = records.map((spec) => ({ spec, fqdn: toFqdn(spec.name, zone) }));
  const exists = withFqdn.some(({ fqdn }) => fqdn === host || fqdn.endsWith(`.${host}`));
  const answering = exists ? host : host.replace(/^[^.]+/, "*");
  return withFqdn.flatMap(({ spec, fqdn }) => (fqdn === answering && isProxiable(spec) ? [spec] : []))[0];
}
