import * as http from "node:http";

import { z } from "zod";

/** How a service of the load balancer is checked, as the Hetzner Cloud API has it: by HTTP only; times in seconds. */
export const healthCheck = z.looseObject({
  protocol: z.literal("http"),
  port: z.number(),
  interval: z.number(),
  timeout: z.number(),
  retries: z.number(),
  http: z.looseObject({
    path: z.string(),
    domain: z.string().nullish(),
    status_codes: z.array(z.string()),
    tls: z.literal(false).nullish(),
    response: z.literal("").nullish(),
  }),
});
export type HealthCheck = z.infer<typeof healthCheck>;

/**
 * Whether a node answers, asked again and again as the service has it. The first answer decides; after that it takes as
 * many in a row as the service has retries to think otherwise.
 *
 * @see https://docs.hetzner.cloud/reference/cloud#load-balancer-actions-add-service health_check.retries
 */
export class HealthCheckLoop {
  healthy = false;
  /** The first answer has come. */
  readonly first: Promise<void>;
  readonly #timer: NodeJS.Timeout;
  #against = 0;

  constructor(node: string, check: HealthCheck) {
    const ask = () => probe(check, node);
    this.first = ask().then((answered) => void (this.healthy = answered));
    this.#timer = setInterval(
      () => void ask().then((answered) => this.#hear(answered, check.retries)),
      check.interval * 1000,
    );
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #hear(answered: boolean, retries: number): void {
    this.#against = answered === this.healthy ? 0 : this.#against + 1;
    if (this.#against < retries) return;
    this.healthy = answered;
    this.#against = 0;
  }
}

function probe({ port, timeout, http: asked }: HealthCheck, host: string): Promise<boolean> {
  const { path, domain, status_codes: wanted } = asked;
  const headers = domain ? { host: domain } : {};
  return new Promise((resolve) => {
    const options = { host, port, path, headers, agent: false, timeout: timeout * 1000 };
    const request = http.get(options, (answer) => {
      answer.resume();
      const status = String(answer.statusCode);
      resolve(wanted.some((pattern) => new RegExp(`^${pattern.replaceAll("?", "\\d")}$`).test(status)));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
  });
}
