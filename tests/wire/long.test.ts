import * as assert from "node:assert/strict";

import { events, grpcStream, upload, webSocket, type Way } from "./long";
import { world } from "./the-world";

const seconds = 90;

/** What lasts 90 s, and what it yields in the end. */
const lasting = {
  "an upload": [upload, seconds],
  "a gRPC stream, open both ways,": [grpcStream, seconds],
  "a stream of server-sent events": [events, "data: first\n\ndata: last\n\n"],
  "a WebSocket on which nothing is sent": [webSocket, "hello"],
} as const;

/** How it ended, and after how many seconds. */
async function outcome(work: Promise<unknown>) {
  const began = Date.now();
  const result = await work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error: String(error) }),
  );
  return { ...result, after: (Date.now() - began) / 1000 };
}

type Outcome = ReturnType<typeof outcome>;

describe(`what lasts ${seconds} s`, () => {
  const usual = new Map<string, Outcome>();

  // All at once, so that all of it takes 90 s.
  before(() => {
    const { cas: ca } = world.issuing;
    const through: Way = { address: world.balancer.address, port: 443, ca };
    for (const [what, [run]] of Object.entries(lasting)) usual.set(what, outcome(run(through, seconds)));
  });

  for (const [what, [, value]] of Object.entries(lasting))
    it(`${what} comes through to its end`, async () => {
      const ended = await usual.get(what);
      assert.deepEqual({ ...ended, after: 0 }, { value, after: 0 });
      assert.ok(ended !== undefined && ended.after >= seconds - 1, `it lasted ${ended?.after} s only`);
    });
});
