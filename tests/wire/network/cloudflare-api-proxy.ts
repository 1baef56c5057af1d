import * as http from "node:http";
import * as https from "node:https";

import type { CertificatePair } from "./test-ca";
import { listen } from "./tcp";
import { addresses } from "./network-addresses";

/** The host by which everybody knows Cloudflare's API. */
export const cloudflareHost = "api.cloudflare.com";

/**
 * Answers as `api.cloudflare.com` does, out of the emulated API: what has that address built in, as cert-manager has,
 * is run as it is.
 *
 * @param port of the emulated clouds.
 */
export async function serveCloudflareApi(port: number, own: CertificatePair): Promise<https.Server> {
  const server = https.createServer({ key: own.key, cert: own.cert }, (request, response) => {
    const asked = http.request(
      {
        host: "127.0.0.1",
        port,
        method: request.method,
        path: `/cloudflare${request.url ?? "/"}`,
        headers: { ...request.headers, host: `127.0.0.1:${port}` },
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    asked.on("error", () => response.writeHead(502).end());
    request.pipe(asked);
  });
  await listen(server, addresses.others, 443);
  return server;
}
