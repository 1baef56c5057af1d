// The library's dependency tsyringe needs it, and before itself.
import "reflect-metadata";

import * as assert from "node:assert/strict";
import { webcrypto } from "node:crypto";

import * as x509 from "@peculiar/x509";

import { checkMesh } from "../../doctor/steps/mesh";
import { app, fakeContext, namespace, pod, type FakeObject } from "./fake-context";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const hour = 3_600_000;

interface Authority {
  readonly name: string;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly pem: string;
}

/** Creates a certificate, signed by itself or another. */
async function issue(
  name: string,
  { by, hours = 48 }: { readonly by?: Authority; readonly hours?: number } = {},
): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: `CN=${name}`,
      issuer: `CN=${by?.name ?? name}`,
      notBefore: new Date(Date.now() - 96 * hour),
      notAfter: new Date(Date.now() + hours * hour),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: (by?.keys ?? keys).privateKey,
    },
    webcrypto,
  );
  return { name, keys, pem: certificate.toString("pem") };
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

const secret = (name: string, where: string, pem: string): FakeObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace: where },
  data: { "tls.crt": base64(pem) },
});

const roots = (...pems: readonly string[]): FakeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "linkerd-identity-trust-roots", namespace: "linkerd" },
  data: { "ca-bundle.crt": pems.join("\n") },
});

const injector = (caBundle: string): FakeObject => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "MutatingWebhookConfiguration",
  metadata: { name: "linkerd-proxy-injector-webhook-config" },
  webhooks: [
    {
      clientConfig: {
        caBundle: base64(caBundle),
        service: { namespace: "linkerd", name: "linkerd-proxy-injector" },
      },
    },
  ],
});

const policyObject = (kind: string, name: string, spec: object, version = "v1alpha1"): FakeObject => ({
  apiVersion: `policy.linkerd.io/${version}`,
  kind,
  metadata: { name, namespace },
  spec,
});

const apps = [
  app("web", { routes: [{}], calls: ["api"] }),
  app("api"),
  app("legacy", {
    existing: true,
    namespace: "old",
    calls: ["api"],
    podLabels: { app: "legacy" },
    serviceAccount: "legacy",
  }),
];

