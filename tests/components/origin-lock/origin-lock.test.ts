import * as assert from "node:assert/strict";

import { childrenOf, find, value, type Recorded, type Value } from "../../harness";
import { pem } from "../../mocks";
import {
  allowList,
  activated,
  ca,
  caPem,
  cidrs,
  client,
  createLock,
  secret,
  uploaded,
  zoneId,
} from "./created-origin-lock";

/** The paths of all strings that match `pattern`. */
function findPaths(pattern: RegExp, inside: Value, at = ""): string[] {
  if (typeof inside === "string") return pattern.test(inside) ? [at] : [];
  if (typeof inside !== "object" || inside === null) return [];
  return Object.entries(inside).flatMap(([key, each]) =>
    findPaths(pattern, each, at === "" ? key : `${at}.${key}`),
  );
}

const trusted = (resources: readonly Recorded[]) =>
  find(resources, ":Secret", "origin-lock-ca").inputs.stringData;

/** The resources whatever the generation. */
const common = [uploaded, activated, secret, allowList];

describe("OriginLock", () => {
  it("creates a CA, a client certificate, its upload and activation, and the ingress's objects", async () => {
    const { resources } = await createLock();
    assert.deepEqual(childrenOf(resources, "origin-lock"), [...ca(1), ...client(1), ...common].sort());
  });

  it("requires that an update of the Secret keeps one of the CAs, its own and given ones", async () => {
    for (const controller of ["traefik", "nginx"] as const)
      for (const changed of [{}, { ca: caPem(7) }]) {
        const { resources } = await createLock({ controller, allowedCidrs: undefined, ...changed });
        const { hooks } = find(resources, ":Secret", "origin-lock-ca");
        assert.deepEqual(hooks.beforeUpdate, ["origin-lock-keeps-one-ca"]);
      }
  });

  it("uploads the client certificate with its key, the key as a secret", async () => {
    const { resources } = await createLock();
    const { inputs, secrets } = find(resources, ":AuthenticatedOriginPullsCertificate", "origin-lock");
    assert.deepEqual(inputs, {
      zoneId,
      certificate: pem("CERTIFICATE", "origin-lock-client-1"),
      privateKey: pem("RSA PRIVATE KEY", "origin-lock-client-1"),
    });
    assert.deepEqual(secrets, ["privateKey"]);
  });

  it("uploads a new certificate before the old one is deleted", async () => {
    const { resources } = await createLock();
    for (const { deleteBeforeReplace } of resources) assert.equal(deleteBeforeReplace, false);
  });

  for (const generation of [2, 3, 10])
    it(`trusts the previous CA too in generation ${generation}, and uploads a certificate of the last`, async () => {
      const { resources, result } = await createLock({ generation });
      const before = generation - 1;
      const children = [...ca(before), ...ca(generation), ...client(generation), ...common];
      assert.deepEqual(childrenOf(resources, "origin-lock"), children.sort());
      assert.deepEqual(trusted(resources), { "ca.crt": `${caPem(before)}${caPem(generation)}` });
      assert.equal(await value(result.ca), `${caPem(before)}${caPem(generation)}`);
      const { caCertPem } = find(resources, ":LocallySignedCert", `origin-lock-client-${generation}`).inputs;
      assert.equal(caCertPem, caPem(generation));
      assert.equal(
        find(resources, ":AuthenticatedOriginPullsCertificate", "origin-lock").inputs.certificate,
        pem("CERTIFICATE", `origin-lock-client-${generation}`),
      );
    });

  it("requires a certificate of the given CAs, and leaves the edge to the stack that owns the zone", async () => {
    const { resources, result } = await createLock({ ca: caPem(7) });
    assert.deepEqual(childrenOf(resources, "origin-lock"), [secret, allowList].sort());
    assert.deepEqual(trusted(resources), { "ca.crt": caPem(7) });
    assert.equal(await value(result.ca), caPem(7));
  });

  it("admits only Cloudflare's ranges", async () => {
    const { resources } = await createLock();
    const { metadata, spec } = find(resources, ":Middleware", "origin-lock").inputs;
    assert.deepEqual(metadata, { name: "origin-lock", namespace: "traefik" });
    assert.deepEqual(spec, { ipAllowList: { sourceRange: cidrs } });
  });

  it("outputs the CAs for the other stacks, and none without a client certificate", async () => {
    const { result, outputs } = await createLock();
    assert.equal(await value(result.ca), caPem(1));
    assert.deepEqual(outputs.find(({ of }) => of.endsWith(" origin-lock"))?.outputs, { ca: caPem(1) });
    assert.equal(await value((await createLock({ clientCertificate: false })).result.ca), "");
  });

  it("has private keys only as secrets, and none in the cluster or its outputs", async () => {
    const { resources, outputs } = await createLock({ generation: 2 });
    const keys = resources.flatMap(({ type, name, inputs, secrets }) =>
      findPaths(/PRIVATE KEY/, inputs).map((at) => ({ of: `${type} ${name}`, at, secrets })),
    );
    assert.equal(keys.length, 5);
    for (const { of, at, secrets } of keys) {
      assert.ok(secrets.includes(at), `${of} has ${at} in plain`);
      assert.doesNotMatch(of, /^kubernetes:/);
    }
    assert.deepEqual(
      outputs.flatMap((each) => findPaths(/PRIVATE KEY/, each.outputs)),
      [],
    );
  });
});
