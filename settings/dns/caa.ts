import { toFqdn, type DnsRecordSpec } from "../../components/cloudflare/dns-record";
import { isWithin } from "../zone";

/** The CAA records that apply to a name. */
export interface EffectiveCaa {
  /** The name that has the records, FQDN. */
  readonly name: string;
  /** Their values: the domain of a CA, or none, and parameters behind semicolons. */
  readonly values: readonly string[];
}

const isCaa = (spec: DnsRecordSpec): spec is Extract<DnsRecordSpec, { readonly type: "CAA" }> =>
  spec.type === "CAA";

/**
 * The CAA records for a host, or for `*.` a host: those of the closest ancestor that has any. Undefined if these records
 * restrict no CA.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8659#section-3
 */
export function effectiveCaa(
  name: string,
  records: readonly DnsRecordSpec[],
  zone: string,
): EffectiveCaa | undefined {
  const host = name.replace(/^\*\./, "");
  const caa = records
    .filter(isCaa)
    .map((record) => ({ ...record, name: toFqdn(record.name, zone) }))
    .filter((record) => isWithin(host, record.name));
  const closest = caa.toSorted((a, b) => b.name.length - a.name.length)[0]?.name;
  if (closest === undefined) return undefined;
  const valuesFor = (tag: "issue" | "issuewild") =>
    caa.filter((record) => record.name === closest && record.tag === tag).map(({ value }) => value);
  const wild = name === host ? [] : valuesFor("issuewild");
  const values = wild.length > 0 ? wild : valuesFor("issue");
  return values.length > 0 ? { name: closest, values } : undefined;
}

/**
 * The CA domain of a CAA record's value. Undefined if the record permits no CA, or no DNS-01 challenge, which is how this
 * program answers.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8657#section-4
 */
export function parseIssuer(value: string): string | undefined {
  const [domain, ...parameters] = value.split(";").map((part) => part.trim());
  const methods = parameters.flatMap((each) => /^validationmethods=(.*)$/.exec(each)?.[1]?.split(",") ?? []);
  return domain === "" || (methods.length > 0 && !methods.includes("dns-01")) ? undefined : domain;
}
