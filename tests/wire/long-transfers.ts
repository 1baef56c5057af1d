import * as http from "node:http";
import * as https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";

import * as grpc from "@grpc/grpc-js";

import type { ReceivedRequest } from "./network/http-backend";
import { asIs, echoPath } from "./network/grpc-backend";

/** Where requests go: an address that answers for every host, and the CAs of its certificate, PEM. */
export interface Target {
  readonly address: string;
  readonly port: number;
  readonly ca: string;
}

const host = "direct.example.com";

/** A request over HTTP/1.1 on a connection of its own, without the timeouts of a browser. */
function request(
  { address, port, ca }: Target,
  path: string,
  method = "GET",
  others = {},
): http.ClientRequest {
  const headers = { host, ...others };
  return https.request({ host: address, port, ca, servername: host, path, method, headers, agent: false });
}

/** The body of the answer. Rejects when either end of the connection goes before. */
function readBody(sent: http.ClientRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    sent.on("error", reject);
    sent.on("response", (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      response.on("error", reject);
      response.on("end", () =>
        response.statusCode === 200
          ? resolve(body)
          : reject(new Error(`got ${response.statusCode}: ${body}`)),
      );
    });
  });
}

/** Sends a byte of a body each second. @returns how many bytes the app has read. Rejects when it is cut. */
export async function upload(way: Target, seconds: number): Promise<number> {
  const sent = request(way, "/upload", "POST");
  const body = readBody(sent);
  const cut = body.then(
    () => true,
    () => true,
  );
  for (let at = 0; at < seconds; at++) {
    sent.write("x");
    if (await Promise.race([cut, sleep(1000, false)])) break;
  }
  sent.end();
  return (JSON.parse(await body) as ReceivedRequest).bytes;
}

/** Reads server-sent events, of which the last comes after so many seconds. @returns all of them. Rejects when it is cut. */
export function events(way: Target, seconds: number): Promise<string> {
  const sent = request(way, `/events?${seconds * 1000}`);
  sent.end();
  return readBody(sent);
}

/** A WebSocket on which nothing is sent for so many seconds. @returns the answer to what is sent then. */
export function webSocket(way: Target, seconds: number): Promise<string> {
  const sent = request(way, "/socket", "GET", { connection: "Upgrade", upgrade: "websocket" });
  return new Promise((resolve, reject) => {
    sent.on("error", reject);
    sent.on("response", ({ statusCode }) => reject(new Error(`got ${statusCode}, want 101`)));
    sent.on("upgrade", (_response, socket) => {
      socket.on("error", reject).on("close", () => reject(new Error("the WebSocket is closed")));
      socket.on("data", (answer: Buffer) => {
        resolve(answer.toString());
        socket.destroy();
      });
      setTimeout(() => socket.write("hello"), seconds * 1000);
    });
    sent.end();
  });
}

/** A gRPC stream, open both ways, with a message a second. @returns how many came back. Rejects when it is cut. */
export async function grpcStream({ address, port, ca }: Target, seconds: number): Promise<number> {
  const name = "stream.example.com";
  const client = new grpc.Client(`${address}:${port}`, grpc.credentials.createSsl(Buffer.from(ca)), {
    "grpc.ssl_target_name_override": name,
    "grpc.default_authority": name,
    "grpc.enable_retries": 0,
  });
  const call = client.makeBidiStreamRequest(echoPath, asIs, asIs);
  let echoes = 0;
  call.on("data", () => echoes++);
  const ended = new Promise<void>((resolve, reject) => call.on("error", reject).on("end", resolve));
  const cut = ended.then(
    () => true,
    () => true,
  );
  for (let at = 0; at < seconds; at++) {
    call.write(Buffer.from("hello"));
    if (await Promise.race([cut, sleep(1000, false)])) break;
  }
  call.end();
  await ended.finally(() => client.close());
  return echoes;
}
