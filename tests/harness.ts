import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";
import type {
  RegisterErrorHookRequest,
  RegisterResourceHookRequest,
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
} from "@pulumi/pulumi/proto/resource_pb";

import { Hooks } from "./hooks";
import { listen, type Logged } from "./logged";
import { called, created, type Answers } from "./mocks";
import { providerName, recorded, shortUrn, unwrap, type Recorded, type Values } from "./recorded";

export type { Recorded, Value, Values } from "./recorded";

/** What a component or the stack said it is, when it was done. */
export interface Registered {
  readonly of: string;
  readonly outputs: Values;
  readonly secrets: readonly string[];
}

/** A function of a provider that was asked, by the program or by a hook. */
export interface Called {
  readonly token: string;
  readonly inputs: Values;
  /** The name of the explicit provider; empty means a default one. */
  readonly provider: string;
}

export interface Run<T> {
  readonly resources: readonly Recorded[];
  readonly outputs: readonly Registered[];
  readonly calls: readonly Called[];
  readonly logs: readonly Logged[];
  /** What `build` returned. */
  readonly result: T;
}

export interface RunOptions {
  readonly stack?: string;
  readonly answers?: Answers;
  /** Whether nothing is made yet: only hooks that say so run. Default false. */
  readonly preview?: boolean;
  /** Names of hooks that never run, since they ask what no mock answers for. */
  readonly unhooked?: readonly string[];
}

/**
 * Runs `build` as a Pulumi program against strict mocks: an unknown type, an unknown function, a failed apply or a
 * refusing hook is a fault. Returns when every resource is registered, with the first fault if there was any.
 */
export async function attempt<T>(
  build: () => T | Promise<T>,
  { stack = "test", answers = {}, preview = false, unhooked = [] }: RunOptions = {},
): Promise<Run<T | undefined> & { readonly fault: Error | undefined }> {
  const resources: Recorded[] = [];
  const outputs: Registered[] = [];
  const calls: Called[] = [];
  const faults: Error[] = [];
  const urns = new Set<string>();
  const hooks = new Hooks(preview, unhooked);
  const onFault = (fault: unknown) => faults.push(fault instanceof Error ? fault : new Error(String(fault)));

  const current: { request?: RegisterResourceRequest } = {};
  await pulumi.runtime.setMocks(
    {
      newResource: async (args) => {
        const { request } = current;
        assert.ok(request, "the program must make its resources, not read them");
        const resource = recorded(request);
        if (resource.type === "pulumi:pulumi:Stack") return { id: undefined, state: {} };
        resources.push(resource);
        const inputs = args.inputs as Values;
        try {
          // As the engine's: of the parents, only the types count.
          const [, , parents = ""] = request.getParent().split("::");
          const urn = `${parents}$${resource.type}::${resource.name}`;
          assert.ok(!urns.has(urn), `two resources have the URN ${urn}`);
          urns.add(urn);
          if (!resource.custom) return { id: undefined, state: inputs };
          const made = await make(request, resource, { urn, hooks, answers });
          const secret = new Set(request.getAdditionalsecretoutputsList());
          const marked: Record<string, unknown> = {};
          for (const [key, each] of Object.entries(made.outputs))
            marked[key] = secret.has(key) ? pulumi.secret(each) : each;
          return { id: made.id, state: { ...inputs, ...marked } };
        } catch (fault) {
          onFault(fault);
          throw fault;
        }
      },
      call: ({ token, inputs, provider = "" }) => {
        calls.push({ token, inputs: inputs as Values, provider: providerName(provider) });
        try {
          return called(token, inputs as Values, answers);
        } catch (fault) {
          // Of a failed call the SDK reads the details alone.
          const details = fault instanceof Error ? fault.message : String(fault);
          throw Object.assign(new Error(details), { details });
        }
      },
    },
    "platform-networking",
    stack,
    preview,
    "organization",
  );
  watch(current, outputs, hooks);
  const { logs, quiet } = listen();

  process.on("unhandledRejection", onFault);
  // The SDK reads the stack of every resource and promise it makes, which would be most of a run's time.
  const prepareStackTrace: unknown = Reflect.get(Error, "prepareStackTrace");
  const { stackTraceLimit } = Error;
  Error.prepareStackTrace = String;
  Error.stackTraceLimit = 1;
  let result: T | undefined;
  try {
    await pulumi.runtime.runInPulumiStack(async () => {
      result = await build();
      return result;
    });
    await pulumi.runtime.disconnect();
  } catch (fault) {
    onFault(fault);
  } finally {
    pulumi.runtime.disconnectSync();
    hooks.close();
    quiet();
    Reflect.set(Error, "prepareStackTrace", prepareStackTrace);
    Error.stackTraceLimit = stackTraceLimit;
    process.off("unhandledRejection", onFault);
  }
  return { resources, outputs, calls, logs, result, fault: faults[0] };
}

