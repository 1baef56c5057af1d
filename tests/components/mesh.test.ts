import * as assert from "node:assert/strict";

import { chartsFrom } from "../../components/charts";
import { controlPlaneValues, Mesh } from "../../components/mesh";
import { childrenOf, find, run, value, type Recorded } from "../harness";
import { providers } from "./providers";

const make = (nodes = 1) =>
  run(
    () =>
      new Mesh(
        "mesh",
        {
          charts: chartsFrom(),
          certManagerNamespace: "cert-manager",
          nodes,
          trustDomain: "mesh.example.com",
        },
        { providers: providers() },
      ),
  );

const privateKey = { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" };
const untilReady = { "pulumi.com/waitFor": "condition=Ready" };

const dependenciesOf = (resources: readonly Recorded[], type: string, name: string) =>
  find(resources, type, name).dependencies;

describe("Mesh", () => {
  it("is the chain of trust, the charts, and the namespaces they live in", async () => {
    const { resources } = await make();
    assert.deepEqual(childrenOf(resources, "mesh"), [
      "kubernetes:cert-manager.io/v1:Certificate mesh-identity",
      "kubernetes:cert-manager.io/v1:Certificate mesh-trust-anchor",
      "kubernetes:cert-manager.io/v1:ClusterIssuer mesh-identity-issuer",
      "kubernetes:cert-manager.io/v1:Issuer mesh-trust-root-issuer",
      "kubernetes:core/v1:Namespace mesh",
      "kubernetes:core/v1:Namespace mesh-viz",
      "kubernetes:helm.sh/v3:Release mesh-control-plane",
      "kubernetes:helm.sh/v3:Release mesh-crds",
      "kubernetes:helm.sh/v3:Release mesh-trust-manager",
      "kubernetes:helm.sh/v3:Release mesh-viz-chart",
      "kubernetes:trust.cert-manager.io/v1alpha1:Bundle mesh-trust-roots",
    ]);
    for (const { provider } of resources.filter(({ parent }) => parent !== ""))
      assert.equal(provider, "kubernetes");
  });

  it("starts with a trust anchor of ten years that signs itself", async () => {
    const { resources } = await make();
    assert.deepEqual(find(resources, ":Issuer", "mesh-trust-root-issuer").inputs, {
      apiVersion: "cert-manager.io/v1",
      kind: "Issuer",
      metadata: { name: "linkerd-trust-root-issuer", namespace: "cert-manager" },
      spec: { selfSigned: {} },
    });
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

  it("has the anchor sign the identity issuer, anew every day", async () => {
    const { resources } = await make();
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

  it("hands the anchor's public half, and not its key, to the control plane's namespace", async () => {
    const { resources } = await make();
    const { inputs } = find(resources, ":Bundle", "mesh-trust-roots");
    assert.deepEqual(inputs.metadata, { name: "linkerd-identity-trust-roots" });
    assert.deepEqual(inputs.spec, {
      sources: [{ secret: { name: "linkerd-trust-anchor", key: "tls.crt" } }],
      target: {
        configMap: { key: "ca-bundle.crt" },
        namespaceSelector: { matchLabels: { "linkerd.io/is-control-plane": "true" } },
      },
    });
    const labels = (find(resources, ":Namespace", "mesh").inputs.metadata as { labels: object }).labels;
    assert.equal((labels as Record<string, string>)["linkerd.io/is-control-plane"], "true");
  });

  it("labels the control plane's namespace so that it does not inject itself", async () => {
    const { resources } = await make();
    assert.deepEqual(find(resources, ":Namespace", "mesh").inputs.metadata, {
      name: "linkerd",
      labels: {
        "linkerd.io/is-control-plane": "true",
        "linkerd.io/control-plane-ns": "linkerd",
        "config.linkerd.io/admission-webhooks": "disabled",
        "pod-security.kubernetes.io/enforce": "privileged",
      },
      annotations: { "linkerd.io/inject": "disabled" },
    });
    assert.deepEqual(find(resources, ":Namespace", "mesh-viz").inputs.metadata, {
      name: "linkerd-viz",
      labels: { "linkerd.io/extension": "viz", "pod-security.kubernetes.io/enforce": "privileged" },
    });
  });

  for (const [name, chart, namespace, values] of [
    ["mesh-trust-manager", "trust-manager", "cert-manager", undefined],
    ["mesh-crds", "linkerd-crds", "linkerd", undefined],
    [
      "mesh-control-plane",
      "linkerd-control-plane",
      "linkerd",
      controlPlaneValues({ nodes: 1, trustDomain: "mesh.example.com" }),
    ],
    ["mesh-viz-chart", "linkerd-viz", "linkerd-viz", { identityTrustDomain: "mesh.example.com" }],
  ] as const)
    it(`installs ${chart} in ${namespace}`, async () => {
      const { inputs } = find((await make()).resources, ":Release", name);
      assert.deepEqual([inputs.name, inputs.namespace, inputs.values], [chart, namespace, values]);
    });

  it("lets trust flow in order: issuer, anchor, identity, roots, and only then the control plane", async () => {
    const { resources } = await make();
    const after = (type: string, name: string, ...before: string[]) => {
      const dependencies = dependenciesOf(resources, type, name);
      for (const each of before) assert.ok(dependencies.includes(each), `${name} must come after ${each}`);
    };
    const anchor = "kubernetes:cert-manager.io/v1:Certificate mesh-trust-anchor";
    after(":Certificate", "mesh-trust-anchor", "kubernetes:cert-manager.io/v1:Issuer mesh-trust-root-issuer");
    after(":ClusterIssuer", "mesh-identity-issuer", anchor);
    after(
      ":Certificate",
      "mesh-identity",
      "kubernetes:cert-manager.io/v1:ClusterIssuer mesh-identity-issuer",
      "kubernetes:core/v1:Namespace mesh",
    );
    after(":Bundle", "mesh-trust-roots", anchor, "kubernetes:helm.sh/v3:Release mesh-trust-manager");
    after(
      ":Release",
      "mesh-control-plane",
      "kubernetes:helm.sh/v3:Release mesh-crds",
      "kubernetes:cert-manager.io/v1:Certificate mesh-identity",
      "kubernetes:trust.cert-manager.io/v1alpha1:Bundle mesh-trust-roots",
    );
    after(":Release", "mesh-viz-chart", "kubernetes:helm.sh/v3:Release mesh-control-plane");
  });

  it("tells the control plane's namespace and the trust domain", async () => {
    const { result } = await make();
    assert.deepEqual([await value(result.namespace), result.trustDomain], ["linkerd", "mesh.example.com"]);
  });
});

describe("controlPlaneValues", () => {
  const small = {
    identityTrustDomain: "cluster.local",
    identity: { externalCA: true, issuer: { scheme: "kubernetes.io/tls" } },
    disableHeartBeat: true,
    controllerReplicas: 1,
    webhookFailurePolicy: "Ignore",
  };

  for (const nodes of [1, 2])
    it(`runs one copy on ${nodes} nodes, without which pods still start`, () =>
      assert.deepEqual(controlPlaneValues({ nodes, trustDomain: "cluster.local" }), small));

  it("runs three copies on three nodes, apart, and lets no pod start without the mesh", () => {
    const values = controlPlaneValues({ nodes: 3, trustDomain: "cluster.local" }) as Record<string, unknown>;
    const { controllerReplicas, webhookFailurePolicy, enablePodAntiAffinity, enablePodDisruptionBudget } =
      values;
    assert.deepEqual(
      [controllerReplicas, webhookFailurePolicy, enablePodAntiAffinity, enablePodDisruptionBudget],
      [3, "Fail", true, true],
    );
  });
});
