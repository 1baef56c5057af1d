import { isIPv4 } from "node:net";

/** Both ends of a connection, as the receiver of the header is to see them. */
export interface Endpoints {
  readonly from: { readonly address: string; readonly port: number };
  readonly to: { readonly address: string; readonly port: number };
}

/**
 * The header of PROXY protocol version 1: one line before the first byte of the client's.
 *
 * @throws the ends are not of one family.
 * @see https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt section 2.1
 */
export function proxyHeader({ from, to }: Endpoints): string {
  if (isIPv4(from.address) !== isIPv4(to.address))
    throw new Error(`${from.address} and ${to.address} are not of one family`);
  const family = isIPv4(from.address) ? "TCP4" : "TCP6";
  return `PROXY ${family} ${from.address} ${to.address} ${from.port} ${to.port}\r\n`;
}