/** Makes a resource as the engine does: between its hooks, which have no say in what is taken over. */
async function make(
  request: RegisterResourceRequest,
  { type, name, inputs, importId }: Recorded,
  { urn, hooks, answers }: { readonly urn: string; readonly hooks: Hooks; readonly answers: Answers },
): Promise<ReturnType<typeof created>> {
  const create = () => created(type, name, inputs, answers);
  if (importId !== "") return create();
  await hooks.run("before", request, urn, "");
  const made = await hooks.retrying(request, urn, create);
  await hooks.run("after", request, urn, made.id);
  return made;
}

type Done = (refusal: Error | null, response: object) => void;

/** Shows the mocks the whole request, of which the SDK hands them a part, and the hooks, of which they know nothing. */
function watch(current: { request?: RegisterResourceRequest }, outputs: Registered[], hooks: Hooks): void {
  const monitor = pulumi.runtime.getMonitor() as {
    registerResource: (request: RegisterResourceRequest, done: unknown) => unknown;
    registerResourceOutputs: (request: RegisterResourceOutputsRequest, done: unknown) => unknown;
    registerResourceHook: (request: RegisterResourceHookRequest, done: Done) => void;
    registerErrorHook: (request: RegisterErrorHookRequest, done: Done) => void;
  };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, done) => {
    current.request = request;
    return register(request, done);
  };
  const registerOutputs = monitor.registerResourceOutputs.bind(monitor);
  monitor.registerResourceOutputs = (request, done) => {
    const secrets: string[] = [];
    const plain = unwrap(request.getOutputs()?.toJavaScript() ?? {}, "", secrets) as Values;
    outputs.push({ of: shortUrn(request.getUrn()), outputs: plain, secrets });
    return registerOutputs(request, done);
  };
  monitor.registerResourceHook = (request, done) => done(hooks.register(request), {});
  monitor.registerErrorHook = (request, done) => done(hooks.register(request), {});
}

/** As {@link attempt}, and a fault is thrown. */
export async function run<T>(build: () => T | Promise<T>, options?: RunOptions): Promise<Run<T>> {
  const { fault, result, ...rest } = await attempt(build, options);
  if (fault !== undefined) throw fault;
  return { ...rest, result: result as T };
}

/** The value of an output that is known. */
export function value<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}

/** What a component is made of, as `<type> <name>` in alphabetical order. */
export function childrenOf(resources: readonly Recorded[], component: string): string[] {
  return resources
    .filter(({ parent }) => parent.endsWith(` ${component}`) && parent.startsWith("platform:networking:"))
    .map(({ type, name }) => `${type} ${name}`)
    .sort();
}

/** The one resource whose type ends so, with this name. */
export function find(resources: readonly Recorded[], type: string, name: string): Recorded {
  const found = resources.filter((each) => each.type.endsWith(type) && each.name === name);
  assert.equal(found.length, 1, `${found.length} resources are "${type}" "${name}"`);
  return found[0] as Recorded;
}
