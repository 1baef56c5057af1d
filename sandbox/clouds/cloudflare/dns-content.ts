import { isIPv4, isIPv6 } from "node:net";
import { domainToASCII } from "node:url";

import { canonicalIPv6, isProxiable } from "./addresses";
import type { ApiErrorDetail } from "./api";

/** The record types that are emulated. Cloudflare has 21; one that is missing here is refused, never half done. */
export const recordTypes = ["A", "AAAA", "CNAME", "TXT", "MX", "CAA", "SRV"] as const;
export type RecordType = (typeof recordTypes)[number];

/** Types whose content follows from `data`. */
export const dataTypes: readonly RecordType[] = ["CAA", "SRV"];

/** The fields of a record that depend on its type. */
export interface Content {
  readonly content: string;
  readonly proxiable: boolean;
  readonly priority?: number;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** The same fields of a request. */
export interface RequestedContent {
  readonly type: RecordType;
  readonly content?: string | null | undefined;
  readonly data?: Readonly<Record<string, unknown>> | null | undefined;
  readonly priority?: number | null | undefined;
}

/** The `code` of errors whose real code is unknown: the general "DNS Validation Error". */
export const unknownErrorCode = 1004;

/**
 * The full name in lower-case ASCII without trailing dot; a name that does not end in the zone is relative to it.
 * Undefined if it is no name of this zone.
 */
export function toFullName(given: string, zone: string): string | undefined {
  const absolute = given.endsWith(".");
  const ascii = domainToASCII(absolute ? given.slice(0, -1) : given) || given.toLowerCase();
  if (given === "@" || ascii === zone) return zone;
  const inside = ascii.endsWith(`.${zone}`);
  if (absolute && !inside) return undefined;
  const name = inside ? ascii : `${ascii}.${zone}`;
  return isHost(name.replace(/^\*\./, "")) ? name : undefined;
}

/** The content as Cloudflare stores it, or what is wrong with it. */
export function parseContent(given: RequestedContent, name: string, zone: string): Content | ApiErrorDetail {
  const text = given.content ?? "";
  if (given.data != null && !dataTypes.includes(given.type))
    return { code: unknownErrorCode, message: `data is not for ${given.type} records, want content` };
  switch (given.type) {
    case "A":
      if (!isIPv4(text)) return { code: 9005, message: "Content for A record must be a valid IPv4 address." };
      return { content: text, proxiable: isProxiable(text) };
    case "AAAA":
      if (!isIPv6(text) || text.includes("%"))
        return { code: 9006, message: "Content for AAAA record must be a valid IPv6 address." };
      return { content: canonicalIPv6(text), proxiable: isProxiable(text) };
    case "CNAME":
      return parseCname(text, name, zone);
    case "TXT":
      return parseTxt(text);
    case "MX":
      return parseMx(text, given.priority);
    case "CAA":
      return parseCaa(omitNulls(given.data));
    case "SRV":
      return parseSrv(omitNulls(given.data));
  }
}

/** A null field is an absent one: clients send it to clear what was there. */
function omitNulls(data: RequestedContent["data"]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(data ?? {}).filter(([, value]) => value !== null));
}

function isHost(name: string): boolean {
  return (
    name.length <= 253 &&
    /^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(name)
  );
}

function host(text: string): string | undefined {
  const name = text.toLowerCase().replace(/\.$/, "");
  return isHost(name) && !isIPv4(name) ? name : undefined;
}

function parseCname(text: string, name: string, zone: string): Content | ApiErrorDetail {
  const content = text === "@" ? zone : host(text);
  if (content === undefined) return { code: 9007, message: "Content for CNAME record is invalid." };
  if (content === name) return { code: 9039, message: "CNAME content cannot reference itself." };
  return { content, proxiable: true };
}

const maxTextLength = 2048;

/** One quoted string over 255 bytes comes back as several; anything else comes back as it was given. */
function parseTxt(text: string): Content | ApiErrorDetail {
  if (text === "") return { code: unknownErrorCode, message: "Content for TXT record is required." };
  if (text.length > maxTextLength)
    return {
      code: unknownErrorCode,
      message: `Content for TXT record is limited to ${maxTextLength} characters.`,
    };
  const inner = /^"([^"\\]*)"$/.exec(text)?.[1];
  if (inner === undefined || inner.length <= 255) return { content: text, proxiable: false };
  const parts = inner.match(/.{1,255}/gs) ?? [];
  return { content: parts.map((part) => `"${part}"`).join(" "), proxiable: false };
}

function parseMx(text: string, priority: number | null | undefined): Content | ApiErrorDetail {
  const content = text === "." ? text : host(text);
  if (content === undefined) return { code: unknownErrorCode, message: "Content for MX record is invalid." };
  if (priority == null) return missing("priority");
  if (!isWithin(priority, 65535)) return outOfRange("priority", 65535);
  return { content, priority, proxiable: false };
}

function parseCaa(data: Readonly<Record<string, unknown>>): Content | ApiErrorDetail {
  const { flags, tag, value, ...rest } = data;
  const [extra] = Object.keys(rest);
  if (extra !== undefined) return unwanted(extra, "CAA");
  if (flags == null) return missing("flags");
  if (flags === "" || !isWithin(Number(flags), 255)) return outOfRange("flags", 255);
  if (typeof tag !== "string" || !["issue", "issuewild", "iodef"].includes(tag))
    return tag == null ? missing("tag") : { code: 9102, message: "tag must be issue, issuewild or iodef." };
  if (typeof value !== "string") return missing("value");
  return {
    content: `${Number(flags)} ${tag} "${value}"`,
    proxiable: false,
    data: { flags: Number(flags), tag, value },
  };
}

function parseSrv(data: Readonly<Record<string, unknown>>): Content | ApiErrorDetail {
  const { priority, weight, port, target: given, ...rest } = data;
  const [extra] = Object.keys(rest);
  if (extra !== undefined) return unwanted(extra, "SRV");
  for (const [field, value] of Object.entries({ priority, weight, port })) {
    if (value == null) return missing(field);
    if (!isWithin(value, 65535)) return outOfRange(field, 65535);
  }
  if (typeof given !== "string") return missing("target");
  const target = given === "." ? given : host(given);
  if (target === undefined) return { code: 9102, message: "target must be a valid hostname." };
  return {
    content: `${Number(weight)} ${Number(port)} ${target}`,
    proxiable: false,
    priority: Number(priority),
    data: { priority, weight, port, target },
  };
}

const isWithin = (value: unknown, most: number) =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= most;

const missing = (field: string): ApiErrorDetail => ({
  code: 9101,
  message: `${field} is a required data field.`,
});

const outOfRange = (field: string, most: number): ApiErrorDetail => ({
  code: 9102,
  message: `${field} must be a whole number from 0 to ${most}.`,
});

const unwanted = (field: string, type: string): ApiErrorDetail => ({
  code: unknownErrorCode,
  message: `data.${field} is not a field of ${type} records`,
});
