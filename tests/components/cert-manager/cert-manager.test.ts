import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import {
  CertManager,
  buildCertManagerValues,
  type CertManagerArgs,
} from "../../../components/cert-manager/cert-manager";
import { certificateAlerts } from "../../../components/cert-manager/certificate-alerts";
import { resolveCharts } from "../../../components/charts";
import { childrenOf, find, run } from "../../harness";
import { authority } from "../../settings/ca-certificate";
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

describe("CertManager", () => {
  it("has a namespace whose pods are restricted", async () => {
    const { resources } = await make();
    assert.deepEqual(find(resources, ":Namespace", "certs").inputs.metadata, {
      name: "cert-manager",
      labels: { "pod-security.kubernetes.io/enforce": "restricted" },
    });
  });

  const inZone = { dns01, selector: { dnsZones: ["example.com"] } };
  const elsewhere = { http01: { ingress: { ingressClassName: "traefik", serviceType: "ClusterIP" } } };
  for (const [what, name, host, solvers] of [
    ["in the zone for production", "letsencrypt-prod", "acme-v02", [inZone]],
    [
      "in the zone and HTTP-01 elsewhere for staging",
      "letsencrypt-staging",
      "acme-staging-v02",
      [inZone, elsewhere],
    ],
  ] as const)
    it(`uses DNS-01 ${what}`, async () => {
      const { resources } = await make();
      assert.deepEqual(find(resources, ":ClusterIssuer", `certs-${name}`).inputs.spec, {
        acme: {
          email: "admin@example.com",
          server: `https://${host}.api.letsencrypt.org/directory`,
          privateKeySecretRef: { name: `${name}-key` },
          solvers,
        },
      });
    });

  const directory = "https://ca.example.net/acme/directory";
  for (const [title, ca, more] of [
    ["with a certificate of a public CA", undefined, {}],
    ["with a CA bundle, in base64", authority, { caBundle: btoa(authority) }],
  ] as const)
    it(`creates a third issuer for another directory, ${title}`, async () => {
      const { resources } = await make({ acme: { server: directory, ca } });
      const { inputs } = find(resources, ":ClusterIssuer", "certs-acme");
      assert.deepEqual(inputs.metadata, { name: "acme" });
      assert.deepEqual(inputs.spec, {
        acme: {
          email: "admin@example.com",
          server: directory,
          ...more,
          privateKeySecretRef: { name: "acme-key" },
          solvers: [inZone],
        },
      });
    });

  it("creates alerts if configured", async () => {
    const { resources } = await make({ alerts: true });
    const { inputs } = find(resources, ":Release", "certs-chart");
    assert.deepEqual(inputs.values, buildCertManagerValues({ nodes: 1, alerts: true }));
    const rule = find(resources, ":PrometheusRule", "certs-alerts");
    assert.deepEqual(rule.inputs.metadata, { name: "certificate-renewal", namespace: "cert-manager" });
    assert.deepEqual(rule.inputs.spec, certificateAlerts);
    assert.equal(childrenOf(resources, "certs").length, 6);
  });
});

describe("buildCertManagerValues", () => {
  it("installs the CRDs, and keeps them on uninstall", () =>
    assert.deepEqual(buildCertManagerValues({ nodes: 1 }).crds, { enabled: true, keep: true }));

  it("checks challenges with public resolvers", () => {
    const values = buildCertManagerValues({ nodes: 1 });
    assert.equal(values.dns01RecursiveNameservers, "1.1.1.1:53,1.0.0.1:53");
    assert.equal(values.dns01RecursiveNameserversOnly, true);
  });

  it("creates a ServiceMonitor with honorLabels only for alerts", () => {
    const servicemonitor = { enabled: true, honorLabels: true };
    assert.deepEqual(buildCertManagerValues({ nodes: 1, alerts: true }).prometheus, { servicemonitor });
    for (const alerts of [false, undefined])
      assert.ok(!("prometheus" in buildCertManagerValues({ nodes: 1, alerts })));
  });

  for (const [nodes, replicas] of [
    [1, [1, 1, 1]],
    [2, [1, 1, 1]],
    [3, [2, 3, 2]],
    [5, [2, 3, 2]],
  ] as const)
    it(`runs ${replicas.join(", ")} replicas of controller, webhook and cainjector on ${nodes} nodes`, () => {
      const podDisruptionBudget = { enabled: nodes >= 3 };
      const common = { podDisruptionBudget, resources: { requests: { cpu: "10m", memory: "64Mi" } } };
      const [replicaCount, webhook, cainjector] = replicas;
      const values = buildCertManagerValues({ nodes });
      assert.equal(values.replicaCount, replicaCount);
      assert.deepEqual(values.podDisruptionBudget, podDisruptionBudget);
      assert.deepEqual(values.webhook, { replicaCount: webhook, ...common });
      assert.deepEqual(values.cainjector, { replicaCount: cainjector, ...common });
    });
});
