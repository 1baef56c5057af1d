import * as assert from "node:assert/strict";

import { demandsOf, refusals } from "../sandbox/edge/origin-history";
import { shared, type ZoneState } from "../sandbox/edge/zone-history";
import { TestCa } from "../wire/network/test-ca";

/** A write that the API server took. */
const write = (at: string, resource: string, name: string, result: object, verb = "patch", code = 200) => ({
  verb,
  requestReceivedTimestamp: `1970-01-01T00:00:0${at}Z`,
  objectRef: { resource, namespace: "traefik", name },
  responseStatus: { code },
  responseObject: { kind: "Any", ...result },
});
const option = (at: string, spec: object, code = 200) =>
  write(at, "tlsoptions", "default", { metadata: {}, spec }, "patch", code);
const asks = {
  clientAuth: { clientAuthType: "RequireAndVerifyClientCert", secretNames: ["origin-lock-ca"] },
};

describe("What the ingress asks for", () => {
  const deleting = { metadata: { deletionTimestamp: "x", finalizers: ["foregroundDeletion"] }, spec: asks };
  const deleted = { kind: "PartialObjectMetadata", metadata: { deletionTimestamp: "x" } };
  for (const [what, writes, expected] of [
    [
      "a certificate from the moment when the TLSOption says so",
      [option("1.000000", {}), option("2.000999", asks)],
      [[1000], [2000, 0]],
    ],
    [
      "in the order in which the requests came, without those that were refused",
      [option("2.000002", {}), option("2.000001", asks), option("3.000000", asks, 409)],
      [[2000, 0], [2000]],
    ],
    [
      "nothing any more when the TLSOption is gone, and not before its finalizers are",
      [
        option("1.000000", asks),
        write("2.000000", "tlsoptions", "default", deleting, "delete"),
        write("3.000000", "tlsoptions", "default", deleted),
        option("4.000000", asks),
        write("5.000000", "tlsoptions", "default", { kind: "Status", metadata: {} }, "delete"),
      ],
      [[1000, 0], [2000, 0], [3000], [4000, 0], [5000]],
    ],
  ] as const)
    it(`is ${what}`, () =>
      assert.deepEqual(
        demandsOf(writes).map(({ at, cas }) => (cas ? [at, cas.length] : [at])),
        expected,
      ));
});

describe("The ingress turns the edge away", () => {
  const zone = (at: number, shown?: string, pullsOn = true): ZoneState => ({
    seq: at,
    at,
    pullsOn,
    records: new Map(),
    certificates: new Map(shown === undefined ? [] : [["1", { certificate: shown, status: "active" }]]),
  });
  const trusting = (at: string, ...pems: readonly string[]) => {
    const data = { "ca.crt": Buffer.from(pems.join("")).toString("base64") };
    return write(at, "secrets", "origin-lock-ca", { metadata: {}, data });
  };
  const turnedAway = (states: readonly ZoneState[], ...writes: readonly object[]) =>
    refusals(states, demandsOf(writes)).map(({ at, why }) => `${at} ${why}`);

  it("not while it asks for nothing", () =>
    assert.deepEqual(turnedAway([zone(1000), zone(3000, undefined, false)], option("2.000000", {})), []));

  it("where it trusts no CA, at each moment between the asking and the end of it", () => {
    const states = [1000, 2000, 3000, 4000].map((at) => zone(at));
    assert.deepEqual(
      turnedAway(states, option("1.500000", asks), option("3.500000", {})),
      ["1500", "2000", "3000"].map((at) => `${at} the ingress trusts no CA`),
    );
  });

  it("where the edge shows nothing, or Cloudflare's shared certificate", async () => {
    const { cert } = await TestCa.create("CA");
    const states = [zone(1000, undefined, false), zone(2000)];
    assert.deepEqual(turnedAway(states, trusting("0.000000", cert), option("0.000000", asks)), [
      "0 the edge shows no certificate",
      "1000 the edge shows no certificate",
      `2000 the edge shows ${shared}`,
    ]);
  });

  it("where it trusts none of the CAs that issued what the edge shows, though they bear the same name", async () => {
    const [old, current] = [await TestCa.create("CA"), await TestCa.create("CA")];
    const { cert } = await current.issue(["client"]);
    const found = turnedAway(
      [zone(1000, cert)],
      option("1.000000", asks),
      trusting("2.000000", old.cert),
      trusting("3.000000", old.cert, current.cert),
      trusting("4.000000", current.cert),
    );
    assert.deepEqual(
      found.map((line) => line.replace(/issued .*/, "issued it")),
      ["1000 the ingress trusts no CA", "2000 the ingress trusts no CA that issued it"],
    );
  });
});
