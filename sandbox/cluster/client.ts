import * as http from "node:http";
import * as https from "node:https";

/** An answer of the API server. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface Question {
  readonly url: string;
  readonly method?: "GET" | "PATCH";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** PEM of the authority to trust, for https. */
  readonly ca?: string;
}

/** One request, without the half second that a full client takes to load. Rejects when there is no answer. */
export function ask({ url, method = "GET", headers = {}, body, ca }: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const receive = (response: http.IncomingMessage) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
      response.on("error", reject);
    };
    const options = {
      method,
      headers,
      timeout: 30_000,
      agent: false,
      ...(ca !== undefined && { ca }),
    } as const;
    const request = url.startsWith("https:")
      ? https.request(url, options, receive)
      : http.request(url, options, receive);
    request.on("timeout", () => request.destroy(new Error(`${url} does not answer`)));
    request.on("error", reject);
    request.end(body);
  });
}
