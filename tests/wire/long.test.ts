import * as assert from "node:assert/strict";

import { podAddress } from "./network/network-addresses";
import type { BackgroundProcess } from "./network/background-process";
import { traefikPorts } from "../../components/ingress/controllers/traefik/traefik-values";
import { events, grpcStream, upload, webSocket, type Target } from "./long-transfers";
import { environment } from "./shared-environment";
import { until } from "./wait-until";

const seconds = 90;

/** Transfers of 90 s, and their results. */
const lasting = {
  "an upload": [upload, seconds],
  "a gRPC stream, open both ways,": [grpcStream, seconds],
  "a stream of server-sent events": [events, "data: first\n\ndata: last\n\n"],
  "a WebSocket on which nothing is sent": [webSocket, "hello"],
} as const;

/** The transfers that Traefik's default limit of 60 s cuts: it applies to request bodies, not to responses and WebSockets. */
const cut = ["an upload", "a gRPC stream, open both ways,"] as const;

/** The chart's values without the limit of a request, so that Traefik's default applies. */
function withoutLimit(values: Record<string, unknown>): unknown {
  const { ports } = values as {
    ports: Record<string, { transport: { respondingTimeouts: { readTimeout?: string } } }>;
  };
  for (const { transport } of Object.values(ports)) delete transport.respondingTimeouts.readTimeout;
  return values;
}

/** The result of a transfer, and its duration in seconds. */
async function outcome(work: Promise<unknown>) {
  const began = Date.now();
  const result = await work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error: String(error) }),
  );
  return { ...result, after: (Date.now() - began) / 1000 };
}

type Outcome = ReturnType<typeof outcome>;

describe(`a transfer of ${seconds} s`, () => {
  const usual = new Map<string, Outcome>();
  const limited = new Map<string, Outcome>();
  let traefik: BackgroundProcess;

  // All at the same time, so that the suite takes 90 s.
  before(async () => {
    const pod = podAddress(1, 240);
    traefik = await environment.startTraefik(withoutLimit, pod);
    const { cas: ca } = environment.issuing;
    const through: Target = { address: environment.balancer.address, port: 443, ca };
    const past: Target = { address: pod, port: traefikPorts.https, ca };
    // It is ready before it has read the routes.
    await until("the routes of the second Traefik", async () => (await events(past, 0)) !== "", 30);
    for (const [what, [run]] of Object.entries(lasting)) usual.set(what, outcome(run(through, seconds)));
    for (const what of cut) limited.set(what, outcome(lasting[what][0](past, seconds)));
  });
  after(() => traefik.kill());

  for (const [what, [, value]] of Object.entries(lasting))
    it(`${what} is completed`, async () => {
      const ended = await usual.get(what);
      assert.deepEqual({ ...ended, after: 0 }, { value, after: 0 });
      assert.ok(ended !== undefined && ended.after >= seconds - 1, `it lasted ${ended?.after} s only`);
    });

  for (const what of cut)
    it(`${what} is cut after 60 s with Traefik's default`, async () => {
      const ended = await limited.get(what);
      assert.ok(
        ended !== undefined && ended.after > 55 && ended.after < 70,
        `it ended after ${ended?.after} s: ${JSON.stringify(ended)}`,
      );
      assert.ok(
        "error" in ended || ended.value !== lasting[what][1],
        `it was not cut: ${JSON.stringify(ended)}`,
      );
    });
});
