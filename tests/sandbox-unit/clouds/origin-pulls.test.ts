import * as assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import * as fs from "node:fs";

import { cloudflareInventory } from "../../../sandbox/clouds/cloudflare";
import { TestCa, type CertificateOptions } from "../../wire/network/test-ca";
import { emulatedCloudflare, noZone, zones } from "./emulated-cloudflare";

const hour = 3_600_000;

describe("The authenticated origin pulls of an emulated zone", () => {
  const { call, got, changes, now, wait, restart, store, file } = emulatedCloudflare();
  const pulls = `/zones/${zones.free}/origin_tls_client_auth`;
  const settings = `${pulls}/settings`;
  let ca: TestCa;
  before(async () => (ca = await TestCa.create("Test CA")));
  /** A certificate from an hour ago for two hours. */
  const bodyOf = async (more: CertificateOptions = {}) => {
    const from = new Date(now() - hour);
    const { cert, key } = await ca.issue(["the edge"], { from, hours: 2, isRsa: true, ...more });
    return { certificate: cert, private_key: key };
  };
  const upload = async () => String((await got("POST", pulls, await bodyOf())).id);
  const log = () =>
    changes().map(({ kind, op, id, before, after }) => ({
      what: `${String(kind)} ${String(op)}`,
      id,
      before: (before as { readonly status?: string } | undefined)?.status,
      after: (after as { readonly status?: string } | undefined)?.status,
    }));

  it("answer an upload with the certificate as it was given, and its fields", async () => {
    const body = await bodyOf();
    const given = body.certificate.trimEnd();
    const { id, ...rest } = await got("POST", pulls, { ...body, certificate: given });
    assert.match(String(id), /^[0-9a-f-]{36}$/);
    assert.deepEqual(rest, {
      certificate: given,
      issuer: "Test CA",
      signature: "SHA256WithRSA",
      serial_number: BigInt(`0x${new X509Certificate(given).serialNumber}`).toString(),
      expires_on: new Date(now() + hour).toISOString(),
      status: "pending_deployment",
      uploaded_on: new Date(now()).toISOString(),
      enabled: false,
    });
  });

  it("log every state, a certificate's deployment, after a second, before later changes", async () => {
    const old = await upload();
    await got("PUT", settings, { enabled: true });
    wait(999);
    assert.equal((await got("GET", `${pulls}/${old}`)).status, "pending_deployment");
    wait(1);
    const next = await upload();
    wait(1000);
    assert.equal((await got("DELETE", `${pulls}/${old}`)).status, "pending_deletion");
    for (const method of ["GET", "DELETE"]) {
      const { status, codes } = await call(method, `${pulls}/${old}`);
      assert.deepEqual([status, codes], [404, [1406]], method);
    }
    const entry = (op: string, id: string, before?: string, after?: string) => ({
      ...{ what: `origin_pull_certificate ${op}`, id, before, after },
    });
    assert.deepEqual(log(), [
      entry("create", old, undefined, "pending_deployment"),
      { what: "origin_pull_settings update", id: zones.free, before: undefined, after: undefined },
      entry("update", old, "pending_deployment", "active"),
      entry("create", next, undefined, "pending_deployment"),
      entry("update", next, "pending_deployment", "active"),
      entry("delete", old, "active"),
    ]);
  });

  it("log a deployment without a later call, once", async () => {
    await upload();
    wait(1000);
    assert.equal(log().at(-1)?.after, "active");
    assert.equal(log().length, 2);
  });

  it("are on and off for one zone, off at first, also in its certificates and after a restart", async () => {
    const id = await upload();
    assert.deepEqual(await got("GET", settings), { enabled: false });
    for (const enabled of [true, false, true]) {
      assert.deepEqual(await got("PUT", settings, { enabled }), { enabled });
      assert.equal((await got("GET", `${pulls}/${id}`)).enabled, enabled);
    }
    restart();
    assert.deepEqual(await got("GET", settings), { enabled: true });
    const other = `/zones/${zones.pro}/origin_tls_client_auth/settings`;
    assert.deepEqual(await got("GET", other), { enabled: false });
    const one = await got("GET", `${pulls}/${id}`);
    assert.deepEqual(cloudflareInventory(store(), now).origin_pulls, {
      certificates: [{ zone: zones.free, ...one }],
      settings: [{ zone: zones.free, enabled: true }],
    });
  });

  it("have a private key in no file and no response", async () => {
    const body = await bodyOf();
    const answer = await got("POST", pulls, body);
    const secret = body.private_key.split("\n")[1] ?? "";
    const files = ["clouds.json", "clouds.zone-log.jsonl"].map((name) => fs.readFileSync(file(name), "utf8"));
    for (const text of [JSON.stringify(answer), ...files]) assert.ok(!text.includes(secret));
  });

  const refused: readonly (readonly [what: string, code: number, body: () => Promise<object>])[] = [
    ["an invalid certificate", 1400, async () => ({ ...(await bodyOf()), certificate: "x" })],
    ["a chain", 1400, () => bodyOf().then((body) => ({ ...body, certificate: body.certificate.repeat(2) }))],
    ["the certificate of a CA", 1401, async () => ({ ...(await bodyOf()), certificate: ca.cert })],
    ["a key that is not RSA", 1402, () => bodyOf({ isRsa: false })],
    ["an expired certificate", 1403, () => bodyOf({ hours: 1 })],
    ["a certificate of the future", 1403, () => bodyOf({ from: new Date(now() + 1000) })],
    ["an invalid private key", 1404, async () => ({ ...(await bodyOf()), private_key: "x" })],
    [
      "another private key",
      1405,
      async () => ({ ...(await bodyOf()), private_key: (await bodyOf()).private_key }),
    ],
    ["a missing private key", 9207, async () => ({ certificate: (await bodyOf()).certificate })],
    ["an unknown field", 9207, async () => ({ ...(await bodyOf()), type: "per-zone" })],
  ];
  for (const [what, code, body] of refused)
    it(`refuse ${what} with ${code}`, async () => {
      const { status, codes } = await call("POST", pulls, await body());
      assert.deepEqual([status, codes, log()], [400, [code], []]);
    });

  it("refuse other settings and zones", async () => {
    for (const body of [{}, { enabled: "true" }, { enabled: true, certificate: "x" }])
      assert.deepEqual((await call("PUT", settings, body)).codes, [9207]);
    assert.equal((await call("GET", `${noZone}/origin_tls_client_auth/settings`)).status, 404);
  });
});
