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
  readonly protocol: "tcp" | "http";
  readonly listen_port: number;
  readonly destination_port: number;
  readonly proxyprotocol: boolean;
  readonly health_check: {
    readonly protocol: "tcp" | "http";
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

/** A server as the API shows it, as far as the stand-in reads it. */
interface ShownServer {
  readonly id: number;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly public_net: {
    readonly ipv4: { readonly ip: string };
    readonly ipv6: { readonly ip: string };
    readonly firewalls: readonly { readonly id: number }[];
  };
  readonly private_net: readonly Attachment[];
}

/** What the API lists, by the name of the list. */
interface Listed {
  readonly load_balancers: ShownLoadBalancer;
  readonly servers: ShownServer;
}

type Page<Kind extends keyof Listed> = Readonly<Record<Kind, readonly Listed[Kind][]>> & {
  readonly meta: { readonly pagination: { readonly next_page: number | null } };
};

/** An error response of the API. `code` is the API's own, such as `not_found`. */
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
}

/**
 * A client of the Hetzner Cloud API. It does not wait for actions nor retry, as the real one does: the sandbox's cloud
 * finishes each action at once and has no passing errors.
 */
export class Client {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  /** Undefined if it does not exist. */
  async loadBalancer(id: number | string): Promise<ShownLoadBalancer | undefined> {
    const call = this.call<{ load_balancer: ShownLoadBalancer }>("GET", `/load_balancers/${id}`);
    return (await undefinedOn(["not_found"], call))?.load_balancer;
  }

  /** All of the account. */
  loadBalancers = () => this.#list("load_balancers");

  /** All of the account. */
  servers = () => this.#list("servers");

  async #list<Kind extends keyof Listed>(kind: Kind): Promise<readonly Listed[Kind][]> {
    const found: Listed[Kind][] = [];
    for (let page: number | null = 1; page !== null;) {
      const answer: Page<Kind> = await this.call("GET", `/${kind}?page=${page}&per_page=50`);
      found.push(...answer[kind]);
      page = answer.meta.pagination.next_page;
    }
    return found;
  }

  /** Starts an action of a load balancer. */
  async act(loadBalancer: number | string, command: string, body: object = {}): Promise<void> {
    await this.call("POST", `/load_balancers/${loadBalancer}/actions/${command}`, body);
  }

  /** Calls the API below its base address. @throws {ApiError} an error response, also if the resource does not exist. */
  async call<T = unknown>(method: string, path: string, body?: object): Promise<T> {
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
    throw new ApiError(call, code ?? `status ${response.status}`, message ?? "the answer is not the API's");
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