describe("The doctor's mesh step", () => {
  let anchor: Authority, issuer: Authority, other: Authority, ca: Authority, serving: Authority;
  let certificates: readonly FakeObject[];
  before(async () => {
    [anchor, other, ca] = await Promise.all([
      issue("root", { hours: 1000 }),
      issue("other"),
      issue("webhook"),
    ]);
    issuer = await issue("identity", { by: anchor });
    serving = await issue("injector", { by: ca });
    certificates = [
      secret("linkerd-identity-issuer", "linkerd", issuer.pem),
      secret("linkerd-trust-anchor", "cert-manager", anchor.pem),
      secret("linkerd-proxy-injector-k8s-tls", "linkerd", serving.pem),
      roots(anchor.pem),
      injector(ca.pem),
    ];
  });

  /** Runs the step with some objects replaced by others of the same kind and name, or added. */
  const check = (replaced: readonly FakeObject[] = [], removed: readonly string[] = []) =>
    checkMesh(
      fakeContext(apps, (objects) => [
        ...[...objects, ...certificates].filter(
          (each) =>
            !removed.includes(each.metadata.name) &&
            !replaced.some(
              ({ kind, metadata }) => kind === each.kind && metadata.name === each.metadata.name,
            ),
        ),
        ...replaced,
      ]),
    );
  const found = async (...args: Parameters<typeof check>) =>
    (await check(...args)).findings.map(({ code, object }) => `${code} ${object}`);

  it("finds nothing in a healthy mesh, and does not warn of an issuer of 48 hours", async () => {
    const { seen, findings } = await check();
    assert.deepEqual(findings, []);
    assert.match(seen.join("; "), /^identity issuer until .*; 3 meshed pods; 3 flows authorized$/);
  });

  it("finds nothing without a mesh", async () => {
    const context = fakeContext(apps);
    assert.deepEqual(await checkMesh({ ...context, declared: [] }), {
      seen: ["not installed"],
      findings: [],
    });
  });

  it("finds an issuer that has expired, is missing, or is signed by another anchor", async () => {
    const object = "Secret linkerd/linkerd-identity-issuer";
    const name = "linkerd-identity-issuer";
    const expired = await issue("identity", { by: anchor, hours: -1 });
    assert.deepEqual(await found([secret(name, "linkerd", expired.pem)]), [`mesh/issuer-expired ${object}`]);
    assert.deepEqual(await found([], [name]), [`mesh/no-issuer ${object}`]);
    const [foreign] = (await check([secret(name, "linkerd", (await issue("identity", { by: other })).pem)]))
      .findings;
    assert.equal(foreign?.code, "mesh/issuer-not-trusted");
    assert.equal(foreign.fix, "kubectl -n linkerd delete secret linkerd-identity-issuer");
  });

  it("finds trust anchors that are not those of the stack, and lets trust-manager copy them again", async () => {
    const [finding] = (await check([roots(other.pem)])).findings;
    assert.equal(finding?.code, "mesh/issuer-not-trusted");
    assert.equal(finding.fix, "kubectl -n cert-manager rollout restart deployment trust-manager");
    assert.deepEqual(await found([roots(other.pem, anchor.pem)]), []);
  });

  it("finds trust anchors that have all expired, or none", async () => {
    const old = await issue("root", { hours: -1 });
    const object = "mesh/no-anchor ConfigMap linkerd/linkerd-identity-trust-roots";
    assert.deepEqual(await found([roots(old.pem)]), [object]);
    assert.deepEqual(await found([roots()]), [object]);
    assert.deepEqual(await found([roots(old.pem, anchor.pem)]), []);
  });

  it("finds a webhook's certificate that has expired, and a CA that does not verify it", async () => {
    const name = "linkerd-proxy-injector-k8s-tls";
    const expired = await issue("injector", { by: ca, hours: -1 });
    assert.deepEqual(await found([secret(name, "linkerd", expired.pem)]), [
      `mesh/webhook-certificate Secret linkerd/${name}`,
    ]);
    for (const bundle of [other.pem, ""])
      assert.deepEqual(await found([injector(bundle)]), [
        "mesh/webhook-certificate MutatingWebhookConfiguration linkerd-proxy-injector-webhook-config",
      ]);
  });

  const web = { app: "web", "pod-template-hash": "abc" };

  it("finds a pod without the proxy that it asks for, if anything in the cluster has one", async () => {
    const { findings } = await check([pod("web-abc-1", namespace, web, { proxy: false })], ["web"]);
    assert.deepEqual(
      findings.map(({ code, object, fix }) => [code, object, fix]),
      [["mesh/no-proxy", "Pod production/web-abc-1", "kubectl -n production rollout restart deployment web"]],
    );
    assert.deepEqual(await found([pod("web-abc-1", namespace, web, { meshed: false })], ["web"]), []);
    const context = fakeContext(apps, (objects) => [
      ...objects.map((each) =>
        each.kind === "Pod" ? { ...each, spec: { containers: [{ name: "app" }] } } : each,
      ),
      ...certificates,
    ]);
    assert.match((await checkMesh(context)).seen.join(), /whether pods have a proxy cannot be seen/);
  });

  it("finds an existing caller whose pods have another ServiceAccount than the settings have", async () => {
    const { findings } = await check([pod("legacy", "old", { app: "legacy" }, { serviceAccount: "batch" })]);
    assert.deepEqual(
      findings.map(({ code, object }) => [code, object]),
      [["mesh/unauthorized", "Server production/api-8080"]],
    );
    assert.match(
      findings[0]?.problem ?? "",
      /^does not authorize batch\.old\.serviceaccount\.identity\.linkerd\.cluster\.local \(old\/legacy\): the proxies of api/,
    );
    assert.equal(
      findings[0]?.fix,
      `pulumi config set --path 'apps["legacy"].serviceAccount' batch --stack prod && pulumi up --stack prod`,
    );
  });

  const strict = { podSelector: { matchLabels: { app: "api" } }, port: "http" };

  it("finds a Server of others that authorizes nobody, by the name of its port too", async () => {
    const { findings } = await check([policyObject("Server", "strict", strict, "v1beta3")]);
    assert.deepEqual(
      [...new Set(findings.map(({ code, object, fix }) => `${code} ${object}: ${fix}`))],
      [
        "mesh/unauthorized Server production/strict: kubectl delete server.policy.linkerd.io -n production strict",
      ],
    );
    assert.match(
      findings[0]?.problem ?? "",
      /authorize legacy\.old\.\S* \(old\/legacy\), nor web\.production\.\S* \(web\):/,
    );
    assert.deepEqual(
      await found([policyObject("Server", "strict", { ...strict, accessPolicy: "audit" }, "v1beta3")]),
      [],
    );
  });

  for (const [what, ref, extra] of [
    [
      "a pattern of identities",
      { kind: "MeshTLSAuthentication", name: "all" },
      policyObject("MeshTLSAuthentication", "all", { identities: ["*.cluster.local"] }),
    ],
    [
      "namespaces",
      { kind: "MeshTLSAuthentication", name: "all" },
      policyObject("MeshTLSAuthentication", "all", {
        identityRefs: [
          { kind: "Namespace", name: namespace },
          { kind: "Namespace", name: "old" },
        ],
      }),
    ],
    [
      "addresses",
      { kind: "NetworkAuthentication", name: "all" },
      policyObject("NetworkAuthentication", "all", { networks: [{ cidr: "10.42.0.0/16" }] }),
    ],
  ] as const)
    it(`takes an authorization by ${what} of others into account`, async () => {
      const authorization = policyObject("AuthorizationPolicy", "strict", {
        targetRef: { kind: "Server", name: "strict" },
        requiredAuthenticationRefs: [ref],
      });
      assert.deepEqual(
        await found([policyObject("Server", "strict", strict, "v1beta3"), authorization, extra]),
        [],
      );
    });

  it("leaves declared authorizations that are missing or changed to the comparison with the state", async () => {
    assert.deepEqual(await found([], ["api-8080-callers"]), []);
    assert.deepEqual(
      await found([policyObject("MeshTLSAuthentication", "api-callers", { identities: ["nobody"] })]),
      [],
    );
  });
});
