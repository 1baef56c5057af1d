import * as http from "node:http";
import * as https from "node:https";
import { isIP } from "node:net";

import type { ReceivedRequest } from "./network/http-backend";
import { browser } from "./network/network-addresses";

/** A browser's request: https by default, the host resolved by DNS. */
export interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The browser's address. */
  readonly from?: string;
  /** Trusted CA, PEM. Default: the edge's. */
  readonly ca?: string;
  /** Goes to this address, past DNS and so past the edge. */
  readonly at?: string;
  /** Client certificate. */
  readonly client?: { readonly cert: string; readonly key: string };
  readonly maxVersion?: "TLSv1.1" | "TLSv1.2";
  readonly agent?: https.Agent | http.Agent;
}

export interface BrowserResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
  /** The request as the backend received it, if a backend answered. */
  readonly seen: ReceivedRequest | undefined;
}

/** Trusted by browsers: set once the edge has its certificate. */
export const trust = { edge: "" };

/** Makes one request. Rejects when there is no answer, as with a failed handshake. */
export function request(url: string, wanted: RequestOptions = {}): Promise<BrowserResponse> {
  const {
    method = "GET",
    headers = {},
    from = browser(1),
    ca = trust.edge,
    at,
    client,
    maxVersion,
    agent = false,
  } = wanted;
  const { hostname, host, pathname, search, protocol, port } = new URL(url);
  const send = protocol === "https:" ? https.request : http.request;
  return new Promise((resolve, reject) => {
    const request = send(
      {
        host: at ?? hostname,
        ...(isIP(hostname) === 0 && { servername: hostname }),
        port: port === "" ? undefined : Number(port),
        path: `${pathname}${search}`,
        method,
        headers: { host, ...headers },
        localAddress: from,
        ca,
        agent,
        timeout: 60_000,
        ...client,
        ...(maxVersion && { maxVersion, minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" }),
      } as https.RequestOptions,
      (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body,
            seen: parseReceivedRequest(response, body),
          }),
        );
      },
    );
    request.on("timeout", () => request.destroy(new Error(`${url} was not answered within 60 s`)));
    request.on("error", reject);
    request.end();
  });
}

function parseReceivedRequest({ headers }: http.IncomingMessage, body: string): ReceivedRequest | undefined {
  return headers["content-type"] === "application/json" ? (JSON.parse(body) as ReceivedRequest) : undefined;
}

/** Keeps connections, as a browser does. */
export const keepAliveAgent = (): https.Agent => new https.Agent({ keepAlive: true, maxSockets: 20 });
