import * as assert from "node:assert/strict";
import { mock } from "node:test";
import timers from "node:timers/promises";

import { Imports } from "../../../components/pulumi/import-existing";
import { OriginLock } from "../../../components/origin-lock/origin-lock";
import { attempt, find, type RunOptions } from "../../harness";
import { providers } from "../providers";

const zoneId = "0123456789abcdef0123456789abcdef";
const token =
  "cloudflare:index/getAuthenticatedOriginPullsCertificate:getAuthenticatedOriginPullsCertificate";

/** Seconds between two looks, and those after which it gives up. */
const pause = 2;
const patience = 600;

describe("OriginLock, until the edge has its certificate", () => {
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

  const make = (options?: RunOptions, { transformation } = new Imports({})) =>
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
          { providers: providers(), transformations: [transformation] },
        ),
      options,
    );

  /** Not there yet for so many looks. */
  const activeAfter = (looks: number, adoption?: Imports, before = "pending_deployment") => {
    let seen = 0;
    const status = () => ({ status: (seen += 1) > looks ? "active" : before });
    return make({ answers: { [token]: status } }, adoption);
  };

  /** The certificate is there already, as after an up that ended while it was waiting. */
  const uploadedBefore = (id: string) => new Imports({ "origin-lock": id });

  const look = (certificateId: string) => ({
    token,
    inputs: { zoneId, certificateId },
    provider: "cloudflare",
  });
  const whatAsksForIt = /:(TLSOption|AuthenticatedOriginPullsSettings)$/;

  it("looks after the upload and before origin pulls are turned on, and goes on at once where the edge has it", async () => {
    const { fault, calls, resources } = await make();
    assert.equal(fault, undefined);
    assert.deepEqual(calls, [look("origin-lock-id"), look("origin-lock-id")]);
    assert.deepEqual(slept, []);
    assert.equal(resources.filter(({ type }) => whatAsksForIt.test(type)).length, 2);
  });

  it("waits before origin pulls are turned on where the certificate was uploaded before", async () => {
    const { fault, calls, resources } = await activeAfter(3, uploadedBefore(`${zoneId}/old`));
    assert.equal(fault, undefined);
    assert.equal(calls.length, 4);
    assert.equal(slept.length, 3);
    assert.equal(resources.filter(({ type }) => whatAsksForIt.test(type)).length, 2);
  });

  it("has the ingress not ask for a certificate that was uploaded before and never came to the edge", async () => {
    const { fault, resources } = await activeAfter(patience / pause + 2, uploadedBefore(`${zoneId}/old`));
    assert.match(
      fault?.message ?? "",
      /^before hook "origin-lock-shown" failed: Cloudflare has not brought /,
    );
    assert.ok(!resources.some(({ type }) => type.endsWith(":TLSOption")));
  });

  for (const status of ["deployment_timed_out", "deletion_timed_out"])
    it(`does not wait for what Cloudflare has given up: ${status}`, async () => {
      const { fault, calls } = await activeAfter(1, undefined, status);
      assert.match(fault?.message ?? "", new RegExp(`\\(status ${status}, waited for up to 10 minutes\\)`));
      assert.equal(calls.length, 1);
      assert.deepEqual(slept, []);
    });

  for (const status of ["initializing", "pending_deployment"])
    it(`waits while the status is ${status}`, async () => {
      const { fault } = await activeAfter(1, undefined, status);
      assert.equal(fault, undefined);
      assert.equal(slept.length, 1);
    });

  it("looks again every two seconds until the edge has it", async () => {
    const { fault, calls } = await activeAfter(3);
    assert.equal(fault, undefined);
    assert.equal(calls.length, 5);
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
        "Cloudflare has not brought the client certificate origin-lock-id to its edge (status pending_deployment, " +
          "waited for up to 10 minutes). The ingress does not ask for it yet; run the up again.",
      ),
      fault?.message,
    );
    assert.equal(slept.length * pause, patience + pause);
    assert.deepEqual(
      resources.filter(({ type }) => whatAsksForIt.test(type)),
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
    const certificate = find(resources, ":AuthenticatedOriginPullsCertificate", "origin-lock");
    assert.deepEqual(certificate.hooks.afterCreate, ["origin-lock-uploaded"]);
    const settings = find(resources, ":AuthenticatedOriginPullsSettings", "origin-lock-settings");
    assert.deepEqual(settings.hooks.beforeCreate, ["origin-lock-shown"]);
  });
});
