import * as assert from "node:assert/strict";

import { authority, checked, key, kindOf, made, start } from "./made-by-tls";
import type { Observed, Props } from "../../../sandbox/plugins/stand-in";

const HOUR = 3_600_000;

/** A clock that many hours and milliseconds after the certificates were issued. */
const after =
  (hours: number, milliseconds = 0) =>
  () =>
    new Date(start.getTime() + hours * HOUR + milliseconds);

const own = async (more: Props) => {
  const { privateKeyPem } = await key();
  return { privateKeyPem, allowedUses: ["server_auth"], validityPeriodHours: 24, ...more };
};

/** What a refresh at that time makes of a certificate that was issued at the start. */
async function refreshed(inputs: Props, now: () => Date): Promise<Observed> {
  const last = {
    inputs: checked(kindOf("SelfSignedCert"), inputs),
    outputs: await made("SelfSignedCert", inputs),
  };
  return (await kindOf("SelfSignedCert", now).read("1", last)) ?? assert.fail("gone");
}

describe("the renewal of the stand-in's certificates", () => {
  for (const [early, hours] of [
    [0, 24],
    [4, 20],
  ] as const)
    it(`begins ${early} hours before the end, and a refresh says so`, async () => {
      const inputs = await own({ earlyRenewalHours: early });
      const before = await refreshed(inputs, after(hours, -1));
      assert.equal(before.outputs.readyForRenewal, false);
      const due = await refreshed(inputs, after(hours));
      assert.equal(due.outputs.readyForRenewal, true);
    });

  for (const name of ["SelfSignedCert", "LocallySignedCert"] as const)
    it(`replaces a ${name} in the next update, refreshed or not, and not an hour before`, () => {
      const outputs = { validityEndTime: after(20)().toISOString() };
      const dueAt = (hours: number, earlyRenewalHours: number) =>
        kindOf(name, after(hours)).due?.(outputs, { earlyRenewalHours });
      assert.deepEqual(dueAt(15, 4), []);
      assert.deepEqual(dueAt(16, 4), ["readyForRenewal"]);
      // Extended in the same update.
      assert.deepEqual(dueAt(16, 3), []);
    });

  it("is due at once where the whole validity is early, or there is none", async () => {
    for (const [more, ready] of [
      [{ earlyRenewalHours: 23 }, false],
      [{ earlyRenewalHours: 24 }, true],
      [{ validityPeriodHours: 0 }, true],
    ] as const)
      assert.equal(String((await made("SelfSignedCert", await own(more))).readyForRenewal), String(ready));
  });

  it("changes earlyRenewalHours in place: the certificate stays, its readiness is told anew", async () => {
    const inputs = await own({});
    const kind = kindOf("SelfSignedCert", after(1));
    assert.ok(!kind.replaceOn.includes("earlyRenewalHours"));
    const last = { inputs, outputs: await made("SelfSignedCert", inputs) };
    for (const [earlyRenewalHours, readyForRenewal] of [
      [22, false],
      [23, true],
    ] as const) {
      const outputs = await kind.update("1", checked(kind, { ...inputs, earlyRenewalHours }), last);
      assert.deepEqual(JSON.parse(JSON.stringify(outputs)), { readyForRenewal });
    }
  });

  it("concerns certificates of a CA alike, and no other thing", async () => {
    const { caPrivateKeyPem, caCertPem } = await authority();
    const { privateKeyPem } = await key();
    const { certRequestPem } = await made("CertRequest", { privateKeyPem });
    const inputs = { caPrivateKeyPem, caCertPem, certRequestPem, allowedUses: [], validityPeriodHours: 2 };
    const last = {
      inputs: checked(kindOf("LocallySignedCert"), inputs),
      outputs: await made("LocallySignedCert", inputs),
    };
    const due = await kindOf("LocallySignedCert", after(2)).read("1", last);
    assert.equal(due?.outputs.readyForRenewal, true);
    const request = { inputs: { privateKeyPem }, outputs: { certRequestPem } };
    assert.deepEqual((await kindOf("CertRequest", after(99)).read("1", request))?.inputs, request.inputs);
  });

  it("cannot be told of what is not in the state: nothing is imported", async () => {
    for (const name of ["SelfSignedCert", "LocallySignedCert", "CertRequest"])
      await assert.rejects(
        async () => kindOf(name).read("1", { inputs: {}, outputs: {} }),
        /1 cannot be imported/,
      );
  });
});
