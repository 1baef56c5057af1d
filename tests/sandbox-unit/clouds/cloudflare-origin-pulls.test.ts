import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { cloudflareInventory, cloudflareZoneLog } from "../../../sandbox/clouds/cloudflare";
import { certificate, newKey, pemOf, type Wanted } from "./client-certificates";
import { first, Rig, second } from "./cloudflare-rig";

const hour = 3_600_000;

describe("the emulated Cloudflare's authenticated origin pulls", () => {
  let rig: Rig;
  beforeEach(() => (rig = new Rig()));
  afterEach(() => rig.close());

  const pulls = `/zones/${first}/origin_tls_client_auth`;
  const made = (more: Partial<Wanted> = {}) =>
    certificate({ from: rig.clock - hour, until: rig.clock + hour, ...more });
  const upload = async (one = made()): Promise<Record<string, unknown> & { readonly id: string }> => {
    const result = await rig.done("POST", pulls, { certificate: one.pem, private_key: one.key });
    return { ...result, id: String(result.id) };
  };
  const log = () =>
    cloudflareZoneLog(rig.store, 0, rig.now).map(({ kind, op, id, before, after }) => ({
      what: `${kind} ${op}`,
      id,
      before: (before as { readonly status?: string } | undefined)?.status,
      after: (after as { readonly status?: string } | undefined)?.status,
    }));

  it("answers an upload with the certificate as it was given, and its facts", async () => {
    const one = made();
    const { id, ...rest } = await upload(one);
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.deepEqual(rest, {
      certificate: one.pem,
      issuer: "Test CA",
      signature: "ECDSAWithSHA256",
      serial_number: one.serial,
      expires_on: new Date(rig.clock + hour).toISOString(),
      status: "pending_deployment",
      uploaded_on: new Date(rig.clock).toISOString(),
      enabled: false,
    });
  });

  const signatures: readonly (readonly [algorithm: string, name: string])[] = [
    ["1.2.840.113549.1.1.11", "SHA256WithRSA"],
    ["1.2.840.113549.1.1.12", "SHA384WithRSA"],
    ["1.2.840.113549.1.1.13", "SHA512WithRSA"],
    ["1.2.840.10045.4.3.3", "ECDSAWithSHA384"],
    ["1.2.840.10045.4.3.4", "ECDSAWithSHA512"],
  ];
  for (const [algorithm, name] of signatures)
    it(`calls the signature ${algorithm} ${name}`, async () => {
      assert.equal((await upload(made({ algorithm }))).signature, name);
    });

  it("keeps the text of a certificate without its last newline", async () => {
    const one = made();
    const { id } = await upload({ ...one, pem: one.pem.trimEnd() });
    assert.equal((await rig.done("GET", `${pulls}/${id}`)).certificate, one.pem.trimEnd());
  });

  it("has a certificate at the edge a second after its upload, and not before", async () => {
    const { id } = await upload();
    const status = async () => (await rig.done("GET", `${pulls}/${id}`)).status;
    rig.clock += 999;
    assert.equal(await status(), "pending_deployment");
    rig.clock += 1;
    assert.equal(await status(), "active");
  });

  it("deletes once: the answer is pending_deletion, and it is gone", async () => {
    const { id } = await upload();
    assert.equal((await rig.done("DELETE", `${pulls}/${id}`)).status, "pending_deletion");
    for (const method of ["GET", "DELETE"]) {
      const { status, codes } = await rig.call(method, `${pulls}/${id}`);
      assert.deepEqual([status, codes], [404, [1406]], method);
    }
    assert.deepEqual((await rig.call("GET", pulls)).result, []);
  });

  it("lists the certificates of one zone, page by page until one is empty", async () => {
    const ids = [(await upload()).id, (await upload()).id];
    const page = async (where: string) =>
      ((await rig.call("GET", where)).result as { readonly id: string }[]).map(({ id }) => id);
    assert.deepEqual(await page(pulls), ids);
    assert.deepEqual(await page(`${pulls}?per_page=1&page=2`), ids.slice(1));
    assert.deepEqual(await page(`${pulls}?per_page=1&page=3`), []);
    assert.deepEqual(await page(`/zones/${second}/origin_tls_client_auth`), []);
  });

  it("switches pulls on and off for the whole zone, off at first, and says so at each certificate", async () => {
    const { id } = await upload();
    const settings = `${pulls}/settings`;
    assert.deepEqual(await rig.done("GET", settings), { enabled: false });
    for (const enabled of [true, false, true]) {
      assert.deepEqual(await rig.done("PUT", settings, { enabled }), { enabled });
      assert.deepEqual(await rig.done("GET", settings), { enabled });
      assert.equal((await rig.done("GET", `${pulls}/${id}`)).enabled, enabled);
    }
    assert.deepEqual(await rig.done("GET", `/zones/${second}/origin_tls_client_auth/settings`), {
      enabled: false,
    });
  });

  it("writes every state into the zone log, a certificate's deployment before what comes after it", async () => {
    const { id: old } = await upload();
    await rig.done("PUT", `${pulls}/settings`, { enabled: true });
    rig.clock += 5000;
    const { id: next } = await upload();
    rig.clock += 1000;
    await rig.done("DELETE", `${pulls}/${old}`);
    const certificate = (op: string, id: string, before?: string, after?: string) => ({
      what: `origin_pull_certificate ${op}`,
      id,
      before,
      after,
    });
    assert.deepEqual(log(), [
      certificate("create", old, undefined, "pending_deployment"),
      { what: "origin_pull_settings update", id: first, before: undefined, after: undefined },
      certificate("update", old, "pending_deployment", "active"),
      certificate("create", next, undefined, "pending_deployment"),
      certificate("update", next, "pending_deployment", "active"),
      certificate("delete", old, "active"),
    ]);
  });

  it("tells in the zone log of a deployment that nobody asked for since", async () => {
    const { id } = await upload();
    rig.clock += 1000;
    assert.equal(log().at(-1)?.after, "active");
    assert.equal(log().length, 2);
    assert.equal((await rig.done("GET", `${pulls}/${id}`)).status, "active");
    assert.equal(log().length, 2);
  });

  it("keeps a private key in no file and tells it in no answer", async () => {
    const one = made();
    const answer = await rig.call("POST", pulls, { certificate: one.pem, private_key: one.key });
    const secret = one.key.split("\n")[1] ?? "";
    const folder = path.dirname(rig.file);
    const files = fs.readdirSync(folder).map((file) => fs.readFileSync(path.join(folder, file), "utf8"));
    assert.equal(files.length, 2);
    for (const text of [JSON.stringify(answer.result), ...files]) assert.ok(!text.includes(secret));
    const key = `${one.key.slice(0, 80)}!${one.key.slice(81)}`;
    const refused = await rig.call("POST", pulls, { certificate: one.pem, private_key: key });
    assert.deepEqual(refused.codes, [1404]);
  });

  it("keeps certificates and settings over a restart, and shows them in the inventory with their zone", async () => {
    const { id } = await upload();
    await rig.done("PUT", `${pulls}/settings`, { enabled: true });
    rig.restart();
    rig.clock += 1000;
    const one = await rig.done("GET", `${pulls}/${id}`);
    assert.deepEqual(cloudflareInventory(rig.store, rig.now).origin_pulls, {
      certificates: [{ zone: first, ...one }],
      settings: [{ zone: first, enabled: true }],
    });
  });

  const refused: readonly (readonly [what: string, code: number, body: () => object])[] = [
    ["a certificate that is none", 1400, () => ({ certificate: "x", private_key: made().key })],
    [
      "a chain",
      1400,
      () => {
        const one = made();
        return { certificate: one.pem + made().pem, private_key: one.key };
      },
    ],
    ["the certificate of a CA", 1401, () => pair(made({ isCa: true }))],
    ["a signature with SHA-1", 1402, () => pair(made({ algorithm: "1.2.840.10045.4.1" }))],
    ["an expired certificate", 1403, () => pair(made({ until: rig.clock }))],
    ["a certificate of the future", 1403, () => pair(made({ from: rig.clock + 1000 }))],
    ["a private key that is none", 1404, () => ({ certificate: made().pem, private_key: "x" })],
    ["another private key", 1405, () => ({ certificate: made().pem, private_key: pemOf(newKey()) })],
    ["an upload without private key", 9207, () => ({ certificate: made().pem })],
    ["an unknown field", 9207, () => ({ ...pair(made()), type: "per-zone" })],
  ];
  for (const [what, code, body] of refused)
    it(`refuses ${what} with ${code}`, async () => {
      const { status, codes } = await rig.call("POST", pulls, body());
      assert.deepEqual([status, codes], [400, [code]]);
      assert.deepEqual((await rig.call("GET", pulls)).result, []);
      assert.deepEqual(log(), []);
    });

  it("takes the bounds of a certificate's validity themselves", async () => {
    await upload(made({ from: rig.clock }));
    await upload(made({ until: rig.clock + 1000 }));
  });

  it("refuses settings it does not understand with 9207", async () => {
    for (const body of [{}, { enabled: "true" }, { enabled: true, certificate: "x" }])
      assert.deepEqual((await rig.call("PUT", `${pulls}/settings`, body)).codes, [9207]);
  });

  it("answers 404 for another zone", async () => {
    for (const where of ["", "/settings"]) {
      const { status, codes } = await rig.call(
        "GET",
        `/zones/${"c".repeat(32)}/origin_tls_client_auth${where}`,
      );
      assert.deepEqual([status, codes[0]], [404, 7003]);
    }
  });
});

const pair = ({ pem, key }: ReturnType<typeof certificate>) => ({ certificate: pem, private_key: key });
