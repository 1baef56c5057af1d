/** A load balancer as the API shows it, as far as the stand-in reads it. */
export interface ShownLoadBalancer {
  readonly id: number;
  readonly name: string;
  readonly load_balancer_type: { readonly name: string };
  readonly location: { readonly name: string; readonly network_zone: string };
  readonly algorithm: { readonly type: string };
  readonly labels: Readonly<Record<string, string>>;
  readonly protection: { readonly delete: boolean };
  readonly public_net: {
    readonly enabled: boolean;
    readonly ipv4: PublicAddress;
    readonly ipv6: PublicAddress;
  };
  readonly private_net: readonly Attachment[];
  readonly services: readonly Service[];
  readonly targets: readonly Target[];
}

interface PublicAddress {
  readonly ip: string;
  readonly dns_ptr: string | null;
}

/** A load balancer's address in a network. */
export interface Attachment {
  readonly network: number;
  readonly ip: string;
}

/** A service of a load balancer. Times in seconds. */
export interface Service {
  readonly protocol: "tcp" | "http" | "https";
  readonly listen_port: number;
  readonly destination_port: number;
  readonly proxyprotocol: boolean;
  readonly http: {
    readonly cookie_name: string;
    readonly cookie_lifetime: number;
    readonly certificates: readonly number[];
    readonly redirect_http: boolean;
    readonly sticky_sessions: boolean;
    readonly timeout_idle: number;
  } | null;
  readonly health_check: {
    readonly protocol: "tcp" | "http" | "https";
    readonly port: number;
    readonly interval: number;
    readonly timeout: number;
    readonly retries: number;
    readonly http: {
      readonly domain: string;
      readonly path: string;
      readonly response: string;
      readonly status_codes: readonly string[];
      readonly tls: boolean;
    } | null;
  };
}

export type Target = { readonly use_private_ip: boolean } & (
  | { readonly type: "server"; readonly server: { readonly id: number } }
  | { readonly type: "label_selector"; readonly label_selector: { readonly selector: string } }
  | { readonly type: "ip"; readonly ip: { readonly ip: string } }
);

interface LoadBalancerPage {
  readonly load_balancers: readonly ShownLoadBalancer[];
  readonly meta: { readonly pagination: { readonly next_page: number | null } };
}

interface Action {
  readonly id: number;
  readonly command: string;
  readonly status: "running" | "success" | "error";
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** A call that the API refused; `code` is the API's own word, such as `not_found`. */
export class ApiError extends Error {
  constructor(
    call: string,
    readonly code: string,
    reason: string,
  ) {
    super(`Hetzner Cloud: ${call}: ${reason} (${code})`);
  }
}

/** Address of the API, and the token. */
export interface Access {
  /** Base address without a slash at its end. */
  readonly endpoint: string;
  readonly token: string;
  readonly fetch: typeof fetch;
  /** Milliseconds between two tries or two looks at a running action. */
  readonly pause: number;
}

const maxTries = 5;
const maxPolls = 240;
const retryableCodes = new Set(["conflict", "rate_limit_exceeded"]);

/** A client of the Hetzner Cloud API. Each call waits for the action that it starts. */
export class Client {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  /** Undefined when there is none. */
  async loadBalancer(id: number | string): Promise<ShownLoadBalancer | undefined> {
    const answer = await this.#find<{ load_balancer: ShownLoadBalancer }>(`/load_balancers/${id}`);
    return answer?.load_balancer;
  }

  /** All of the account, or those that a label selector matches. */
  async loadBalancers(selector?: string): Promise<readonly ShownLoadBalancer[]> {
    const found: ShownLoadBalancer[] = [];
    const query = selector === undefined ? "" : `&label_selector=${encodeURIComponent(selector)}`;
    for (let page: number | null = 1; page !== null;) {
      const path = `/load_balancers?page=${page}&per_page=50${query}`;
      const answer: LoadBalancerPage = await this.#call("GET", path);
      found.push(...answer.load_balancers);
      page = answer.meta.pagination.next_page;
    }
    return found;
  }

  /** @throws {ApiError} also when it does not exist. */
  async send<T = unknown>(method: "POST" | "PUT" | "DELETE", path: string, body?: object): Promise<T> {
    const answer = await this.#call<T & { readonly action?: Action }>(method, path, body);
    if (answer.action !== undefined) await this.#finish(answer.action, `${method} ${path}`);
    return answer;
  }

  /** Starts an action of a load balancer. */
  async act(loadBalancer: number | string, command: string, body: object = {}): Promise<void> {
    await this.send("POST", `/load_balancers/${loadBalancer}/actions/${command}`, body);
  }

  async #find<T>(path: string): Promise<T | undefined> {
    return undefinedOn(["not_found"], this.#call<T>("GET", path));
  }

  async #finish(action: Action, call: string): Promise<void> {
    let latest = action;
    for (let look = 0; latest.status === "running"; look += 1) {
      if (look === maxPolls)
        throw new ApiError(call, "timeout", `action ${action.command} does not come to an end`);
      await this.#rest();
      const answer = await this.#call<{ actions: Action[] }>("GET", `/actions?id=${action.id}`);
      const found = answer.actions.find(({ id }) => id === action.id);
      if (found === undefined) throw new ApiError(call, "not_found", `action ${action.id} is gone`);
      latest = found;
    }
    if (latest.status === "error")
      throw new ApiError(
        call,
        latest.error?.code ?? "unknown_error",
        latest.error?.message ?? "the action failed",
      );
  }

  async #call<T>(method: string, path: string, body?: object): Promise<T> {
    for (let attempt = 1; ; attempt += 1)
      try {
        return await this.#once<T>(method, path, body);
      } catch (error) {
        const passing = error instanceof ApiError && retryableCodes.has(error.code);
        if (!passing || attempt === maxTries) throw error;
        await this.#rest();
      }
  }

  async #once<T>(method: string, path: string, body?: object): Promise<T> {
    const { endpoint, token } = this.#access;
    const call = `${method} ${endpoint}${path}`;
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    let response: Response;
    let text: string;
    try {
      response = await this.#access.fetch(`${endpoint}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      text = await response.text();
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ApiError(call, "unreachable", `no answer: ${reason}. Is the sandbox running ("npm start")?`);
    }
    const answer = json(text);
    if (response.ok && answer !== undefined) return answer as T;
    const { code, message } =
      (answer as { error?: { code?: string; message?: string } } | undefined)?.error ?? {};
    const unnamed = response.status === 429 ? "rate_limit_exceeded" : `status ${response.status}`;
    throw new ApiError(call, code ?? unnamed, message ?? "the answer is not the API's");
  }

  async #rest(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.#access.pause));
  }
}

/** The promised value; undefined if the API answers with one of these error codes. */
export async function undefinedOn<T>(codes: readonly string[], promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof ApiError && codes.includes(error.code)) return undefined;
    throw error;
  }
}

/** Parses a body: an empty text is an empty object, undefined is no JSON. */
function json(text: string): object | undefined {
  if (text === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
