import { BlockList, isIPv4 } from "node:net";

/**
 * The addresses from which Cloudflare reaches an origin, as `GET /ips` answers.
 *
 * @see https://www.cloudflare.com/ips/
 */
export const edgeRanges = {
  ipv4_cidrs: (
    "173.245.48.0/20 103.21.244.0/22 103.22.200.0/22 103.31.4.0/22 141.101.64.0/18 108.162.192.0/18 " +
    "190.93.240.0/20 188.114.96.0/20 197.234.240.0/22 198.41.128.0/17 162.158.0.0/15 104.16.0.0/13 " +
    "104.24.0.0/14 172.64.0.0/13 131.0.72.0/22"
  ).split(" "),
  ipv6_cidrs: (
    "2400:cb00::/32 2606:4700::/32 2803:f800::/32 2405:b500::/32 2405:8100::/32 2a06:98c0::/29 " +
    "2c0f:f248::/32"
  ).split(" "),
  etag: "38f79d050aa027e3be3865e495dcc9bc",
};

/** The addresses that are not public, and those of Cloudflare's own resolver. */
const unproxiable = new BlockList();
const unproxiableRanges =
  "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 " +
  "224.0.0.0/3 1.1.1.1/32 1.0.0.1/32 ::/127 fc00::/7 fe80::/10 ff00::/8";
for (const range of unproxiableRanges.split(" ")) {
  const [network = "", bits] = range.split("/");
  unproxiable.addSubnet(network, Number(bits), isIPv4(network) ? "ipv4" : "ipv6");
}

/** Whether Cloudflare proxies to this address. The ranges for documentation count as public, as they do there. */
export function isProxiable(address: string): boolean {
  return !unproxiable.check(address, isIPv4(address) ? "ipv4" : "ipv6");
}

/** The shortest spelling of an IPv6 address, which is what the API stores. */
export function canonicalIPv6(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
