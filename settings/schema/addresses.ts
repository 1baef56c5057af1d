import { BlockList, isIPv4, isIPv6 } from "node:net";

import { z } from "zod";

/**
 * IPv4 ranges that no resolver on the internet has a use for. Those of documentation are not among them: they are what
 * an example, or a rehearsal, is written with.
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

/** Global unicast: all that IPv6 has given out for the internet. */
const global = new BlockList();
global.addSubnet("2000::", 3, "ipv6");

/** As Cloudflare stores it (RFC 5952): any other spelling would differ from the program after every refresh. */
export const shortest = (address: string): string =>
  isIPv6(address) && !address.includes("%") ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;

const noPrivate = { error: "a public address: no private address reaches public DNS" };

export const publicIpv4 = z
  .string()
  .refine(isIPv4, { error: "an IPv4 address, such as 203.0.113.10", abort: true })
  .refine((address) => !notPublic.check(address, "ipv4"), noPrivate);

export const publicIpv6 = z
  .string()
  .overwrite(shortest)
  .refine((address) => isIPv6(address) && !address.includes("%"), {
    error: "an IPv6 address, such as 2001:db8::10",
    abort: true,
  })
  .refine((address) => global.check(address, "ipv6"), noPrivate);
