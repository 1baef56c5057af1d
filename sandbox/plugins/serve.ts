import { isDeepStrictEqual } from "node:util";

import * as grpc from "@grpc/grpc-js";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";

/** Property values as the engine sends them: JSON, with {@link UNKNOWN} where a value is not known in preview. */
export type Props = Readonly<Record<string, unknown>>;

/** What the engine sends in place of a value it does not know yet. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A resource as the cloud has it: `inputs` are what the program could have said, `outputs` all of it. */
export interface Observed {
  /** Its id in the state, where that may differ from the one it was asked for by, as in an import. */
  readonly id?: string;
  readonly inputs: Props;
  readonly outputs: Props;
}

/** A fault of one input, in the words a user reads. `property` is a dotted path. */
export interface Fault {
  readonly property: string;
  readonly reason: string;
}

/**
 * Thrown by `create` and `update` when the resource exists but is not ready. The engine keeps it in the state with
 * `properties` (inputs and outputs) and the reason, and the next run updates it instead of making it twice.
 */
export class NotReady extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly properties: Props,
  ) {
    super(message);
  }
}

/** One resource type of a stand-in provider. */
export interface Kind {
  /**
   * Every top-level input the type has. Any other is refused: a stand-in never nods at what it does not know.
   * "any" where the cloud itself refuses what it does not know.
   */
  readonly inputs: Readonly<Record<string, "required" | "optional">> | "any";
  /** Outputs that are not inputs; unknown in the preview of a create. `id` is not among them. */
  readonly computed: readonly string[];
  /** Dotted input paths whose change replaces the resource. */
  readonly replaceOn: readonly string[];
  /** Whether a replacement deletes the old one first. Default: false, create first. */
  readonly deleteBeforeReplace?: (inputs: Props) => boolean;
  /** Fills defaults in, such as a generated name; `name` is the logical name, `olds` the last inputs. */
  readonly withDefaults?: (inputs: Props, name: string, olds: Props | undefined) => Props;
  /** Faults that the real provider finds in Check, so also in preview. Values may be {@link UNKNOWN}. */
  readonly faults?: (inputs: Props) => readonly Fault[];
  /** Makes it; the outputs are laid over the inputs. */
  create(inputs: Props, name: string): Promise<{ readonly id: string; readonly outputs: Props }>;
  /** Undefined when it is gone. `last` is what the state says, empty in an import. */
  read(id: string, last: Observed): Promise<Observed | undefined>;
  /** Brings it to `inputs`; the outputs are laid over them. */
  update(id: string, inputs: Props, last: Observed): Promise<Props>;
  delete(id: string, last: Observed): Promise<void>;
}

/** A provider that stands in for the real plugin of the same name, over the same HTTP APIs. */
export interface StandIn {
  readonly name: string;
  /** The version of the SDK package it stands in for. */
  readonly version: string;
  /** Faults of the provider's own arguments, before anything else. */
  checkConfig?(args: Props): readonly Fault[];
  configure(args: Props): void;
  /** The type with this token, such as `hcloud:index/loadBalancer:LoadBalancer`. */
  kind(token: string): Kind | undefined;
  /** The function with this token, such as `cloudflare:index/getIpRanges:getIpRanges`. */
  invoke?(token: string, args: Props): Promise<Props>;
}

const at = (props: unknown, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], props);

const nameOf = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);

const tokenOf = (urn: string): string => urn.split("::")[2]?.split("$").at(-1) ?? "";

function fromStruct(struct: Struct | undefined): Props {
  return struct ? struct.toJavaScript() : {};
}

/** How the engine writes a value of a kind of its own, and which kind a secret is. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Arguments of a provider come with their secrets wrapped, whatever the provider says of itself. */
function inPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inPlain);
  if (typeof value !== "object" || value === null) return value;
  if ((value as Props)[SIGNATURE] === SECRET) return inPlain((value as Props).value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inPlain(item)] as const));
}

