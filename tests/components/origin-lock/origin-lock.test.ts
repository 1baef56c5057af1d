import * as assert from "node:assert/strict";

import { childrenOf, find, value, type Recorded, type Value } from "../../harness";
import { pem } from "../../mocks";
import {
  allowList,
  asked,
  ca,
  caPem,
  cidrs,
  client,
  make,
  option,
  secret,
  shown,
  zoneId,
} from "./created-origin-lock";

/** Paths of every text in which `pattern` is found. */
function pathsOf(pattern: RegExp, inside: Value, at = ""): string[] {
  if (typeof inside === "string") return pattern.test(inside) ? [at] : [];
  if (typeof inside !== "object" || inside === null) return [];
  return Object.entries(inside).flatMap(([key, each]) =>
    pathsOf(pattern, each, at === "" ? key : `${at}.${key}`),
  );
}

const trusted = (resources: readonly Recorded[]) =>
  find(resources, ":Secret", "origin-lock-ca").inputs.stringData;

describe("OriginLock", () => {
  it("is a CA, what it signs for the edge, what the edge is told, and what the ingress asks for", async () => {
    const { resources } = await make();
    const children = [...ca(1), ...client(1), shown, asked, secret, option, allowList];
    assert.deepEqual(childrenOf(resources, "origin-lock"), children.sort());
    for (const { type, parent, provider } of resources)
      if (parent !== "") assert.equal(provider, type.split(":")[0]);
  });

  it("has the Secret keep one of its CAs with every change, the one it makes and the one it is given", async () => {
    for (const controller of ["traefik", "nginx"] as const)
      for (const changed of [{}, { ca: caPem(7) }]) {
        const { resources } = await make({ controller, allowedCidrs: undefined, ...changed });
        const { hooks } = find(resources, ":Secret", "origin-lock-ca");
        assert.deepEqual(hooks.beforeUpdate, ["origin-lock-keeps-one-ca"]);
      }
  });

  it("has the ingress trust its CA, in the ingress's own namespace", async () => {
    const { resources } = await make();
    const { metadata } = find(resources, ":Secret", "origin-lock-ca").inputs;
    assert.deepEqual(metadata, { name: "origin-lock-ca", namespace: "traefik" });
    assert.deepEqual(trusted(resources), { "ca.crt": caPem(1) });
  });

  it("hands the edge a certificate with its key, the key as a secret", async () => {
    const { resources } = await make();
    const { inputs, secrets } = find(resources, ":AuthenticatedOriginPullsCertificate", "origin-lock");
    assert.deepEqual(inputs, {
      zoneId,
      certificate: pem("CERTIFICATE", "origin-lock-client-1"),
      privateKey: pem("RSA PRIVATE KEY", "origin-lock-client-1"),
    });
    assert.deepEqual(secrets, ["privateKey"]);
  });

  it("has the edge show it to every origin of the zone", async () => {
    const { resources } = await make();
    assert.deepEqual(find(resources, ":AuthenticatedOriginPullsSettings", "origin-lock-settings").inputs, {
      zoneId,
      enabled: true,
    });
  });

  it("has the ingress ask for a certificate that its CA signed", async () => {
    const { resources } = await make();
    assert.deepEqual(find(resources, ":TLSOption", "origin-lock").inputs, {
      apiVersion: "traefik.io/v1alpha1",
      kind: "TLSOption",
      metadata: { name: "origin-lock", namespace: "traefik" },
      spec: {
        minVersion: "VersionTLS12",
        clientAuth: { secretNames: ["origin-lock-ca"], clientAuthType: "RequireAndVerifyClientCert" },
      },
    });
  });

  it("trusts before it shows, and shows before it asks", async () => {
    const { resources } = await make();
    const waitsFor = (id: string) =>
      resources.find(({ type, name }) => `${type} ${name}` === id)?.dependencies;
    assert.ok(waitsFor(shown)?.includes(secret));
    assert.deepEqual(waitsFor(asked), [shown]);
    assert.deepEqual(waitsFor(option), [asked]);
  });

  it("has one name for each thing at Cloudflare, by which alone it is taken over", async () => {
    const { resources } = await make();
    const names = resources.filter(({ type }) => type.startsWith("cloudflare:")).map(({ name }) => name);
    assert.deepEqual(names.sort(), ["origin-lock", "origin-lock-settings"]);
  });

  it("uploads a new certificate before the old one goes", async () => {
    const { resources } = await make();
    for (const { deleteBeforeReplace } of resources) assert.equal(deleteBeforeReplace, false);
  });

  for (const generation of [2, 3, 10])
    it(`trusts the CA before it too in generation ${generation}, and shows a certificate of the last`, async () => {
      const { resources, result } = await make({ generation });
      const before = generation - 1;
      const children = [
        ...ca(before),
        ...ca(generation),
        ...client(generation),
        shown,
        asked,
        secret,
        option,
        allowList,
      ];
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

  it("keeps the CA of a generation as it is while the next one comes", async () => {
    const [one, two] = [(await make()).resources, (await make({ generation: 2 })).resources];
    for (const type of [":PrivateKey", ":SelfSignedCert"])
      assert.deepEqual(find(two, type, "origin-lock-ca-1"), find(one, type, "origin-lock-ca-1"));
  });

  it("asks for a certificate of the CAs it is given, and leaves the edge to the zone's own stack", async () => {
    const { resources, result } = await make({ ca: caPem(7) });
    assert.deepEqual(childrenOf(resources, "origin-lock"), [secret, allowList, option].sort());
    assert.deepEqual(trusted(resources), { "ca.crt": caPem(7) });
    assert.deepEqual(find(resources, ":TLSOption", "origin-lock").dependencies, [secret]);
    assert.equal(await value(result.ca), caPem(7));
  });

  it("lets only Cloudflare's ranges in", async () => {
    const { resources } = await make();
    assert.deepEqual(find(resources, ":Middleware", "origin-lock").inputs, {
      apiVersion: "traefik.io/v1alpha1",
      kind: "Middleware",
      metadata: { name: "origin-lock", namespace: "traefik" },
      spec: { ipAllowList: { sourceRange: cidrs } },
    });
  });

  it("tells the CAs for the other stacks, and none without a client certificate", async () => {
    const { result, outputs } = await make();
    assert.equal(await value(result.ca), caPem(1));
    assert.deepEqual(outputs.find(({ of }) => of.endsWith(" origin-lock"))?.outputs, { ca: caPem(1) });
    assert.equal(await value((await make({ clientCertificate: false })).result.ca), "");
  });

  it("holds no private key in plain, and puts none into the cluster or among its outputs", async () => {
    const { resources, outputs } = await make({ generation: 2 });
    const keys = resources.flatMap(({ type, name, inputs, secrets }) =>
      pathsOf(/PRIVATE KEY/, inputs).map((at) => ({ of: `${type} ${name}`, at, secrets })),
    );
    assert.equal(keys.length, 5);
    for (const { of, at, secrets } of keys) {
      assert.ok(secrets.includes(at), `${of} has ${at} in plain`);
      assert.doesNotMatch(of, /^kubernetes:/);
    }
    assert.deepEqual(
      outputs.flatMap((each) => pathsOf(/PRIVATE KEY/, each.outputs)),
      [],
    );
  });
});
