import * as grpc from "@grpc/grpc-js";
import { CallbacksClient } from "@pulumi/pulumi/proto/callback_grpc_pb";
import { CallbackInvokeRequest, type Callback } from "@pulumi/pulumi/proto/callback_pb";
import {
  ErrorHookRequest,
  ErrorHookResponse,
  ResourceHookRequest,
  ResourceHookResponse,
  type RegisterErrorHookRequest,
  type RegisterResourceHookRequest,
  type RegisterResourceRequest,
} from "@pulumi/pulumi/proto/resource_pb";

/** The names of the hooks a resource is bound to, by the moment at which they run. */
export interface HookNames {
  readonly beforeCreate: readonly string[];
  readonly afterCreate: readonly string[];
  readonly beforeUpdate: readonly string[];
  readonly afterUpdate: readonly string[];
  readonly onError: readonly string[];
}

export function hookNames(request: RegisterResourceRequest): HookNames {
  const hooks = request.getHooks();
  return {
    beforeCreate: hooks?.getBeforeCreateList() ?? [],
    afterCreate: hooks?.getAfterCreateList() ?? [],
    beforeUpdate: hooks?.getBeforeUpdateList() ?? [],
    afterUpdate: hooks?.getAfterUpdateList() ?? [],
    onError: hooks?.getOnErrorList() ?? [],
  };
}

interface Known {
  readonly callback: Callback;
  readonly onDryRun: boolean;
}

/** The hooks of one run of a program, called over the wire as the engine calls them. */
export class Hooks {
  readonly #preview: boolean;
  readonly #unhooked: readonly string[];
  readonly #known = new Map<string, Known>();
  readonly #clients = new Map<string, CallbacksClient>();

  /** @param unhooked Names of hooks that never run. */
  constructor(preview: boolean, unhooked: readonly string[]) {
    this.#preview = preview;
    this.#unhooked = unhooked;
  }

  /** Why the hook is refused, if it is: its name must be no other's. */
  register(request: RegisterResourceHookRequest | RegisterErrorHookRequest): Error | null {
    const name = request.getName();
    const callback = request.getCallback();
    if (this.#known.has(name)) return new Error(`resource hook already registered for name "${name}"`);
    if (callback === undefined) return new Error(`the hook "${name}" has no callback`);
    this.#known.set(name, { callback, onDryRun: "getOnDryRun" in request && request.getOnDryRun() });
    return null;
  }

  /**
   * Runs what stands before or after a creation; in a preview, what says that it runs there too.
   *
   * @throws {Error} What the first hook says that refuses.
   */
  async run(when: "before" | "after", of: RegisterResourceRequest, urn: string, id: string): Promise<void> {
    const { beforeCreate, afterCreate } = hookNames(of);
    for (const name of when === "before" ? beforeCreate : afterCreate) {
      const { callback, onDryRun } = this.#find(name);
      if ((this.#preview && !onDryRun) || this.#unhooked.includes(name)) continue;
      const request = new ResourceHookRequest().setUrn(urn).setId(id);
      request.setName(of.getName()).setType(of.getType()).setNewInputs(of.getObject());
      const answer = await this.#call(callback, request);
      const refusal = ResourceHookResponse.deserializeBinary(answer).getError();
      if (refusal !== "") throw new Error(`${when} hook "${name}" failed: ${refusal}`);
    }
  }

  /** Tells the error hooks of each failure, newest first, and tries again as long as one of them wants it. */
  async retrying<T>(of: RegisterResourceRequest, urn: string, create: () => T): Promise<T> {
    const failures: string[] = [];
    for (;;)
      try {
        return create();
      } catch (fault) {
        failures.unshift(fault instanceof Error ? fault.message : String(fault));
        if (!(await this.#wantsAnotherTry(of, urn, failures))) throw fault;
      }
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }

  async #wantsAnotherTry(of: RegisterResourceRequest, urn: string, failures: string[]): Promise<boolean> {
    let wanted = false;
    for (const name of hookNames(of).onError) {
      const request = new ErrorHookRequest().setUrn(urn).setName(of.getName()).setType(of.getType());
      request.setNewInputs(of.getObject()).setFailedOperation("create").setErrorsList(failures);
      const answer = await this.#call(this.#find(name).callback, request);
      const response = ErrorHookResponse.deserializeBinary(answer);
      if (response.getError() !== "") throw new Error(`error hook "${name}" failed: ${response.getError()}`);
      wanted ||= response.getRetry();
    }
    return wanted;
  }

  #find(name: string): Known {
    const known = this.#known.get(name);
    if (known === undefined) throw new Error(`hook "${name}" was not registered`);
    return known;
  }

  #call(callback: Callback, request: ResourceHookRequest | ErrorHookRequest): Promise<Uint8Array> {
    const target = callback.getTarget();
    const client =
      this.#clients.get(target) ?? new CallbacksClient(target, grpc.credentials.createInsecure());
    this.#clients.set(target, client);
    const call = new CallbackInvokeRequest().setToken(callback.getToken());
    call.setRequest(request.serializeBinary());
    return new Promise((resolve, reject) => {
      client.invoke(call, (error, response) =>
        error === null ? resolve(response.getResponse_asU8()) : reject(error),
      );
    });
  }
}
