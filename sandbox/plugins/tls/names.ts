import { isIP } from "node:net";

import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  AttributeTypeAndValue,
  AttributeValue,
  Extension,
  GeneralName,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  id_ce_subjectAltName,
} from "@peculiar/asn1-x509";

import { UNKNOWN, type Fault, type Props } from "../stand-in";
import { faultsOf, isTexts } from "./checks";

/** The fields of a subject in the order in which they are written. @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.4 */
const attributes: Readonly<Record<string, string>> = {
  country: "2.5.4.6",
  organization: "2.5.4.10",
  organizationalUnit: "2.5.4.11",
  locality: "2.5.4.7",
  province: "2.5.4.8",
  streetAddresses: "2.5.4.9",
  postalCode: "2.5.4.17",
  commonName: "2.5.4.3",
  serialNumber: "2.5.4.5",
  emailAddress: "1.2.840.113549.1.9.1",
};

/** The inputs of who a certificate is for, which SelfSignedCert and CertRequest share. */
export const nameInputs = {
  dnsNames: "optional",
  ipAddresses: "optional",
  subject: "optional",
  uris: "optional",
} as const;

/** What is wrong with the {@link nameInputs}. */
export function nameFaults(inputs: Props): readonly Fault[] {
  const { subject } = inputs;
  const lists = faultsOf(
    inputs,
    ["dnsNames", "ipAddresses", "uris"].map((list) => [list, isTexts, "a list of texts"] as const),
  );
  if (subject === undefined || subject === UNKNOWN) return lists;
  if (typeof subject !== "object" || subject === null)
    return [...lists, { property: "subject", reason: "want an object of the subject's fields" }];
  return [
    ...lists,
    ...Object.entries(subject).flatMap(([field, value]) => {
      const property = `subject.${field}`;
      if (!(field in attributes)) return [{ property, reason: "the stand-in does not know this input" }];
      const isList = field === "streetAddresses";
      return (isList ? isTexts(value) : typeof value === "string") || value === UNKNOWN
        ? []
        : [{ property, reason: `want ${isList ? "a list of texts" : "text"}` }];
    }),
  ];
}

/** The subject as X.509 has it; empty fields are left out. */
export function subjectOf(subject: unknown): Name {
  const fields = (subject ?? {}) as Props;
  return new Name(
    Object.entries(attributes).flatMap(([field, type]) => {
      const values = [fields[field]].flat().filter((value) => value !== undefined && value !== "");
      const pairs = values.map(
        (value) => new AttributeTypeAndValue({ type, value: written(field, String(value)) }),
      );
      return pairs.length > 0 ? [new RelativeDistinguishedName(pairs)] : [];
    }),
  );
}

function written(field: string, value: string): AttributeValue {
  if (field === "emailAddress")
    return new AttributeValue({ ia5String: ascii(value, "subject.emailAddress") });
  const isPrintable = /^[A-Za-z0-9 '()+,\-./:=?]+$/.test(value);
  return new AttributeValue(isPrintable ? { printableString: value } : { utf8String: value });
}

/**
 * The alternative names of the subject.
 *
 * @throws an address that is none, or a name that is not ASCII: X.509 has it in punycode.
 */
export function altNamesOf({ dnsNames, ipAddresses, uris }: Props): readonly GeneralName[] {
  const list = (value: unknown) => (value ?? []) as readonly string[];
  return [
    ...list(dnsNames).map((name) => new GeneralName({ dNSName: ascii(name, "dnsNames") })),
    ...list(ipAddresses).map((address) => new GeneralName({ iPAddress: addressOf(address) })),
    ...list(uris).map((uri) => new GeneralName({ uniformResourceIdentifier: ascii(uri, "uris") })),
  ];
}

/** The extension that holds the names, none when there are none. It is critical where the subject says nothing. */
export function altNameExtension(names: readonly GeneralName[], subject: Name): readonly Extension[] {
  return names.length === 0
    ? []
    : [extension(id_ce_subjectAltName, subject.length === 0, new SubjectAlternativeName([...names]))];
}

/** An extension that holds this ASN.1 value. */
export function extension(extnID: string, critical: boolean, value: unknown): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

function addressOf(text: string): string {
  if (isIP(text) === 4) return text;
  if (isIP(text) === 6 && !text.includes("%")) return new URL(`http://[${text}]`).hostname.slice(1, -1);
  throw new Error(`ipAddresses: ${JSON.stringify(text)} given, want an IPv4 or IPv6 address`);
}

function ascii(value: string, input: string): string {
  if (/^[ -~]+$/.test(value)) return value;
  throw new Error(`${input}: ${JSON.stringify(value)} given, want ASCII`);
}
