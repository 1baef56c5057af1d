import { toFqdn, type DnsRecordSpec } from "../components/cloudflare/dns-record";
import { isWithin, zoneRecords, type ZoneSource } from "./zone-records";

/** Who may issue for a name. */
export interface Permission {
  /** The name whose CAA records decide, as FQDN. */
  readonly at: string;
  /** Their values: the domain of a CA, or none, and its parameters behind semicolons. */
  readonly values: readonly string[];
}

const isCaa = (spec: DnsRecordSpec): spec is Extract<DnsRecordSpec, { readonly type: "CAA" }> =>
  spec.type === "CAA";

/**
 * Who may issue for a host, or for `*.` a host: those that the nearest name at or above it tells, of the names with CAA
 * records. Undefined where anybody may, as far as this stack's own records go.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8659#section-3
 */
export function permissionFor(name: string, source: ZoneSource): Permission | undefined {
  const host = name.replace(/^\*\./, "");
  const above = zoneRecords(source)
    .filter(isCaa)
    .map((record) => ({ ...record, at: toFqdn(record.name, source.dns.zone) }))
    .filter(({ at }) => isWithin(host, at));
  const at = above
    .map((record) => record.at)
    .reduce((one, other) => (one.length < other.length ? other : one), "");
  const valuesOf = (tag: "issue" | "issuewild") =>
    above.filter((record) => record.at === at && record.tag === tag).map(({ value }) => value);
  const wild = name === host ? [] : valuesOf("issuewild");
  const values = wild.length > 0 ? wild : valuesOf("issue");
  return values.length > 0 ? { at, values } : undefined;
}

/**
 * The domain of the CA that a CAA record lets issue to one who answers by DNS-01, as this program does. Undefined if it
 * lets none.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8657#section-4
 */
export function issuerOf(value: string): string | undefined {
  const [domain, ...parameters] = value.split(";").map((part) => part.trim());
  const methods = parameters.flatMap((each) => /^validationmethods=(.*)$/.exec(each)?.[1]?.split(",") ?? []);
  return domain === "" || (methods.length > 0 && !methods.includes("dns-01")) ? undefined : domain;
}
