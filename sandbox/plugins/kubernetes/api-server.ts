import { connect, type Connection, type KubeRequest } from "./connection";
import type { ApiType } from "./token";
import { list, pause, record, text, type KubeObject } from "./values";

/** The name under which the stand-in owns the fields it sets, the same in every run. */
export const FIELD_MANAGER = "pulumi-kubernetes";

/** An answer of the API server that is not a success. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    /** One for each field in dispute: which one, and who owns it. */
    readonly conflicts: readonly string[],
  ) {
    super(message);
  }
}

/** Where the API server keeps the objects of a type. */
export interface Mapping {
  readonly namespaced: boolean;
  /** The path of one object; `namespace` is left aside for a cluster-wide type. */
  path(name: string, namespace: string): string;
}

/** How often, and after how many milliseconds, to look again for something that may only just have been made. */
const retryDelays = [500, 1000, 2000, 3000];

/** Tries again for some seconds while `attempt` gives undefined. */
export async function retryForSeconds<T>(attempt: () => Promise<T | undefined>): Promise<T | undefined> {
  for (const delay of retryDelays) {
    const result = await attempt();
    if (result !== undefined) return result;
    await pause(delay);
  }
  return attempt();
}

/** The API server of one kubeconfig, as far as applying objects needs it. Connects at the first call. */
export class ApiServer {
  private connection: Promise<Connection> | undefined;
  private readonly discovered = new Map<string, Promise<readonly unknown[]>>();

  constructor(private readonly kubeconfig: string) {}

  /** Undefined if the API server has no such type, which is not cached. */
  async mapping(type: ApiType): Promise<Mapping | undefined> {
    const base = type.apiVersion.includes("/") ? `/apis/${type.apiVersion}` : `/api/${type.apiVersion}`;
    const find = async () => (await this.resources(base)).map(record).find((found) => isOf(found, type.kind));
    let resource = await find();
    if (resource === undefined) {
      this.discovered.delete(base);
      resource = await find();
    }
    const plural = text(resource?.name);
    if (plural === undefined) return undefined;
    const namespaced = resource?.namespaced === true;
    return {
      namespaced,
      path: (name, namespace) =>
        `${base}${namespaced ? `/namespaces/${namespace}` : ""}/${plural}/${encodeURIComponent(name)}`,
    };
  }

  /** Undefined if it does not exist. */
  async get(path: string): Promise<KubeObject | undefined> {
    return this.found({ method: "GET", path });
  }

  /** Server-side apply: creates the object or sets its fields, unless another owns them. */
  async apply(path: string, object: unknown): Promise<KubeObject> {
    // Strict: a field that the schema does not have is an error here, where the real provider only warns.
    const query = `fieldManager=${FIELD_MANAGER}&force=false&fieldValidation=Strict`;
    const answer = await this.ask({
      method: "PATCH",
      path: `${path}?${query}`,
      body: object,
      contentType: "application/apply-patch+yaml",
    });
    return answer as KubeObject;
  }

  /** False if it does not exist. */
  async delete(path: string): Promise<boolean> {
    const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy: "Foreground" };
    return (await this.found({ method: "DELETE", path, body })) !== undefined;
  }

  private async found(request: KubeRequest): Promise<KubeObject | undefined> {
    try {
      return (await this.ask(request)) as KubeObject;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  private resources(base: string): Promise<readonly unknown[]> {
    const known = this.discovered.get(base);
    if (known !== undefined) return known;
    const asked = this.found({ method: "GET", path: base }).then((answer) => list(answer?.resources));
    this.discovered.set(base, asked);
    // A question that failed is put again the next time.
    asked.catch(() => this.discovered.delete(base));
    return asked;
  }

  private connected(): Promise<Connection> {
    this.connection ??= connect(this.kubeconfig);
    return this.connection;
  }

  private async ask(request: KubeRequest): Promise<unknown> {
    const connection = await this.connected();
    const { status, body } = await connection.send(request);
    if (status < 300) return JSON.parse(body);
    throw toApiError(status, body);
  }
}

const isOf = (resource: { readonly kind?: unknown; readonly name?: unknown }, kind: string): boolean =>
  resource.kind === kind && !String(resource.name).includes("/");

function toApiError(status: number, body: string): ApiError {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return new ApiError(`the API server answers ${status}: ${body.slice(0, 300)}`, status, []);
  }
  const { message, details } = record(answer);
  const conflicts = list(record(details).causes)
    .map(record)
    .filter(({ reason }) => reason === "FieldManagerConflict")
    .map((cause) => `${text(cause.field) ?? "?"} (${text(cause.message) ?? "owned by another"})`);
  return new ApiError(text(message) ?? `the API server answers ${status}`, status, conflicts);
}
