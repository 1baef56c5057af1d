import { isIPv6 } from "node:net";

import { z } from "zod";

import { linkLocalRanges } from "../../components/network-policy/network-rules";
import { reasoned } from "./names";

/** The first and last address of an IPv4 range, as numbers. */
interface Ipv4Range {
  readonly first: number;
  readonly last: number;
}

/** Parses `a.b.c.d/n`; undefined if the address is not the first of the range. */
export function parseIpv4Range(text: string): Ipv4Range | undefined {
  const [, address = "", bits = ""] = /^(\d+\.\d+\.\d+\.\d+)\/(\d{1,2})$/.exec(text) ?? [];
  const octets = address.split(".").map(Number);
  if (octets.length !== 4 || octets.some((octet) => octet > 255) || Number(bits) > 32) return undefined;
  const first = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const size = 2 ** (32 - Number(bits));
  return first % size === 0 ? { first, last: first + size - 1 } : undefined;
}

/** Whether two IPv4 ranges have an address in common. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [parseIpv4Range(one), parseIpv4Range(other)];
  return a !== undefined && b !== undefined && a.first <= b.last && b.first <= a.last;
}

const ipv4Range = (ipv6: string) =>
  z
    .string()
    .refine(
      (text) => parseIpv4Range(text) !== undefined,
      reasoned("an IPv4 range that begins with its first address, such as 10.0.0.0/16", [[/:/, ipv6]]),
    );

/** An IPv4 range of a private network at Hetzner. */
export const networkRange = ipv4Range("an IPv4 range: Hetzner's private networks have no IPv6");

/** An IPv4 range of pods or Services. */
export const podRange = ipv4Range(
  "one IPv4 range: pods and Services have IPv4 addresses only here (docs/limits.md)",
);

/** The 128 bits of an IPv6 address. */
function toBits(address: string): bigint {
  // A URL's host has no IPv4 part and at most one gap.
  const [before = "", after] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  const [head, tail] = [groups(before), groups(after ?? "")];
  const gap = Array<string>(8 - head.length - tail.length).fill("0");
  return [...head, ...gap, ...tail].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

function isRange(text: string): boolean {
  if (parseIpv4Range(text) !== undefined) return true;
  const [, address = "", bits = ""] = /^([\da-f:.]+)\/(\d{1,3})$/i.exec(text) ?? [];
  if (!isIPv6(address) || Number(bits) > 128) return false;
  return BigInt.asUintN(128 - Number(bits), toBits(address)) === 0n;
}

/** Whether a valid range has an address in common with the link-local ones. */
export function isLinkLocal(range: string): boolean {
  if (!range.includes(":")) return overlap(range, linkLocalRanges.ipv4);
  const [address = "", bits] = range.split("/");
  // fe80::/10, or the bits of it that the range has.
  const length = Math.min(Number(bits), 10);
  return toBits(address) >> BigInt(128 - length) === 0x3fan >> BigInt(10 - length);
}

/** An IPv4 or IPv6 range. */
export const range = z.string().refine(isRange, {
  abort: true,
  error: "a range that begins with its first address, such as 203.0.113.0/24 or 2001:db8::/32",
});
