import * as http from "node:http";

import { listen } from "./piped";

/** What a backend has seen of a request: its answer's body, as JSON. */
export interface Seen {
  readonly app: string;
  readonly method: string;
  readonly path: string;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly remoteAddress: string;
}

/** A server that tells what it was asked, in the place of an app's pods. `/slow` takes so many milliseconds as its query says. */
export async function serveBackend(app: string, address: string, port: number): Promise<http.Server> {
  const server = http.createServer((request, response) => {
    const { method = "", url = "", headers, socket } = request;
    const seen = { app, method, path: url, headers, remoteAddress: socket.remoteAddress };
    const answer = () =>
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(seen));
    const slow = /\/slow\?(\d+)$/.exec(url)?.[1];
    request.resume();
    if (slow === undefined) answer();
    else setTimeout(answer, Number(slow));
  });
  server.keepAliveTimeout = 60_000;
  await listen(server, address, port);
  return server;
}
