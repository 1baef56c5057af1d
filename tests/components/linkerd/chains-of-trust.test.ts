import * as assert from "node:assert/strict";

import { find, type Recorded, type Values } from "../../harness";
import { createMesh } from "./created-mesh";

/** The resources of a Mesh, and the spec of a certificate or an issuer among them. */
let resources: readonly Recorded[] = [];
const specOf = (type: string, name: string) => find(resources, `:${type}`, name).inputs.spec as Values;
const identity = { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" };
const webhook = { ...identity, encoding: "PKCS8" };

describe("the certificates of the mesh", () => {
  before(async () => {
    ({ resources } = await createMesh());
  });

  const hosts = {
    "mesh-proxy-injector-tls": "linkerd-proxy-injector.linkerd.svc",
    "mesh-sp-validator-tls": "linkerd-sp-validator.linkerd.svc",
    "mesh-policy-validator-tls": "linkerd-policy-validator.linkerd.svc",
    "mesh-viz-tap-tls": "tap.linkerd-viz.svc",
    "mesh-viz-tap-injector-tls": "tap-injector.linkerd-viz.svc",
  };
  const years = { isCA: true, duration: "87600h", renewBefore: "2160h" };
  const days = { duration: "2160h", renewBefore: "720h", privateKey: webhook, usages: ["server auth"] };
  const keptKey = { ...webhook, rotationPolicy: "Never" };
  for (const [what, name, spec] of [
    ["a trust anchor for ten years", "mesh-trust-anchor", { ...years, privateKey: identity }],
    [
      "an identity issuer that the anchor signs every day",
      "mesh-identity",
      { isCA: true, duration: "48h", renewBefore: "25h", privateKey: identity },
    ],
    ["a CA of webhooks, which keeps its key", "mesh-webhook-ca", { ...years, privateKey: keptKey }],
    ["a CA of viz's webhooks, which keeps its key", "mesh-viz-webhook-ca", { ...years, privateKey: keptKey }],
    ...Object.entries(hosts).map(
      ([name, host]) => [`a certificate for ${host}`, name, { dnsNames: [host], ...days }] as const,
    ),
  ] as const)
    it(`include ${what} (${name})`, () => {
      const { commonName, issuerRef, secretName, ...rest } = specOf("Certificate", name);
      assert.ok(issuerRef && secretName && (commonName ?? rest.dnsNames));
      assert.deepEqual(rest, spec);
    });

  for (const [name, spec] of [
    ["mesh-trust-root-issuer", { selfSigned: {} }],
    ["mesh-webhook-root-issuer", { selfSigned: {} }],
    ["mesh-viz-webhook-issuer", { ca: { secretName: "webhook-ca" } }],
  ] as const)
    it(`are signed as ${name} specifies`, () => assert.deepEqual(specOf("Issuer", name), spec));

  for (const trustPreviousAnchor of [false, true])
    it(`are trusted by the anchor${trustPreviousAnchor ? " and the previous one" : ""}`, async () => {
      const mesh = await createMesh({ trustPreviousAnchor });
      const { sources, target } = find(mesh.resources, ":Bundle", "mesh-trust-roots").inputs.spec as Values;
      assert.deepEqual(
        (sources as Values[]).map(({ secret }) => (secret as Values).name),
        ["linkerd-trust-anchor", ...(trustPreviousAnchor ? ["linkerd-previous-anchor"] : [])],
      );
      assert.deepEqual(target, {
        configMap: { key: "ca-bundle.crt" },
        namespaceSelector: { matchLabels: { "linkerd.io/is-control-plane": "true" } },
      });
    });

  it("are awaited, and the CA of each webhook is injected into its chart", () => {
    const certificates = resources.filter(({ type }) => type.endsWith(":Certificate"));
    for (const { inputs } of certificates)
      assert.deepEqual((inputs.metadata as Values).annotations, { "pulumi.com/waitFor": "condition=Ready" });
    const injected = ["mesh-control-plane", "mesh-viz-chart"].flatMap((name) =>
      Object.values(find(resources, ":Release", name).inputs.values as Record<string, unknown>).flatMap(
        (each) => (each as { injectCaFrom?: string } | null)?.injectCaFrom ?? [],
      ),
    );
    const served = certificates
      .filter(({ inputs }) => "usages" in (inputs.spec as Values))
      .map(({ inputs }) => inputs.metadata as Values)
      .map(({ name, namespace }) => `${namespace as string}/${name as string}`);
    assert.deepEqual(injected.sort(), served.sort());
  });
});
