import * as assert from "node:assert/strict";
import { mock } from "node:test";
import timers from "node:timers/promises";

import { Imports } from "../../../components/pulumi/import-existing";
import { OriginLock } from "../../../components/origin-lock/origin-lock";
import { attempt, find, type RunOptions } from "../../harness";
import { args, zoneId } from "./created-origin-lock";
import { providers } from "../providers";

const token =
  "cloudflare:index/getAuthenticatedOriginPullsCertificate:getAuthenticatedOriginPullsCertificate";

/** The poll interval and the timeout, in seconds. */
const pollSeconds = 2;
const timeoutSeconds = 600;

describe("OriginLock, until the edge has its certificate", () => {
  let slept: number[] = [];

  // A sleep only advances the mocked clock.
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
        new OriginLock("origin-lock", args, { providers: providers(), transformations: [transformation] }),
      options,
    );

  /** Runs with a certificate that becomes active after this number of polls. */
  const activeAfter = (polls: number, imports?: Imports, before = "pending_deployment") => {
    let count = 0;
    const status = () => ({ status: (count += 1) > polls ? "active" : before });
    return make({ answers: { [token]: status } }, imports);
  };

  /** The certificate exists already, as after an interrupted `up`. */
  const uploadedBefore = (id: string) => new Imports({ "origin-lock": id });

  const poll = (certificateId: string) => ({
    token,
    inputs: { zoneId, certificateId },
    provider: "cloudflare",
  });
  const requiring = /:AuthenticatedOriginPullsSettings$/;

  it("polls after the upload and before origin pulls are enabled, and continues at once if the edge has it", async () => {
    const { fault, calls, resources } = await make();
    assert.equal(fault, undefined);
    assert.deepEqual(calls, [poll("origin-lock-id"), poll("origin-lock-id")]);
    assert.deepEqual(slept, []);
    assert.equal(resources.filter(({ type }) => requiring.test(type)).length, 1);
  });

  it("fails for a certificate that an earlier up uploaded and the edge never got", async () => {
    const { fault } = await activeAfter(timeoutSeconds / pollSeconds + 2, uploadedBefore(`${zoneId}/old`));
    assert.match(
      fault?.message ?? "",
      /^before hook "origin-lock-shown" failed: Cloudflare has not brought /,
    );
  });

  for (const status of ["deployment_timed_out", "deletion_timed_out"])
    it(`does not wait with a final status: ${status}`, async () => {
      const { fault, calls } = await activeAfter(1, undefined, status);
      assert.match(fault?.message ?? "", new RegExp(`\\(status ${status}, waited for up to 10 minutes\\)`));
      assert.equal(calls.length, 1);
      assert.deepEqual(slept, []);
    });

  it("polls every two seconds until the edge has it", async () => {
    const { fault, calls } = await activeAfter(3);
    assert.equal(fault, undefined);
    assert.equal(calls.length, 5);
    assert.deepEqual(slept, [2000, 2000, 2000]);
  });

  it("succeeds if the edge has it at the first poll after ten minutes", async () => {
    const { fault } = await activeAfter(timeoutSeconds / pollSeconds + 1);
    assert.equal(fault, undefined);
    assert.equal(slept.length * pollSeconds, timeoutSeconds + pollSeconds);
  });

  it("throws after that, with a remedy, and does not make the ingress require it", async () => {
    const { fault, resources } = await activeAfter(timeoutSeconds / pollSeconds + 2);
    assert.ok(
      fault?.message.endsWith(
        "Cloudflare has not brought the client certificate origin-lock-id to its edge (status pending_deployment, " +
          "waited for up to 10 minutes). The ingress does not ask for it yet; run the up again.",
      ),
      fault?.message,
    );
    assert.equal(slept.length * pollSeconds, timeoutSeconds + pollSeconds);
    assert.deepEqual(
      resources.filter(({ type }) => requiring.test(type)),
      [],
    );
  });

  it("does not wait in a preview, where nothing is uploaded", async () => {
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
