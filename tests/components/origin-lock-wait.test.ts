import * as assert from "node:assert/strict";
import { mock } from "node:test";
import timers from "node:timers/promises";

import { OriginLock } from "../../components/origin-lock";
import { attempt, find, type RunOptions } from "../harness";
import { providers } from "./providers";

const zoneId = "0123456789abcdef0123456789abcdef";
const token =
  "cloudflare:index/getAuthenticatedOriginPullsCertificate:getAuthenticatedOriginPullsCertificate";

/** Seconds between two looks, and those after which it gives up. */
const pause = 2;
const patience = 600;

describe("OriginLock, after it has uploaded a certificate", () => {
  let slept: number[] = [];

  // Nobody waits: whoever sleeps finds the clock moved on.
  beforeEach(() => {
    slept = [];
    let now = Date.now();
    mock.method(Date, "now", () => now);
    mock.method(timers, "setTimeout", (milliseconds: number) => {
      slept.push(milliseconds);
      now += milliseconds;
      return Promise.resolve();
    });
  });
  afterEach(() => mock.restoreAll());

  const make = (options?: RunOptions) =>
    attempt(
      () =>
        new OriginLock(
          "origin-lock",
          {
            zone: "example.com",
            zoneId,
            controller: "traefik",
            ingressNamespace: "traefik",
            appNamespace: "production",
            clientCertificate: true,
            generation: 1,
          },
          { providers: providers() },
        ),
      options,
    );

  /** Not there yet for so many looks. */
  const activeAfter = (looks: number) => {
    let seen = 0;
    return make({
      answers: { [token]: () => ({ status: (seen += 1) > looks ? "active" : "pending_deployment" }) },
    });
  };

  it("asks for it at once where the edge has it", async () => {
    const { fault, calls } = await make();
    assert.equal(fault, undefined);
    assert.deepEqual(calls, [
      { token, inputs: { zoneId, certificateId: "origin-lock-id" }, provider: "cloudflare" },
    ]);
    assert.deepEqual(slept, []);
  });

  it("looks again every two seconds until the edge has it", async () => {
    const { fault, calls } = await activeAfter(3);
    assert.equal(fault, undefined);
    assert.equal(calls.length, 4);
    assert.deepEqual(
      slept,
      [pause, pause, pause].map((seconds) => seconds * 1000),
    );
  });

  it("is still content when the edge has it at the first look after ten minutes", async () => {
    const { fault } = await activeAfter(patience / pause + 1);
    assert.equal(fault, undefined);
    assert.equal(slept.length * pause, patience + pause);
  });

  it("gives up after that, says what to do, and has the ingress not ask for it", async () => {
    const { fault, resources } = await activeAfter(patience / pause + 2);
    assert.ok(
      fault?.message.endsWith(
        "Cloudflare has not brought the client certificate origin-lock-id to its edge for 10 minutes (status " +
          "pending_deployment). The ingress does not ask for it yet; run the up again.",
      ),
      fault?.message,
    );
    assert.equal(slept.length * pause, patience + pause);
    assert.deepEqual(
      resources.filter(({ type }) => /:(TLSOption|AuthenticatedOriginPullsSettings)$/.test(type)),
      [],
    );
  });

  it("waits for nothing in a preview, where nothing was uploaded", async () => {
    const { fault, resources, calls } = await make({
      preview: true,
      answers: { [token]: { status: "pending_deployment" } },
    });
    assert.equal(fault, undefined);
    assert.deepEqual(calls, []);
    const { hooks } = find(resources, ":AuthenticatedOriginPullsCertificate", "origin-lock");
    assert.deepEqual(hooks.afterCreate, ["origin-lock-edge-has-certificate"]);
  });
});