const argsFrom = (struct: Struct | undefined): Props => inPlain(fromStruct(struct)) as Props;

/** Undefined values are left out: a protobuf Struct has no such thing. */
function toStruct(props: Props): Struct {
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(props)) as Record<string, JavaScriptValue>);
}

/** The engine's own form of {@link NotReady}: a detail inside the status of the call. */
function detailOf(error: NotReady): grpc.Metadata {
  const detail = new proto.ErrorResourceInitFailed()
    .setId(error.id)
    .setReasonsList([error.message])
    .setProperties(toStruct(error.properties));
  const any = new Any();
  any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new Status();
  status.setCode(grpc.status.UNKNOWN);
  status.setMessage(error.message);
  status.addDetails(any);
  const metadata = new grpc.Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return metadata;
}

type Handler<Request, Response> = (request: Request) => Promise<Response> | Response;

function unary<Request, Response>(handler: Handler<Request, Response>) {
  return (call: { request: Request }, callback: grpc.sendUnaryData<Response>): void => {
    Promise.resolve()
      .then(() => handler(call.request))
      .then(
        (response) => callback(null, response),
        (error: unknown) => {
          const details = error instanceof Error ? error.message : String(error);
          const metadata = error instanceof NotReady ? detailOf(error) : undefined;
          callback({ code: grpc.status.UNKNOWN, details, metadata }, null);
        },
      );
  };
}

