import { BlockList, isIPv4, isIPv6 } from "node:net";

import { z } from "zod";

/**
 * IPv4 ranges that are not routed on the internet, without those for documentation, which examples and rehearsals use.
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry/
 */
const notPublic = new BlockList();
for (const [address, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const)
  notPublic.addSubnet(address, bits, "ipv4");

/** Global unicast: all of IPv6 that is routed on the internet. */
const global = new BlockList();
global.addSubnet("2000::", 3, "ipv6");

/** The spelling that Cloudflare stores (RFC 5952): any other one would be a difference after every refresh. */
export const toCanonical = (address: string): string =>
  isIPv6(address) && !address.includes("%") ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;

const privateRanges = new BlockList();
for (const [address, bits] of [
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const)
  privateRanges.addSubnet(address, bits, "ipv4");

/** Whether it is an IPv4 address of a private network (RFC 1918). */
export const isPrivateIpv4 = (text: string): boolean => isIPv4(text) && privateRanges.check(text, "ipv4");

const noPrivate = { error: "a public address: public DNS must not contain private addresses" };

export const publicIpv4 = z
  .string()
  .refine(isIPv4, { error: "an IPv4 address, such as 203.0.113.10", abort: true })
  .refine((address) => !notPublic.check(address, "ipv4"), noPrivate);

export const publicIpv6 = z
  .string()
  .overwrite(toCanonical)
  .refine((address) => isIPv6(address) && !address.includes("%"), {
    error: "an IPv6 address, such as 2001:db8::10",
    abort: true,
  })
  .refine((address) => global.check(address, "ipv6"), noPrivate);
