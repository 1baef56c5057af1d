import * as http from "node:http";
import * as https from "node:https";
import { TLSSocket } from "node:tls";

import { listen } from "./tcp";
import type { CertificatePair } from "./test-ca";

/** A request as a backend received it: the JSON body of its response. */
export interface ReceivedRequest {
  readonly app: string;
  readonly method: string;
  readonly path: string;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly remoteAddress: string;
  /** The port of the server. */
  readonly port: number;
  /** Length of the request's body. */
  readonly bytes: number;
  /** The name by which TLS asked for the server. Absent without TLS. */
  readonly serverName?: string | false;
}

/**
 * A server in place of an app's pods that returns the request it received, once read. `/slow` takes as many
 * milliseconds as its query has; `/events` sends one event at once and another after as many. `/verify` admits the cookie
 * `session=good`, whose user is ann, and answers 401 to any other. A WebSocket gets back what it sends.
 *
 * @param certificate The server's: it then speaks TLS only. Default: plain HTTP.
 */
export async function serveBackend(
  app: string,
  address: string,
  port: number,
  certificate?: CertificatePair,
): Promise<http.Server> {
  const respond: http.RequestListener = (request, response) => {
    const { method = "", url = "", headers, socket } = request;
    if (url === "/verify") {
      const isKnown = headers.cookie === "session=good";
      response.writeHead(isKnown ? 200 : 401, isKnown ? { "x-user": "ann" } : {}).end();
      return;
    }
    const [, kind, wait = "0"] = /\/(slow|events)\?(\d+)$/.exec(url) ?? [];
    let bytes = 0;
    const answer = () => {
      const { remoteAddress } = socket;
      const tls = socket instanceof TLSSocket && { serverName: socket.servername };
      const seen = { app, method, path: url, headers, remoteAddress, port, bytes, ...tls };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(seen));
    };
    if (kind === "events") {
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: first\n\n");
      setTimeout(() => response.end("data: last\n\n"), Number(wait));
      return;
    }
    request.on("data", (chunk: Buffer) => (bytes += chunk.length));
    request.on("end", () => {
      if (kind === undefined) answer();
      else setTimeout(answer, Number(wait));
    });
  };
  const server = certificate ? https.createServer(certificate, respond) : http.createServer(respond);
  server.on("upgrade", (_request, socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    socket.on("error", () => socket.destroy());
    socket.pipe(socket);
  });
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  await listen(server, address, port);
  return server;
}
