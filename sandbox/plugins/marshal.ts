import * as grpc from "@grpc/grpc-js";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";

import type { NotReady, Props } from "./fake-provider";

/** Properties of a message; none if it has none. */
export function fromStruct(struct: Struct | undefined): Props {
  return struct ? struct.toJavaScript() : {};
}

/** The key that marks the engine's special values, and the mark of a secret. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Unwraps secrets: the engine sends a provider's arguments with their secrets wrapped. */
function unwrapSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapSecrets);
  if (typeof value !== "object" || value === null) return value;
  if ((value as Props)[SIGNATURE] === SECRET) return unwrapSecrets((value as Props).value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unwrapSecrets(item)] as const));
}

/** Arguments of a provider or a function, without secret wrappers. */
export const toPlainArgs = (struct: Struct | undefined): Props => unwrapSecrets(fromStruct(struct)) as Props;

/** Undefined values are left out: a protobuf Struct has no such thing. */
export function toStruct(props: Props): Struct {
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(props)) as Record<string, JavaScriptValue>);
}

/** The engine's own form of {@link NotReady}: a detail inside the status of the call. */
export function toInitFailedMetadata(error: NotReady): grpc.Metadata {
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
