import { UNKNOWN, type InputError, type Props } from "../fake-provider";

const types =
  "A AAAA CAA CERT CNAME DNSKEY DS HTTPS LOC MX NAPTR NS OPENPGPKEY PTR SMIMEA SRV SSHFP SVCB TLSA TXT URI".split(
    " ",
  );

const dataFields =
  "algorithm altitude certificate digest digestType fingerprint flags keyTag latDegrees latDirection latMinutes " +
  "latSeconds longDegrees longDirection longMinutes longSeconds matchingType order port precisionHorz " +
  "precisionVert preference priority protocol publicKey regex replacement selector service size tag target type " +
  "usage value weight";

const nested = { data: dataFields.split(" "), settings: ["flattenCname", "ipv4Only", "ipv6Only"] };

/** The real provider's own validation, in preview too, and unknown nested inputs. */
export function validateDnsRecord(inputs: Props): readonly InputError[] {
  const checks: readonly (readonly [property: string, isRight: (value: unknown) => boolean, want: string])[] =
    [
      ["zoneId", (value) => /^[0-9a-f]{32}$/.test(String(value)), "32 hexadecimal digits"],
      ["type", (value) => types.includes(String(value).toUpperCase()), `one of ${types.join(", ")}`],
      ["ttl", (value) => value === 1 || isWithin(value, 30, 86400), "1 (automatic), or 30 to 86400 seconds"],
      ["priority", (value) => isWithin(value, 0, 65535), "0 to 65535"],
    ];
  const wrong = checks
    .filter(([property, isRight]) => isGiven(inputs[property]) && !isRight(inputs[property]))
    .map(([property, , want]) => ({
      property,
      reason: `${JSON.stringify(inputs[property])} given, want ${want}`,
    }));
  const unknown = Object.entries(nested).flatMap(([property, fields]) =>
    Object.keys((isGiven(inputs[property]) ? inputs[property] : {}) as object)
      .filter((field) => !fields.includes(field))
      .map((field) => ({
        property: `${property}.${field}`,
        reason: "the stand-in does not know this input",
      })),
  );
  return [...wrong, ...unknown];
}

const isGiven = (value: unknown) => value !== undefined && value !== UNKNOWN;

const isWithin = (value: unknown, least: number, most: number) =>
  typeof value === "number" && value >= least && value <= most;
