import * as fs from "node:fs";
import * as http from "node:http";
import * as https from "node:https";

/** A provider's `kubeconfig` argument is a file's text or its path. */
export const isKubeconfigText = (kubeconfig: string): boolean => /[\n{]/.test(kubeconfig);

/** The text of a kubeconfig given as text or path. */
export const kubeconfigText = (kubeconfig: string): string =>
  isKubeconfigText(kubeconfig) ? kubeconfig : fs.readFileSync(kubeconfig, "utf8");

/** Timeout of a request in milliseconds. */
const timeoutMs = 20_000;

/** At once, so that the engine's parallel steps do not open a connection each. */
const maxSockets = 16;

export interface HttpResponse {
  readonly status: number;
  readonly body: string;
}

export interface KubeRequest {
  readonly method: "GET" | "PATCH" | "DELETE";
  /** With its query, from the root: `/api/v1/namespaces/default`. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
}

/** A way to talk to the API server that a kubeconfig names. */
export interface Connection {
  readonly url: string;
  send(request: KubeRequest): Promise<HttpResponse>;
}

/** Opens nothing yet: the first request connects. Throws if the kubeconfig is no good. */
export async function connect(kubeconfig: string): Promise<Connection> {
  // Half a second to load, and a preview never needs it.
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  if (isKubeconfigText(kubeconfig)) config.loadFromString(kubeconfig);
  else config.loadFromFile(kubeconfig);
  const cluster = config.getCurrentCluster();
  if (cluster === null)
    throw new Error(
      `the kubeconfig has no context "${config.getCurrentContext()}", or that context no cluster`,
    );

  const credentials: http.OutgoingHttpHeaders = {};
  const options: https.RequestOptions = { headers: credentials };
  await config.applyToHTTPSOptions(options);
  const { ca, cert, key, rejectUnauthorized, servername } = options;
  const secure = cluster.server.startsWith("https:");
  const reuse = { keepAlive: true, maxSockets: maxSockets };
  const own = secure
    ? new https.Agent({ ...reuse, ca, cert, key, rejectUnauthorized, servername })
    : new http.Agent(reuse);
  const agent = cluster.proxyUrl === undefined ? own : options.agent;
  const url = cluster.server.replace(/\/$/, "");
  const client = secure ? https : http;

  const once = (request: KubeRequest): Promise<HttpResponse> =>
    new Promise((resolve, reject) => {
      const body = request.body === undefined ? undefined : JSON.stringify(request.body);
      const headers = {
        ...credentials,
        accept: "application/json",
        ...(body === undefined
          ? {}
          : {
              "content-type": request.contentType ?? "application/json",
              "content-length": Buffer.byteLength(body),
            }),
      };
      const { method, path } = request;
      const signal = AbortSignal.timeout(timeoutMs);
      const call = client.request(`${url}${path}`, { method, headers, agent, auth: options.auth, signal });
      call.on("error", (error) =>
        reject(
          signal.aborted
            ? new UnreachableError(url, "no answer in time", false)
            : toUnreachableError(url, error, call.reusedSocket),
        ),
      );
      call.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", (error) => reject(toUnreachableError(url, error, false)));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
        );
      });
      call.end(body);
    });

  return {
    url,
    async send(request) {
      try {
        return await once(request);
      } catch (error) {
        // The server may close an idle connection just when we use it. Everything sent here can be sent twice.
        if (error instanceof UnreachableError && error.stale) return once(request);
        throw error;
      }
    },
  };
}

/** Nobody answered: as opposed to an answer that refuses. */
export class UnreachableError extends Error {
  constructor(
    url: string,
    why: string,
    readonly stale: boolean,
  ) {
    super(
      `the API server at ${url} does not answer (${why}): is it running? npm start brings the sandbox's up again`,
    );
  }
}

function toUnreachableError(url: string, error: NodeJS.ErrnoException, reused: boolean): UnreachableError {
  return new UnreachableError(url, error.code ?? error.message, reused && error.code === "ECONNRESET");
}
