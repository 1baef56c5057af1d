import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import {
  CertManager,
  buildCertManagerValues,
  type CertManagerArgs,
} from "../../../components/cert-manager/cert-manager";
import { certificateAlerts } from "../../../components/cert-manager/certificate-alerts";
import { resolveCharts } from "../../../components/charts";
import { childrenOf, find, run, value, type Recorded } from "../../harness";
import { authority } from "../../settings/certificates";
import { providers } from "../providers";

const make = (more: Pick<CertManagerArgs, "acme" | "alerts"> = {}) =>
  run(
    () =>
      new CertManager(
        "certs",
        {
          chart: resolveCharts()["cert-manager"],
          nodes: 1,
          email: "admin@example.com",
          zone: "example.com",
          cloudflareToken: pulumi.secret("the-token"),
          ingressClassName: "traefik",
          ...more,
        },
        { providers: providers() },
      ),
  );

const secretRef = { name: "cloudflare-api-token", key: "token" };
const dns01 = { cloudflare: { apiTokenSecretRef: secretRef } };

const specOf = (resources: readonly Recorded[], type: string, name: string) =>
  find(resources, type, name).inputs.spec;

describe("CertManager", () => {
  it("is the controller in a namespace of its own, the token, and both issuers", async () => {
    const { resources } = await make();
    assert.deepEqual(childrenOf(resources, "certs"), [
      "kubernetes:cert-manager.io/v1:ClusterIssuer certs-letsencrypt-prod",
      "kubernetes:cert-manager.io/v1:ClusterIssuer certs-letsencrypt-staging",
      "kubernetes:core/v1:Namespace certs",
      "kubernetes:core/v1:Secret certs-cloudflare-token",
      "kubernetes:helm.sh/v3:Release certs-chart",
    ]);
    for (const { provider } of resources.filter(({ parent }) => parent !== ""))
      assert.equal(provider, "kubernetes");
  });

  it("installs the chart into that namespace", async () => {
    const { resources } = await make();
    const { inputs } = find(resources, ":Release", "certs-chart");
    assert.deepEqual([inputs.name, inputs.namespace], ["cert-manager", "cert-manager"]);
    assert.deepEqual(inputs.values, buildCertManagerValues({ nodes: 1 }));
  });

  it("keeps the token secret, where the issuers look for it", async () => {
    const { resources } = await make();
    const { inputs, secrets } = find(resources, ":Secret", "certs-cloudflare-token");
    assert.deepEqual(inputs.metadata, { name: secretRef.name, namespace: "cert-manager" });
    assert.deepEqual(inputs.stringData, { [secretRef.key]: "the-token" });
    assert.deepEqual(secrets, ["stringData"]);
  });

  it("answers production challenges by DNS in the zone", async () => {
    const { resources } = await make();
    assert.deepEqual(specOf(resources, ":ClusterIssuer", "certs-letsencrypt-prod"), {
      acme: {
        email: "admin@example.com",
        server: "https://acme-v02.api.letsencrypt.org/directory",
        privateKeySecretRef: { name: "letsencrypt-prod-key" },
        solvers: [{ dns01, selector: { dnsZones: ["example.com"] } }],
      },
    });
  });

  it("rehearses in the zone the way that production goes, and by HTTP elsewhere", async () => {
    const { resources } = await make();
    assert.deepEqual(specOf(resources, ":ClusterIssuer", "certs-letsencrypt-staging"), {
      acme: {
        email: "admin@example.com",
        server: "https://acme-staging-v02.api.letsencrypt.org/directory",
        privateKeySecretRef: { name: "letsencrypt-staging-key" },
        solvers: [
          { dns01, selector: { dnsZones: ["example.com"] } },
          { http01: { ingress: { ingressClassName: "traefik", serviceType: "ClusterIP" } } },
        ],
      },
    });
  });

  const directory = "https://ca.example.net/acme/directory";
  for (const [who, ca, more] of [
    ["that a public CA vouches for", undefined, {}],
    ["with the CAs that vouch for it, in base64", authority, { caBundle: btoa(authority) }],
  ] as const)
    it(`has a third issuer of any other directory, ${who}`, async () => {
      const { resources } = await make({ acme: { server: directory, ca } });
      const { inputs } = find(resources, ":ClusterIssuer", "certs-acme");
      assert.deepEqual(inputs.metadata, { name: "acme" });
      assert.deepEqual(inputs.spec, {
        acme: {
          email: "admin@example.com",
          server: directory,
          ...more,
          privateKeySecretRef: { name: "acme-key" },
          solvers: [{ dns01, selector: { dnsZones: ["example.com"] } }],
        },
      });
    });

  it("has Prometheus watch over the certificates, if told so", async () => {
    const { resources } = await make({ alerts: true });
    const { inputs } = find(resources, ":Release", "certs-chart");
    assert.deepEqual(inputs.values, buildCertManagerValues({ nodes: 1, alerts: true }));
    const rule = find(resources, ":PrometheusRule", "certs-alerts");
    assert.deepEqual(rule.inputs.metadata, { name: "certificate-renewal", namespace: "cert-manager" });
    assert.deepEqual(rule.inputs.spec, certificateAlerts);
    assert.equal(childrenOf(resources, "certs").length, 6);
  });

  it("makes issuers after controller and token", async () => {
    const { resources } = await make({ acme: { server: directory } });
    for (const issuer of ["certs-letsencrypt-prod", "certs-letsencrypt-staging", "certs-acme"])
      assert.deepEqual(find(resources, ":ClusterIssuer", issuer).dependencies, [
        "kubernetes:core/v1:Secret certs-cloudflare-token",
        "kubernetes:helm.sh/v3:Release certs-chart",
      ]);
  });

  it("tells its namespace as the release has it, so that whoever reads it comes after the release", async () => {
    const { result } = await make();
    assert.equal(await value(result.namespace), "cert-manager");
  });
});

describe("certManagerValues", () => {
  it("brings the CRDs, and keeps them when the release goes", () =>
    assert.deepEqual(buildCertManagerValues({ nodes: 1 }).crds, { enabled: true, keep: true }));

  it("asks public resolvers whether a challenge is seen", () => {
    const values = buildCertManagerValues({ nodes: 1 });
    assert.equal(values.dns01RecursiveNameservers, "1.1.1.1:53,1.0.0.1:53");
    assert.equal(values.dns01RecursiveNameserversOnly, true);
  });

  it("has metrics read by the operator only if told so, and keeps the namespace that they speak of", () => {
    const servicemonitor = { enabled: true, honorLabels: true };
    assert.deepEqual(buildCertManagerValues({ nodes: 1, alerts: true }).prometheus, { servicemonitor });
    for (const alerts of [false, undefined])
      assert.ok(!("prometheus" in buildCertManagerValues({ nodes: 1, alerts })));
  });

  for (const [nodes, copies] of [
    [1, [1, 1, 1]],
    [2, [1, 1, 1]],
    [3, [2, 3, 2]],
    [5, [2, 3, 2]],
  ] as const)
    it(`runs ${copies.join(", ")} of controller, webhook and cainjector on ${nodes} nodes`, () => {
      const podDisruptionBudget = { enabled: nodes >= 3 };
      const [replicaCount, webhook, cainjector] = copies;
      const values = buildCertManagerValues({ nodes });
      assert.equal(values.replicaCount, replicaCount);
      assert.deepEqual(values.podDisruptionBudget, podDisruptionBudget);
      assert.deepEqual(values.webhook, { replicaCount: webhook, podDisruptionBudget });
      assert.deepEqual(values.cainjector, { replicaCount: cainjector, podDisruptionBudget });
    });
});
