/** A range of IPv4 addresses: the first of it, as a number, and how many there are. */
export interface Range {
  readonly first: number;
  readonly size: number;
}

/** The address as a number; undefined when it is no dotted quad. */
export function parseIpv4(text: string): number | undefined {
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (octets === undefined || octets.some((octet) => octet > 255)) return undefined;
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

/** The number as a dotted quad. */
export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** A CIDR as a range; undefined when it cannot be read or has bits set behind its mask. */
export function parseRange(cidr: string): Range | undefined {
  const [, base = "", bits = ""] = /^([\d.]+)\/(\d{1,2})$/.exec(cidr) ?? [];
  const first = parseIpv4(base);
  if (first === undefined || Number(bits) > 32) return undefined;
  const size = 2 ** (32 - Number(bits));
  return first % size === 0 ? { first, size } : undefined;
}

/** The same for a CIDR that was checked when it came in. */
export function parseCheckedRange(cidr: string): Range {
  return parseRange(cidr) ?? { first: 0, size: 0 };
}

/** Whether the outer range holds all of the inner. */
function isWithin(inner: Range, outer: Range): boolean {
  return inner.first >= outer.first && inner.first + inner.size <= outer.first + outer.size;
}

const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(parseRange);

/** Whether it lies in one of RFC 1918's ranges. */
export function isPrivate(inner: Range): boolean {
  return PRIVATE.some((outer) => outer !== undefined && isWithin(inner, outer));
}

/** The n-th public IPv4 address of the sandbox, out of the ranges kept for documentation (RFC 5737): 508 in all. */
export function publicIpv4(n: number): string {
  const index = n % 508;
  return index < 254 ? `203.0.113.${index + 1}` : `198.51.100.${index - 253}`;
}

/** Hetzner's default reverse DNS name of an address. */
export function defaultPtr(address: string): string | null {
  if (address.includes(":")) return null;
  return `static.${address.split(".").reverse().join(".")}.clients.your-server.de`;
}
