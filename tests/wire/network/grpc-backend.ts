import * as grpc from "@grpc/grpc-js";

/** Passes messages on as they are. */
export const asIs = (bytes: Buffer): Buffer => bytes;

/** The path of the method that sends back each message. */
export const echoPath = "/wire.Echo/Stream";

const echo: grpc.ServiceDefinition = {
  stream: {
    path: echoPath,
    requestStream: true,
    responseStream: true,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  },
};

/** A gRPC server without TLS in the place of an app's pods: it sends back each message of a stream. */
export async function serveGrpcBackend(address: string, port: number): Promise<void> {
  const server = new grpc.Server();
  server.addService(echo, {
    stream: (call: grpc.ServerDuplexStream<Buffer, Buffer>) => {
      call.on("data", (message: Buffer) => call.write(message));
      call.on("end", () => call.end());
      // A stream that is cut ends by itself; its client reports it.
      call.on("error", () => call.destroy());
    },
  });
  const credentials = grpc.ServerCredentials.createInsecure();
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(`${address}:${port}`, credentials, (error) => (error ? reject(error) : resolve())),
  );
}
