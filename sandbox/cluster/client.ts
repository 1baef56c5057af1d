import * as http from "node:http";
import * as https from "node:https";

/** An answer of the API server. */
export interface HttpResponse {
  readonly status: number;
  readonly body: string;
}

export interface HttpRequest {
  readonly url: string;
  readonly method?: "GET" | "POST" | "PATCH" | "DELETE";
  readonly body?: string;
  /** Headers, and for https the trusted CA and the client certificate. */
  readonly options?: https.RequestOptions;
}

/** One request, without the half second that a full client takes to load. Rejects when there is no answer. */
export function sendRequest({ url, method = "GET", body, options }: HttpRequest): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const receive = (response: http.IncomingMessage) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
      response.on("error", reject);
    };
    const send = url.startsWith("https:") ? https.request : http.request;
    const request = send(url, { agent: false, ...options, method, timeout: 30_000 }, receive);
    request.on("timeout", () => request.destroy(new Error(`${url} does not answer`)));
    request.on("error", reject);
    request.end(body);
  });
}
