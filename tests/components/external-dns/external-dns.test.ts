import * as assert from "node:assert/strict";
import * as crypto from "node:crypto";
import * as net from "node:net";

import * as pulumi from "@pulumi/pulumi";

import { resolveCharts } from "../../../components/charts";
import {
  ExternalDns,
  buildExternalDnsValues,
  type ExternalDnsArgs,
} from "../../../components/external-dns/external-dns";
import { find, run } from "../../harness";
import { providers } from "../providers";

const zoneId = "0123456789abcdef0123456789abcdef";

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

/** The release's values. */
async function valuesOf(changes: Partial<ExternalDnsArgs> = {}) {
  const { resources } = await make(changes);
  return find(resources, ":Release", "external-dns-chart").inputs.values as ReturnType<
    typeof buildExternalDnsValues
  >;
}

describe("ExternalDns", () => {
  it("enforces the restricted Pod Security Standard in its namespace", async () => {
    const { resources } = await make();
    assert.deepEqual(find(resources, ":Namespace", "external-dns").inputs.metadata, {
      name: "external-dns",
      labels: { "pod-security.kubernetes.io/enforce": "restricted" },
    });
  });

  it("restarts the pod for a new token, without secret values", async () => {
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
});

describe("externalDnsValues", () => {
  it("restricts external-dns to its domains, its zone and the ingress classes, with its own TXT records", async () => {
    const { domainFilters, excludeDomains, registry, txtOwnerId, annotationPrefix, extraArgs } =
      await valuesOf();
    assert.deepEqual(domainFilters, ["apps.example.com", "demo.example.com"]);
    assert.deepEqual(excludeDomains, ["api.apps.example.com"]);
    assert.deepEqual([registry, txtOwnerId], ["txt", "k3s"]);
    assert.equal(annotationPrefix, "external-dns.kubernetes.io/");
    const args = extraArgs as Record<string, unknown>;
    assert.deepEqual(args["zone-id-filter"], [zoneId]);
    assert.deepEqual(args["ingress-class"], ["traefik", "nginx"]);
    assert.ok(!("service-type-filter" in args));
  });

  it("keeps the names of its TXT records, by which it recognizes its own records", async () => {
    const { txtPrefix, extraArgs } = await valuesOf();
    assert.equal(txtPrefix, "edns-%{record_type}.");
    assert.equal((extraArgs as Record<string, unknown>)["txt-wildcard-replacement"], "wildcard");
  });

  it("publishes no private or reserved address", async () => {
    const ranges = ((await valuesOf()).extraArgs as Record<string, string[]>)["exclude-target-net"] ?? [];
    const excluded = new net.BlockList();
    for (const range of ranges) {
      const [address = "", bits = ""] = range.split("/");
      excluded.addSubnet(address, Number(bits), net.isIPv6(address) ? "ipv6" : "ipv4");
    }
    for (const address of ["10.0.0.2", "172.31.0.1", "192.168.1.1", "100.64.0.1", "127.0.0.1", "169.254.1.1"])
      assert.ok(excluded.check(address), address);
    for (const address of ["::1", "fd00::1", "fe80::1"]) assert.ok(excluded.check(address, "ipv6"), address);
    assert.ok(!excluded.check("203.0.113.7") && !excluded.check("2001:db8::7", "ipv6"));
  });

  for (const [policy, proxied] of [
    ["create-only", true],
    ["sync", false],
  ] as const)
    it(`sets the policy ${policy} and cloudflare-proxied to ${proxied}`, async () => {
      const values = await valuesOf({ policy, proxied });
      const { "cloudflare-proxied": isProxied } = values.extraArgs as Record<string, unknown>;
      assert.deepEqual([values.policy, isProxied], [policy, proxied]);
    });

  for (const sources of [["service"], ["ingress", "service"]] as const)
    it(`reads ${sources.join(" and ")}, but no NodePort Service`, async () => {
      const values = await valuesOf({ sources });
      assert.deepEqual(values.sources, sources);
      assert.deepEqual((values.extraArgs as Record<string, unknown>)["service-type-filter"], [
        "ClusterIP",
        "LoadBalancer",
        "ExternalName",
      ]);
    });
});
