import { isIPv6 } from "node:net";

import { z } from "zod";

import { rangeOf } from "./cluster";

/** The 128 bits of an IPv6 address. */
function bitsOf(address: string): bigint {
  // Spelled as a URL spells it, it has no IPv4 part and at most one gap.
  const [before = "", after] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  const [head, tail] = [groups(before), groups(after ?? "")];
  const gap = Array<string>(8 - head.length - tail.length).fill("0");
  return [...head, ...gap, ...tail].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

function isRange(text: string): boolean {
  if (rangeOf(text) !== undefined) return true;
  const [, address = "", bits = ""] = /^([\da-f:.]+)\/(\d{1,3})$/i.exec(text) ?? [];
  if (!isIPv6(address) || Number(bits) > 128) return false;
  return BigInt.asUintN(128 - Number(bits), bitsOf(address)) === 0n;
}

/** An IPv4 or IPv6 range whose address is its first one. */
export const range = z.string().refine(isRange, {
  error: "a range whose address is its first one, such as 203.0.113.0/24 or 2001:db8::/32",
});
