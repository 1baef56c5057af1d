import { isIPv4, isIPv6 } from "node:net";
import { domainToASCII } from "node:url";

import { z } from "zod";

import { canonicalIPv6, isProxiable } from "./addresses";
import type { ApiErrorDetail } from "./api";

/** The record types that are emulated: those of the program. Cloudflare has 21; the others are refused. */
export const recordTypes = ["A", "AAAA", "CNAME", "TXT", "MX", "CAA", "SRV", "NS", "HTTPS"] as const;
export type RecordType = (typeof recordTypes)[number];

/** Types whose content follows from `data`. */
const dataTypes: readonly RecordType[] = ["CAA", "SRV", "HTTPS"];

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
const unknownErrorCode = 1004;

/**
 * The full name in lower-case ASCII without trailing dot; a name that does not end in the zone is relative to it.
 * Undefined if it is no name of this zone.
 */
export function toFullName(given: string, zone: string): string | undefined {
  const isAbsolute = given.endsWith(".");
  const ascii = domainToASCII(isAbsolute ? given.slice(0, -1) : given) || given.toLowerCase();
  if (given === "@" || ascii === zone) return zone;
  const isInside = ascii.endsWith(`.${zone}`);
  if (isAbsolute && !isInside) return undefined;
  const name = isInside ? ascii : `${ascii}.${zone}`;
  return isHost(name.replace(/^\*\./, "")) ? name : undefined;
}

const uint16 = z.int().min(0).max(65535);
const caa = z.strictObject({
  flags: z.coerce.number().int().min(0).max(255),
  tag: z.enum(["issue", "issuewild", "iodef"]),
  value: z.string(),
});
/** The host that an SRV or HTTPS record names; `.` is none. */
const targetHost = z
  .string()
  .overwrite((name) => (name === "." ? name : (toHost(name) ?? "")))
  .min(1, "must be a valid hostname");

const srv = z.strictObject({
  priority: uint16,
  weight: uint16,
  port: uint16,
  target: targetHost,
});

const https = z.strictObject({
  priority: uint16,
  target: targetHost,
  value: z.string(),
});

/** The content as Cloudflare stores it, or its error. */
export function parseContent(given: RequestedContent, name: string, zone: string): Content | ApiErrorDetail {
  const text = given.content ?? "";
  if (given.data != null && !dataTypes.includes(given.type))
    return error(`data is not for ${given.type} records, want content`);
  switch (given.type) {
    case "A":
      if (!isIPv4(text)) return error("Content for A record must be a valid IPv4 address.", 9005);
      return { content: text, proxiable: isProxiable(text) };
    case "AAAA":
      if (!isIPv6(text) || text.includes("%"))
        return error("Content for AAAA record must be a valid IPv6 address.", 9006);
      return { content: canonicalIPv6(text), proxiable: isProxiable(text) };
    case "CNAME": {
      const content = text === "@" ? zone : toHost(text);
      if (content === undefined) return error("Content for CNAME record is invalid.", 9007);
      if (content === name) return error("CNAME content cannot reference itself.", 9039);
      return { content, proxiable: true };
    }
    case "TXT":
      return parseTxt(text);
    case "NS": {
      const content = toHost(text);
      if (content === undefined) return error("Content for NS record is invalid.");
      if (name === zone) return error("NS records at the apex of the zone are Cloudflare's own.");
      return { content, proxiable: false };
    }
    case "HTTPS": {
      const { data, error: issues } = https.safeParse(omitNulls(given.data));
      if (data === undefined) return error(`data: ${z.prettifyError(issues)}`, 9102);
      const { priority, target, value } = data;
      return { content: `${priority} ${target} ${value}`.trim(), proxiable: false, data };
    }
    case "MX": {
      const content = text === "." ? text : toHost(text);
      if (content === undefined) return error("Content for MX record is invalid.");
      const priority = uint16.safeParse(given.priority);
      if (!priority.success) return error("priority must be a whole number from 0 to 65535.", 9102);
      return { content, priority: priority.data, proxiable: false };
    }
    case "CAA": {
      const { data, error: issues } = caa.safeParse(omitNulls(given.data));
      if (data === undefined) return error(`data: ${z.prettifyError(issues)}`, 9102);
      return { content: `${data.flags} ${data.tag} "${data.value}"`, proxiable: false, data };
    }
    case "SRV": {
      const { data, error: issues } = srv.safeParse(omitNulls(given.data));
      if (data === undefined) return error(`data: ${z.prettifyError(issues)}`, 9102);
      const { priority, weight, port, target } = data;
      return { content: `${weight} ${port} ${target}`, proxiable: false, priority, data };
    }
  }
}

const error = (message: string, code = unknownErrorCode): ApiErrorDetail => ({ code, message });

/** A null field is an absent one: clients send it to clear the former value. */
function omitNulls(data: RequestedContent["data"]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(data ?? {}).filter(([, value]) => value !== null));
}

function isHost(name: string): boolean {
  return (
    name.length <= 253 &&
    /^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(name)
  );
}

function toHost(text: string): string | undefined {
  const name = text.toLowerCase().replace(/\.$/, "");
  return isHost(name) && !isIPv4(name) ? name : undefined;
}

const maxTextLength = 2048;

/** One quoted string over 255 bytes comes back as several; anything else comes back as it was given. */
function parseTxt(text: string): Content | ApiErrorDetail {
  if (text === "") return error("Content for TXT record is required.");
  if (text.length > maxTextLength)
    return error(`Content for TXT record is limited to ${maxTextLength} characters.`);
  const inner = /^"([^"\\]*)"$/.exec(text)?.[1];
  if (inner === undefined || inner.length <= 255) return { content: text, proxiable: false };
  const parts = inner.match(/.{1,255}/gs) ?? [];
  return { content: parts.map((part) => `"${part}"`).join(" "), proxiable: false };
}
