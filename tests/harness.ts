import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";
import type {
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
} from "@pulumi/pulumi/proto/resource_pb";

import { called, created, type Answers } from "./mocks";

/** A value as JSON has it: what the engine was given, secrets unwrapped. */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };

export type Values = Record<string, Value>;

/** One registration, as the engine sees it: after inheritance and transformations. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly inputs: Values;
  /** Dotted paths of inputs that were marked secret. */
  readonly secrets: readonly string[];
  /** `<type> <name>` of the parent; empty for the stack. */
  readonly parent: string;
  /** The name of the explicit provider; empty means a default one. */
  readonly provider: string;
  readonly custom: boolean;
  /** What must be there first, as `<type> <name>`, whether said as `dependsOn` or read from an output. */
  readonly dependencies: readonly string[];
  readonly replaceWith: readonly string[];
  readonly deleteBeforeReplace: boolean;
  readonly protect: boolean;
}

/** What a component or the stack said it is, when it was done. */
export interface Registered {
  readonly of: string;
  readonly outputs: Values;
  readonly secrets: readonly string[];
}

export interface Run<T> {
  readonly resources: readonly Recorded[];
  readonly outputs: readonly Registered[];
  /** What `build` returned. */
  readonly result: T;
}

export interface RunOptions {
  readonly stack?: string;
  readonly answers?: Answers;
}

const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

function unwrap(value: unknown, at: string, secrets: string[]): Value {
  const below = (key: string | number) => (at === "" ? String(key) : `${at}.${key}`);
  if (Array.isArray(value)) return value.map((each, index) => unwrap(each, below(index), secrets));
  if (typeof value !== "object" || value === null) return value as Value;
  if (signature in value && value[signature] === secretSignature && "value" in value) {
    secrets.push(at);
    return unwrap(value.value, at, secrets);
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, unwrap(each, below(key), secrets)]),
  );
}

/** `urn:pulumi:<stack>::<project>::<parents>$<type>::<name>` as `<type> <name>`. */
function shortUrn(urn: string): string {
  const [, , types = "", ...name] = urn.split("::");
  const type = types.split("$").at(-1) ?? "";
  return type === "pulumi:pulumi:Stack" || type === "" ? "" : `${type} ${name.join("::")}`;
}

function recorded(request: RegisterResourceRequest): Recorded {
  const secrets: string[] = [];
  const inputs = unwrap(request.getObject()?.toJavaScript() ?? {}, "", secrets) as Values;
  return {
    type: request.getType(),
    name: request.getName(),
    inputs,
    secrets,
    parent: shortUrn(request.getParent()),
    // A reference to a provider is its URN, and `::<id>`.
    provider: request.getProvider().split("::")[3] ?? "",
    custom: request.getCustom(),
    dependencies: request.getDependenciesList().map(shortUrn).sort(),
    replaceWith: request.getReplaceWithList().map(shortUrn).sort(),
    deleteBeforeReplace: request.getDeletebeforereplace(),
    protect: request.getProtect() ?? false,
  };
}

/**
 * Runs `build` as a Pulumi program against strict mocks: an unknown type, an unknown function or a failed apply is a
 * fault. Returns when every resource is registered, with the first fault if there was any.
 */
export async function attempt<T>(
  build: () => T | Promise<T>,
  { stack = "test", answers = {} }: RunOptions = {},
): Promise<Run<T | undefined> & { readonly fault: Error | undefined }> {
  const resources: Recorded[] = [];
  const outputs: Registered[] = [];
  const faults: Error[] = [];
  const urns = new Set<string>();
  const onFault = (fault: unknown) => faults.push(fault instanceof Error ? fault : new Error(String(fault)));

  const current: { request?: RegisterResourceRequest } = {};
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => {
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
          const made = created(resource.type, resource.name, resource.inputs, answers);
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
      call: ({ token }) => called(token),
    },
    "platform-networking",
    stack,
    false,
  );
  watch(current, outputs);

  process.on("unhandledRejection", onFault);
  // The SDK reads the stack of every resource and promise it makes, which would be most of a run's time.
  const prepareStackTrace: unknown = Reflect.get(Error, "prepareStackTrace");
  const { stackTraceLimit } = Error;
  Error.prepareStackTrace = String;
  Error.stackTraceLimit = 5;
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
    Reflect.set(Error, "prepareStackTrace", prepareStackTrace);
    Error.stackTraceLimit = stackTraceLimit;
    process.off("unhandledRejection", onFault);
  }
  return { resources, outputs, result, fault: faults[0] };
}

/** Shows the mocks the whole request, of which the SDK hands them a part. */
function watch(current: { request?: RegisterResourceRequest }, outputs: Registered[]): void {
  const monitor = pulumi.runtime.getMonitor() as {
    registerResource: (request: RegisterResourceRequest, done: unknown) => unknown;
    registerResourceOutputs: (request: RegisterResourceOutputsRequest, done: unknown) => unknown;
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
}

/** As {@link attempt}, and a fault is thrown. */
export async function run<T>(build: () => T | Promise<T>, options?: RunOptions): Promise<Run<T>> {
  const { resources, outputs, result, fault } = await attempt(build, options);
  if (fault !== undefined) throw fault;
  return { resources, outputs, result: result as T };
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
