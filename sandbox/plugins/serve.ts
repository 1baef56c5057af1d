import { isDeepStrictEqual } from "node:util";

import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";

import {
  NotReady,
  UNKNOWN,
  type InputError,
  type ResourceType,
  type Props,
  type FakeProvider,
} from "./fake-provider";
import { toPlainArgs, toInitFailedMetadata, fromStruct, toStruct } from "./marshal";

const readPath = (props: unknown, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], props);

const parseName = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);

const parseToken = (urn: string): string => urn.split("::")[2]?.split("$").at(-1) ?? "";

type Handler<Request, Response> = (request: Request) => Promise<Response> | Response;

function unary<Request, Response>(handler: Handler<Request, Response>) {
  return (call: { request: Request }, callback: grpc.sendUnaryData<Response>): void => {
    Promise.resolve()
      .then(() => handler(call.request))
      .then(
        (response) => callback(null, response),
        (error: unknown) => {
          const details = error instanceof Error ? error.message : String(error);
          const metadata = error instanceof NotReady ? toInitFailedMetadata(error) : undefined;
          callback({ code: grpc.status.UNKNOWN, details, metadata }, null);
        },
      );
  };
}

function methods(provider: FakeProvider) {
  const typeOf = (urn: string): ResourceType => {
    const kind = provider.findType(parseToken(urn));
    if (kind === undefined)
      throw new Error(
        `the sandbox's stand-in for the ${provider.name} provider has no resource type "${parseToken(urn)}": ` +
          `add it in sandbox/plugins/${provider.name}, or run the real plugin with --plugins DIR`,
      );
    return kind;
  };

  const validate = (kind: ResourceType, inputs: Props): InputError[] => [
    ...Object.keys(inputs)
      .filter((key) => kind.inputs !== "any" && !(key in kind.inputs))
      .map((property) => ({ property, reason: "the stand-in does not know this input" })),
    ...Object.entries(kind.inputs === "any" ? {} : kind.inputs)
      .filter(([key, need]) => need === "required" && inputs[key] === undefined)
      .map(([property]) => ({ property, reason: "missing required input" })),
    ...(kind.validate?.(inputs) ?? []),
  ];

  const toCheckResponse = (inputs: Props, errors: readonly InputError[]): proto.CheckResponse => {
    const failures = errors.map(({ property, reason }) => {
      const failure = new proto.CheckFailure();
      failure.setProperty(property);
      failure.setReason(reason);
      return failure;
    });
    return new proto.CheckResponse().setInputs(toStruct(inputs)).setFailuresList(failures);
  };

  const differs = (
    kind: ResourceType | undefined,
    olds: Props,
    news: Props,
    due: readonly string[] = [],
  ): proto.DiffResponse => {
    const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
    const changed = [...keys.filter((key) => !isDeepStrictEqual(olds[key], news[key])), ...due];
    const replaces = [
      ...(kind?.replaceOn ?? []).filter(
        (path) => !isDeepStrictEqual(readPath(olds, path), readPath(news, path)),
      ),
      ...due,
    ];
    const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
    return new proto.DiffResponse()
      .setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE)
      .setDiffsList(changed)
      .setReplacesList(replaces)
      .setDeletebeforereplace(replaces.length > 0 && (kind?.deleteBeforeReplace?.(news, olds) ?? false));
  };

  const unknownOutputs = (kind: ResourceType): Props =>
    Object.fromEntries(kind.computed.map((key) => [key, UNKNOWN] as const));

  return {
    getPluginInfo: unary(() => new plugin.PluginInfo().setVersion(provider.version)),
    attach: unary(() => new Empty()),
    cancel: unary(() => new Empty()),

    checkConfig: unary((request: proto.CheckRequest) => {
      // Returned unchanged, or the state would have their secrets in plain.
      const errors = provider.checkConfig?.(toPlainArgs(request.getNews())) ?? [];
      return toCheckResponse(fromStruct(request.getNews()), errors);
    }),
    diffConfig: unary((request: proto.DiffRequest) =>
      differs(undefined, toPlainArgs(request.getOldInputs()), toPlainArgs(request.getNews())),
    ),
    configure: unary((request: proto.ConfigureRequest) => {
      provider.configure(toPlainArgs(request.getArgs()));
      // Secrets are accepted in plain: the engine unwraps them for us and wraps the outputs again.
      return new proto.ConfigureResponse().setSupportspreview(true);
    }),

    check: unary((request: proto.CheckRequest) => {
      const kind = typeOf(request.getUrn());
      const olds = request.hasOlds() ? fromStruct(request.getOlds()) : undefined;
      const news = fromStruct(request.getNews());
      const inputs = kind.withDefaults?.(news, parseName(request.getUrn()), olds) ?? news;
      return toCheckResponse(inputs, validate(kind, inputs));
    }),
    diff: unary((request: proto.DiffRequest) => {
      const kind = typeOf(request.getUrn());
      const news = fromStruct(request.getNews());
      const due = kind.forcedReplacements?.(fromStruct(request.getOlds()), news);
      return differs(kind, fromStruct(request.getOldInputs()), news, due);
    }),
    create: unary(async (request: proto.CreateRequest) => {
      const kind = typeOf(request.getUrn());
      const inputs = fromStruct(request.getProperties());
      if (request.getPreview())
        return new proto.CreateResponse().setProperties(toStruct({ ...inputs, ...unknownOutputs(kind) }));
      const created = await kind.create(inputs, parseName(request.getUrn()));
      return new proto.CreateResponse()
        .setId(created.id)
        .setProperties(toStruct({ ...inputs, ...created.outputs }));
    }),
    read: unary(async (request: proto.ReadRequest) => {
      const last = { inputs: fromStruct(request.getInputs()), outputs: fromStruct(request.getProperties()) };
      const found = await typeOf(request.getUrn()).read(request.getId(), last);
      if (found === undefined) return new proto.ReadResponse();
      return new proto.ReadResponse()
        .setId(found.id ?? request.getId())
        .setInputs(toStruct(found.inputs))
        .setProperties(toStruct({ ...found.inputs, ...found.outputs }));
    }),
    update: unary(async (request: proto.UpdateRequest) => {
      const kind = typeOf(request.getUrn());
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
      await typeOf(request.getUrn()).delete(request.getId(), last);
      return new Empty();
    }),
    invoke: unary(async (request: proto.InvokeRequest) => {
      if (provider.invoke === undefined)
        throw new Error(`the stand-in for ${provider.name} has no function "${request.getTok()}"`);
      const result = await provider.invoke(request.getTok(), toPlainArgs(request.getArgs()));
      return new proto.InvokeResponse().setReturn(toStruct(result));
    }),
  };
}

/** Serves the provider to the engine that started this process, and ends with it. */
export function serve(provider: FakeProvider): void {
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
