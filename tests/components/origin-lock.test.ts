import * as assert from "node:assert/strict";

import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { OriginLock, type OriginLockArgs } from "../../components/origin-lock";
import { childrenOf, find, run, value, type Recorded, type Value } from "../harness";
import { pem } from "../mocks";
import { providers } from "./providers";

const zoneId = "0123456789abcdef0123456789abcdef";
const cidrs = ["173.245.48.0/20", "2400:cb00::/32"];

const args: OriginLockArgs = {
  zone: "example.com",
  zoneId,
  ingressNamespace: pulumi.output("traefik"),
  clientCertificate: true,
  allowedCidrs: pulumi.output(cidrs),
  generation: 1,
};

const make = (changed: Partial<OriginLockArgs> = {}) =>
  run(() => new OriginLock("origin-lock", { ...args, ...changed }, { providers: providers() }));

const edge = "cloudflare:index/authenticatedOriginPulls";
const shown = `${edge}Certificate:AuthenticatedOriginPullsCertificate origin-lock`;
const asked = `${edge}Settings:AuthenticatedOriginPullsSettings origin-lock-settings`;
const secret = "kubernetes:core/v1:Secret origin-lock-ca";
const option = "kubernetes:traefik.io/v1alpha1:TLSOption origin-lock";
const allowList = "kubernetes:traefik.io/v1alpha1:Middleware origin-lock";

const ca = (generation: number) => [
  `tls:index/privateKey:PrivateKey origin-lock-ca-${generation}`,
  `tls:index/selfSignedCert:SelfSignedCert origin-lock-ca-${generation}`,
];
const client = (generation: number) => [
  `tls:index/certRequest:CertRequest origin-lock-client-${generation}`,
  `tls:index/locallySignedCert:LocallySignedCert origin-lock-client-${generation}`,
  `tls:index/privateKey:PrivateKey origin-lock-client-${generation}`,
];
const caPem = (generation: number) => pem("CERTIFICATE", `origin-lock-ca-${generation}`);

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
    for (const changed of [{}, { ca: caPem(7) }]) {
      const { resources } = await make(changed);
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

  const reference = "traefik-origin-lock@kubernetescrd";
  const locks: [says: string, changed: Partial<OriginLockArgs>, edgeOnly: object, children?: string[]][] = [
    ["both", {}, { tlsOptions: reference, middleware: reference }],
    ["the client certificate alone", { allowedCidrs: undefined }, { tlsOptions: reference }],
    ["the allow-list alone", { clientCertificate: false }, { middleware: reference }, [allowList]],
    ["nothing", { clientCertificate: false, allowedCidrs: undefined }, {}, []],
  ];
  for (const [says, changed, edgeOnly, children] of locks)
    it(`names what Traefik is to put before a proxied host: ${says}`, async () => {
      const { resources, result } = await make(changed);
      assert.deepEqual(await value(pulumi.output(result.edgeOnly)), edgeOnly);
      if (children !== undefined) assert.deepEqual(childrenOf(resources, "origin-lock"), children);
      else assert.ok(childrenOf(resources, "origin-lock").includes(option));
    });

  it("names what is there already to whoever reads it", async () => {
    const { resources } = await run(() => {
      const { edgeOnly } = new OriginLock("origin-lock", args, { providers: providers() });
      const read = (name: string, reference: pulumi.Input<string> = "") =>
        new kubernetes.core.v1.Namespace(name, { metadata: { annotations: { reference } } });
      read("tlsOptions", edgeOnly.tlsOptions);
      read("middleware", edgeOnly.middleware);
    });
    assert.ok(find(resources, ":Namespace", "tlsOptions").dependencies.includes(option));
    assert.ok(find(resources, ":Namespace", "middleware").dependencies.includes(allowList));
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
