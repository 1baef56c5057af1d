/** A range of IPv4 addresses: the first of it, as a number, and how many there are. */
export interface Range {
  readonly first: number;
  readonly size: number;
}

/** The address as a number; undefined if it is no dotted quad. */
export function parseIpv4(text: string): number | undefined {
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (octets === undefined || octets.some((octet) => octet > 255)) return undefined;
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

/** The number as a dotted quad. */
export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** The range of a validated CIDR. */
export function parseRange(cidr: string): Range {
  const [base = "", bits] = cidr.split("/");
  return { first: parseIpv4(base) ?? 0, size: 2 ** (32 - Number(bits)) };
}

/** The n-th public IPv4 address of the sandbox, out of the ranges for documentation (RFC 5737): 508 in all. */
export function publicIpv4(n: number): string {
  const index = n % 508;
  return index < 254 ? `203.0.113.${index + 1}` : `198.51.100.${index - 253}`;
}

/** Hetzner's default reverse DNS name of an address. */
export function defaultPtr(address: string): string | null {
  if (address.includes(":")) return null;
  return `static.${address.split(".").reverse().join(".")}.clients.your-server.de`;
}
