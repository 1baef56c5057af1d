import * as http from "node:http";
import * as https from "node:https";

import { listen } from "./tcp";
import { addresses } from "./network-addresses";
import type { CertificatePair } from "./test-ca";

/** The emulated zone's state at a request. */
export interface EdgeState {
  /** Where a proxied host is, as the zone's records have it; undefined for a name that is not there or not proxied. */
  readonly findOrigin: (host: string) => string | undefined;
  /** The zone's setting `ssl`: `strict` verifies the origin's certificate. */
  readonly ssl: string;
  /** The client certificate for the origin with authenticated origin pulls. */
  readonly client: CertificatePair | undefined;
}

export interface EdgeOptions {
  /** The edge's certificate for browsers. */
  readonly own: CertificatePair;
  /** The public CAs, as the edge knows them, PEM. */
  readonly trusted: () => readonly string[];
  readonly state: () => EdgeState;
}

/** Cloudflare's own answers. @see https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/ */
const noConnection = 521;
const handshakeFailed = 525;
const invalidCertificate = 526;

/**
 * Cloudflare's proxy as a request sees it: terminates TLS, adds the client's address, and calls the origin over TLS that it
 * verifies as the zone's settings have it, with the zone's client certificate. Nothing is cached or refused.
 *
 * @see https://developers.cloudflare.com/fundamentals/reference/http-headers/
 */
export class CloudflareEdge {
  readonly #options: EdgeOptions;
  readonly #servers: (http.Server | https.Server)[];
  #agents = new Map<string, https.Agent>();

  constructor(options: EdgeOptions) {
    this.#options = options;
    const { key, cert } = options.own;
    const pass = (request: http.IncomingMessage, response: http.ServerResponse) =>
      this.#pass(request, response);
    this.#servers = [
      https.createServer({ key, cert, minVersion: "TLSv1.2" }, pass),
      http.createServer((request, response) => {
        response
          .writeHead(301, { location: `https://${request.headers.host ?? ""}${request.url ?? "/"}` })
          .end();
      }),
    ];
  }

  async start(): Promise<void> {
    const [secure, plain] = this.#servers;
    if (secure !== undefined) await listen(secure, addresses.edge, 443);
    if (plain !== undefined) await listen(plain, addresses.edge, 80);
  }

  /** Drops its connections to origins. */
  forget(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents = new Map();
  }

  #pass(request: http.IncomingMessage, response: http.ServerResponse): void {
    const host = (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
    const state = this.#options.state();
    const origin = state.findOrigin(host);
    if (origin === undefined) {
      response.writeHead(530).end();
      return;
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () =>
      this.#ask({ request, response, host, origin, state, body: Buffer.concat(chunks) }),
    );
  }

  #ask(passed: ProxiedRequest, again = false): void {
    const { request, response, host, origin, state, body } = passed;
    const headers = headersFor(request);
    const asked = https.request(
      {
        host: origin,
        port: 443,
        servername: host,
        method: request.method,
        path: request.url,
        headers,
        agent: this.#agent(host, state),
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(response);
        answer.on("error", () => response.destroy());
      },
    );
    asked.on("error", (error: NodeJS.ErrnoException) => {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      // A connection that was kept may end just as it is used again.
      if (asked.reusedSocket && !again) this.#ask(passed, true);
      else
        response
          .writeHead(toStatus(error), { "content-type": "text/plain" })
          .end(error.code ?? error.message);
    });
    asked.end(body);
  }

  /** One for each host, certificate and setting, so that a change is followed by new connections. */
  #agent(host: string, { ssl, client }: EdgeState): https.Agent {
    const key = `${host} ${ssl} ${client?.cert ?? ""}`;
    const found = this.#agents.get(key);
    if (found !== undefined) return found;
    const agent = new https.Agent({
      keepAlive: true,
      localAddress: addresses.edgeOut,
      ca: [...this.#options.trusted()],
      rejectUnauthorized: ssl === "strict",
      ...(client && { cert: client.cert, key: client.key }),
    });
    this.#agents.set(key, agent);
    return agent;
  }
}

interface ProxiedRequest {
  readonly request: http.IncomingMessage;
  readonly response: http.ServerResponse;
  readonly host: string;
  readonly origin: string;
  readonly state: EdgeState;
  readonly body: Buffer;
}

const ownHeaders = [
  "connection",
  "keep-alive",
  "cf-connecting-ip",
  "cf-ray",
  "cf-visitor",
  "cf-ipcountry",
  "x-forwarded-proto",
  "cdn-loop",
];

/** The browser's headers with its address added; an existing X-Forwarded-For gets one more entry. */
function headersFor(request: http.IncomingMessage): http.OutgoingHttpHeaders {
  const client = request.socket.remoteAddress ?? "";
  const kept = Object.entries(request.headers).filter(([name]) => !ownHeaders.includes(name));
  const { "x-forwarded-for": forwarded } = request.headers;
  return {
    ...Object.fromEntries(kept),
    "x-forwarded-for": [forwarded, client].flat().filter(Boolean).join(", "),
    "x-forwarded-proto": "https",
    "cf-connecting-ip": client,
    "cf-ray": "8f0c1a2b3c4d5e6f-FRA",
    "cf-visitor": '{"scheme":"https"}',
    "cf-ipcountry": "DE",
    "cdn-loop": "cloudflare; loops=1",
  };
}

function toStatus({ code = "", message }: NodeJS.ErrnoException): number {
  if (/^(ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ETIMEDOUT)$/.test(code))
    return code === "ECONNRESET" ? 520 : noConnection;
  if (/CERT|SELF_SIGNED|ALTNAME|UNABLE_TO/.test(code)) return invalidCertificate;
  return /ssl|tls|alert/i.test(`${code} ${message}`) ? handshakeFailed : 520;
}