function methods(provider: StandIn) {
  const kindOf = (urn: string): Kind => {
    const kind = provider.kind(tokenOf(urn));
    if (kind === undefined)
      throw new Error(
        `the sandbox's stand-in for the ${provider.name} provider has no resource type "${tokenOf(urn)}": ` +
          `teach it in sandbox/plugins/${provider.name}, or run the real plugin with --plugins DIR`,
      );
    return kind;
  };

  const faultsOf = (kind: Kind, inputs: Props): Fault[] => [
    ...Object.keys(inputs)
      .filter((key) => kind.inputs !== "any" && !(key in kind.inputs))
      .map((property) => ({ property, reason: "the stand-in does not know this input" })),
    ...Object.entries(kind.inputs === "any" ? {} : kind.inputs)
      .filter(([key, need]) => need === "required" && inputs[key] === undefined)
      .map(([property]) => ({ property, reason: "missing required input" })),
    ...(kind.faults?.(inputs) ?? []),
  ];

  const checked = (inputs: Props, faults: readonly Fault[]): proto.CheckResponse => {
    const failures = faults.map(({ property, reason }) => {
      const failure = new proto.CheckFailure();
      failure.setProperty(property);
      failure.setReason(reason);
      return failure;
    });
    return new proto.CheckResponse().setInputs(toStruct(inputs)).setFailuresList(failures);
  };

  const differs = (kind: Kind | undefined, olds: Props, news: Props): proto.DiffResponse => {
    const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
    const changed = keys.filter((key) => !isDeepStrictEqual(olds[key], news[key]));
    const replaces = (kind?.replaceOn ?? []).filter(
      (path) => !isDeepStrictEqual(at(olds, path), at(news, path)),
    );
    const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
    return new proto.DiffResponse()
      .setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE)
      .setDiffsList(changed)
      .setReplacesList(replaces)
      .setDeletebeforereplace(replaces.length > 0 && (kind?.deleteBeforeReplace?.(news) ?? false));
  };

  const unknownOutputs = (kind: Kind): Props =>
    Object.fromEntries(kind.computed.map((key) => [key, UNKNOWN] as const));

  return {
    getPluginInfo: unary(() => new plugin.PluginInfo().setVersion(provider.version)),
    attach: unary(() => new Empty()),
    cancel: unary(() => new Empty()),

    checkConfig: unary((request: proto.CheckRequest) => {
      // They go back as they came, or the state would hold them in plain.
      const faults = provider.checkConfig?.(argsFrom(request.getNews())) ?? [];
      return checked(fromStruct(request.getNews()), faults);
    }),
    diffConfig: unary((request: proto.DiffRequest) =>
      differs(undefined, argsFrom(request.getOldInputs()), argsFrom(request.getNews())),
    ),
    configure: unary((request: proto.ConfigureRequest) => {
      provider.configure(argsFrom(request.getArgs()));
      // Secrets are accepted in plain: the engine unwraps them for us and wraps the outputs again.
      return new proto.ConfigureResponse().setSupportspreview(true);
    }),

    check: unary((request: proto.CheckRequest) => {
      const kind = kindOf(request.getUrn());
      const olds = request.hasOlds() ? fromStruct(request.getOlds()) : undefined;
      const news = fromStruct(request.getNews());
      const inputs = kind.withDefaults?.(news, nameOf(request.getUrn()), olds) ?? news;
      return checked(inputs, faultsOf(kind, inputs));
    }),
    diff: unary((request: proto.DiffRequest) =>
      differs(kindOf(request.getUrn()), fromStruct(request.getOldInputs()), fromStruct(request.getNews())),
    ),
    create: unary(async (request: proto.CreateRequest) => {
      const kind = kindOf(request.getUrn());
      const inputs = fromStruct(request.getProperties());
      if (request.getPreview())
        return new proto.CreateResponse().setProperties(toStruct({ ...inputs, ...unknownOutputs(kind) }));
      const made = await kind.create(inputs, nameOf(request.getUrn()));
      return new proto.CreateResponse()
        .setId(made.id)
        .setProperties(toStruct({ ...inputs, ...made.outputs }));
    }),
    read: unary(async (request: proto.ReadRequest) => {
      const last = { inputs: fromStruct(request.getInputs()), outputs: fromStruct(request.getProperties()) };
      const found = await kindOf(request.getUrn()).read(request.getId(), last);
      if (found === undefined) return new proto.ReadResponse();
      return new proto.ReadResponse()
        .setId(found.id ?? request.getId())
        .setInputs(toStruct(found.inputs))
        .setProperties(toStruct({ ...found.inputs, ...found.outputs }));
    }),
    update: unary(async (request: proto.UpdateRequest) => {
      const kind = kindOf(request.getUrn());
      const inputs = fromStruct(request.getNews());
      const last = { inputs: fromStruct(request.getOldInputs()), outputs: fromStruct(request.getOlds()) };
      const outputs = request.getPreview() ? {} : await kind.update(request.getId(), inputs, last);
      const kept = Object.fromEntries(
        kind.computed.filter((key) => key in last.outputs).map((key) => [key, last.outputs[key]] as const),
      );
      return new proto.UpdateResponse().setProperties(toStruct({ ...kept, ...inputs, ...outputs }));
    }),
    delete: unary(async (request: proto.DeleteRequest) => {
      const last = {
        inputs: fromStruct(request.getOldInputs()),
        outputs: fromStruct(request.getProperties()),
      };
      await kindOf(request.getUrn()).delete(request.getId(), last);
      return new Empty();
    }),
    invoke: unary(async (request: proto.InvokeRequest) => {
      if (provider.invoke === undefined)
        throw new Error(`the stand-in for ${provider.name} has no function "${request.getTok()}"`);
      const result = await provider.invoke(request.getTok(), argsFrom(request.getArgs()));
      return new proto.InvokeResponse().setReturn(toStruct(result));
    }),
  };
}

/** Serves the provider to the engine that started this process, and ends with it. */
export function serve(provider: StandIn): void {
  const server = new grpc.Server({ "grpc.max_receive_message_length": 400 * 1024 * 1024 });
  server.addService(ResourceProviderService, methods(provider));
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    process.stdout.write(`${port}\n`);
  });

  // An engine that is killed with -9 cannot end its plugins.
  const engine = process.ppid;
  setInterval(() => {
    if (process.ppid !== engine) process.exit(0);
  }, 500).unref();
}
