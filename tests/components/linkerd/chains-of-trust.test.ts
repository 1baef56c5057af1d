import * as assert from "node:assert/strict";

import { find } from "../../harness";
import { createMesh } from "./created-mesh";

const untilReady = { "pulumi.com/waitFor": "condition=Ready" };
const selfSigned = { selfSigned: {} };

describe("the certificates of mesh identities", () => {
  const privateKey = { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" };

  it("have a self-signed trust anchor for ten years", async () => {
    const { resources } = await createMesh();
    const { inputs: root } = find(resources, ":Issuer", "mesh-trust-root-issuer");
    assert.deepEqual(
      [root.metadata, root.spec],
      [{ name: "linkerd-trust-root-issuer", namespace: "cert-manager" }, selfSigned],
    );
    const { inputs } = find(resources, ":Certificate", "mesh-trust-anchor");
    assert.deepEqual(inputs.metadata, {
      name: "linkerd-trust-anchor",
      namespace: "cert-manager",
      annotations: untilReady,
    });
    assert.deepEqual(inputs.spec, {
      secretName: "linkerd-trust-anchor",
      issuerRef: { kind: "Issuer", name: "linkerd-trust-root-issuer" },
      isCA: true,
      commonName: "root.linkerd.mesh.example.com",
      duration: "87600h",
      renewBefore: "2160h",
      privateKey,
    });
  });

  it("have an identity issuer that the anchor signs every day", async () => {
    const { resources } = await createMesh();
    assert.deepEqual(find(resources, ":ClusterIssuer", "mesh-identity-issuer").inputs.spec, {
      ca: { secretName: "linkerd-trust-anchor" },
    });
    const { inputs } = find(resources, ":Certificate", "mesh-identity");
    assert.deepEqual(inputs.metadata, {
      name: "linkerd-identity-issuer",
      namespace: "linkerd",
      annotations: untilReady,
    });
    assert.deepEqual(inputs.spec, {
      secretName: "linkerd-identity-issuer",
      issuerRef: { kind: "ClusterIssuer", name: "linkerd-identity-issuer" },
      isCA: true,
      commonName: "identity.linkerd.mesh.example.com",
      duration: "48h",
      renewBefore: "25h",
      privateKey,
    });
  });

  for (const [trustPreviousAnchor, anchors] of [
    [undefined, ["linkerd-trust-anchor"]],
    [false, ["linkerd-trust-anchor"]],
    [true, ["linkerd-trust-anchor", "linkerd-previous-anchor"]],
  ] as const)
    it(`are trusted by the certificates of ${anchors.join(" and ")} with trustPreviousAnchor ${String(trustPreviousAnchor)}`, async () => {
      const { resources } = await createMesh({ trustPreviousAnchor });
      const { inputs } = find(resources, ":Bundle", "mesh-trust-roots");
      assert.deepEqual(inputs.metadata, {
        name: "linkerd-identity-trust-roots",
        annotations: { "pulumi.com/waitFor": "condition=Synced" },
      });
      assert.deepEqual(inputs.spec, {
        sources: anchors.map((name) => ({ secret: { name, key: "tls.crt" } })),
        target: {
          configMap: { key: "ca-bundle.crt" },
          namespaceSelector: { matchLabels: { "linkerd.io/is-control-plane": "true" } },
        },
      });
    });
});

describe("the certificates of the mesh's webhooks", () => {
  for (const [prefix, namespace] of [
    ["mesh", "linkerd"],
    ["mesh-viz", "linkerd-viz"],
  ] as const)
    it(`have their own CA in ${namespace}, which keeps its key when it is renewed`, async () => {
      const { resources } = await createMesh();
      const at = (name: string, rest = {}) => ({ name, namespace, ...rest });
      const { inputs: root } = find(resources, ":Issuer", `${prefix}-webhook-root-issuer`);
      assert.deepEqual([root.metadata, root.spec], [at("webhook-root-issuer"), selfSigned]);
      const { inputs: authority } = find(resources, ":Certificate", `${prefix}-webhook-ca`);
      assert.deepEqual(authority.metadata, at("webhook-ca", { annotations: untilReady }));
      assert.deepEqual(authority.spec, {
        secretName: "webhook-ca",
        issuerRef: { kind: "Issuer", name: "webhook-root-issuer" },
        isCA: true,
        commonName: "webhook.linkerd.cluster.local",
        duration: "87600h",
        renewBefore: "2160h",
        privateKey: { algorithm: "ECDSA", size: 256, encoding: "PKCS8", rotationPolicy: "Never" },
      });
      const { inputs: signer } = find(resources, ":Issuer", `${prefix}-webhook-issuer`);
      assert.deepEqual(
        [signer.metadata, signer.spec],
        [at("webhook-issuer"), { ca: { secretName: "webhook-ca" } }],
      );
    });

  for (const [resource, service, namespace] of [
    ["mesh-proxy-injector-tls", "linkerd-proxy-injector", "linkerd"],
    ["mesh-sp-validator-tls", "linkerd-sp-validator", "linkerd"],
    ["mesh-policy-validator-tls", "linkerd-policy-validator", "linkerd"],
    ["mesh-viz-tap-tls", "tap", "linkerd-viz"],
    ["mesh-viz-tap-injector-tls", "tap-injector", "linkerd-viz"],
  ] as const)
    it(`are for ${service}.${namespace}.svc, and renewed before they expire`, async () => {
      const { inputs } = find((await createMesh()).resources, ":Certificate", resource);
      assert.deepEqual(inputs.metadata, { name: service, namespace, annotations: untilReady });
      assert.deepEqual(inputs.spec, {
        secretName: `${service}-k8s-tls`,
        issuerRef: { kind: "Issuer", name: "webhook-issuer" },
        dnsNames: [`${service}.${namespace}.svc`],
        duration: "2160h",
        renewBefore: "720h",
        privateKey: { algorithm: "ECDSA", size: 256, encoding: "PKCS8", rotationPolicy: "Always" },
        usages: ["server auth"],
      });
    });

  it("are all in the values of the charts, for the injection of the CA", async () => {
    const { resources } = await createMesh();
    const injected = ["mesh-control-plane", "mesh-viz-chart"].flatMap((name) =>
      Object.values(find(resources, ":Release", name).inputs.values as Record<string, unknown>).flatMap(
        (each) => (each as { injectCaFrom?: string } | null)?.injectCaFrom ?? [],
      ),
    );
    const certified = resources
      .filter(({ type, inputs }) => type.endsWith(":Certificate") && "usages" in (inputs.spec as object))
      .map(({ inputs }) => inputs.metadata as { name: string; namespace: string })
      .map(({ name, namespace }) => `${namespace}/${name}`);
    assert.deepEqual(injected.sort(), certified.sort());
    assert.equal(injected.length, 5);
  });
});
