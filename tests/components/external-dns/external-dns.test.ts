import * as assert from "node:assert/strict";
import * as crypto from "node:crypto";

import * as pulumi from "@pulumi/pulumi";

import { resolveCharts } from "../../../components/charts";
import {
  ExternalDns,
  externalDnsValues,
  type ExternalDnsArgs,
} from "../../../components/external-dns/external-dns";
import { childrenOf, find, run, value } from "../../harness";
import { providers } from "../providers";

const zoneId = "0123456789abcdef0123456789abcdef";
const secretRef = { name: "cloudflare-api-token", key: "token" };

const make = (changes: Partial<ExternalDnsArgs> = {}) =>
  run(
    () =>
      new ExternalDns(
        "external-dns",
        {
          chart: resolveCharts()["external-dns"],
          zoneId,
          domains: ["apps.example.com", "demo.example.com"],
          exclude: ["api.apps.example.com"],
          policy: "upsert-only",
          ownerId: "k3s",
          sources: ["ingress"],
          proxied: true,
          ingressClassNames: ["traefik", "nginx"],
          token: pulumi.secret("the-token"),
          ...changes,
        },
        { providers: providers() },
      ),
  );

/** The values as the release has them. */
async function valuesOf(changes: Partial<ExternalDnsArgs> = {}) {
  const { resources } = await make(changes);
  return find(resources, ":Release", "external-dns-chart").inputs.values as ReturnType<
    typeof externalDnsValues
  >;
}

describe("ExternalDns", () => {
  it("is the controller in a namespace of its own, and its token", async () => {
    const { resources } = await make();
    assert.deepEqual(childrenOf(resources, "external-dns"), [
      "kubernetes:core/v1:Namespace external-dns",
      "kubernetes:core/v1:Secret external-dns-cloudflare-token",
      "kubernetes:helm.sh/v3:Release external-dns-chart",
    ]);
    for (const { provider } of resources.filter(({ parent }) => parent !== ""))
      assert.equal(provider, "kubernetes");
  });

  it("lets no pod into its namespace that asks for more than it does", async () => {
    const { resources } = await make();
    assert.deepEqual(find(resources, ":Namespace", "external-dns").inputs.metadata, {
      name: "external-dns",
      labels: { "pod-security.kubernetes.io/enforce": "restricted" },
    });
  });

  it("installs the chart into that namespace, after the token", async () => {
    const { resources } = await make();
    const { inputs, dependencies } = find(resources, ":Release", "external-dns-chart");
    const { chart, version, repositoryOpts, name, namespace } = inputs;
    assert.deepEqual({ chart, version, repositoryOpts }, resolveCharts()["external-dns"]);
    assert.deepEqual([name, namespace], ["external-dns", "external-dns"]);
    assert.ok(dependencies.includes("kubernetes:core/v1:Secret external-dns-cloudflare-token"));
  });

  it("keeps the token secret, where the controller looks for it, and nowhere else", async () => {
    const { resources } = await make();
    const { inputs, secrets } = find(resources, ":Secret", "external-dns-cloudflare-token");
    assert.deepEqual(inputs.metadata, { name: secretRef.name, namespace: "external-dns" });
    assert.deepEqual(inputs.stringData, { [secretRef.key]: "the-token" });
    assert.deepEqual(secrets, ["stringData"]);
    const others = resources.filter(({ type }) => !type.endsWith(":Secret"));
    assert.doesNotMatch(JSON.stringify(others), /the-token/);
  });

  it("starts another pod for another token, and shows all its values in a preview", async () => {
    for (const token of ["the-token", "another-token"]) {
      const { resources } = await make({ token: pulumi.secret(token) });
      const { inputs, secrets } = find(resources, ":Release", "external-dns-chart");
      const digest = crypto.createHash("sha256").update(token).digest("hex");
      assert.deepEqual((inputs.values as Record<string, unknown>).podAnnotations, {
        "checksum/token": digest,
      });
      assert.deepEqual(secrets, []);
    }
  });

  it("tells its namespace as the release has it, so that whoever reads it comes after the release", async () => {
    const { result } = await make();
    assert.equal(await value(result.namespace), "external-dns");
  });
});

describe("externalDnsValues", () => {
  it("says everything, and leaves no default that another version of the chart could change", async () => {
    const { podAnnotations, ...values } = await valuesOf();
    assert.ok(podAnnotations);
    assert.deepEqual(values, {
      provider: { name: "cloudflare" },
      env: [{ name: "CF_API_TOKEN", valueFrom: { secretKeyRef: secretRef } }],
      sources: ["ingress"],
      domainFilters: ["apps.example.com", "demo.example.com"],
      excludeDomains: ["api.apps.example.com"],
      policy: "upsert-only",
      registry: "txt",
      txtOwnerId: "k3s",
      txtPrefix: "edns-%{record_type}.",
      annotationPrefix: "external-dns.kubernetes.io/",
      interval: "1m",
      triggerLoopOnEvent: true,
      logFormat: "json",
      extraArgs: {
        "cloudflare-proxied": true,
        "cloudflare-dns-records-per-page": 5000,
        "zone-id-filter": [zoneId],
        "ingress-class": ["traefik", "nginx"],
        "exclude-target-net": [
          "10.0.0.0/8",
          "172.16.0.0/12",
          "192.168.0.0/16",
          "100.64.0.0/10",
          "127.0.0.0/8",
          "169.254.0.0/16",
          "::1/128",
          "fc00::/7",
          "fe80::/10",
        ],
        "txt-wildcard-replacement": "wildcard",
      },
      resources: { requests: { cpu: "10m", memory: "64Mi" } },
    });
  });

  for (const policy of ["create-only", "upsert-only", "sync"] as const)
    it(`always names its policy: ${policy}`, async () =>
      assert.equal((await valuesOf({ policy })).policy, policy));

  for (const proxied of [true, false])
    it(`says whether records are proxied: ${proxied}`, async () => {
      const { extraArgs } = await valuesOf({ proxied });
      assert.equal((extraArgs as Record<string, unknown>)["cloudflare-proxied"], proxied);
    });

  for (const sources of [["service"], ["ingress", "service"]] as const)
    it(`reads ${sources.join(" and ")}, but publishes no node's address`, async () => {
      const values = await valuesOf({ sources });
      assert.deepEqual(values.sources, sources);
      assert.deepEqual((values.extraArgs as Record<string, unknown>)["service-type-filter"], [
        "ClusterIP",
        "LoadBalancer",
        "ExternalName",
      ]);
    });
});
