import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { resolveCharts } from "../../components/charts";
import { changed, secretConfig, stackConfig, type StackConfig } from "../config";
import { value } from "../harness";
import { prod, read } from "./configurations";

/** The least that a user must say. */
const least: StackConfig = {
  ...secretConfig,
  "platform-networking:cluster": { identifier: "k3s", nodes: 1, nodeCidr: "10.0.0.0/16" },
  "platform-networking:loadBalancer": {
    name: "k3s-lb",
    location: "fsn1",
    networkId: 4711,
    labelSelector: "cluster=k3s",
  },
  "platform-networking:dns": { zone: "example.com", zoneId: "0123456789abcdef0123456789abcdef" },
  "platform-networking:certificates": { email: "admin@example.com" },
  "platform-networking:namespace": "production",
  "platform-networking:apps": {},
};

const valueAt = (settings: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((inside, key) => (inside as Record<string, unknown>)[key], settings);

describe("readSettings", () => {
  for (const stack of ["dev", "prod"]) it(`accepts the ${stack} stack`, () => read(stackConfig(stack)));

  const app = { image: "x:1", port: 8080, routes: [{ host: "example.com" }] };
  const full = changed(least, {
    "apps.web": app,
    "apps.limited": {
      ...app,
      routes: [
        {
          host: "limited.example.com",
          rateLimit: { requests: 1, period: "1s" },
          cors: { origins: ["https://example.com"] },
        },
      ],
    },
  });
  const defaults: [path: string, value: unknown][] = [
    ["cluster.podCidr", "10.42.0.0/16"],
    ["cluster.serviceCidr", "10.43.0.0/16"],
    ["cluster.apiServer", { host: "127.0.0.1", port: 6444 }],
    ["loadBalancer.type", "lb11"],
    ["loadBalancer.algorithm", "round_robin"],
    ["loadBalancer.nodePorts", { http: 30080, https: 30443, nginxHealth: 31254 }],
    ["loadBalancer.proxyProtocol", true],
    ["loadBalancer.location", { location: "fsn1" }],
    ["dns.plan", "free"],
    ["dns.domain", "example.com"],
    ["dns.dnssec", false],
    [
      "dns.records",
      [
        { type: "A", name: "@", proxied: true },
        { type: "A", name: "limited", proxied: true },
      ],
    ],
    ["certificates.issuer", "letsencrypt-prod"],
    ["certificates.alerts", false],
    [
      "cilium",
      {
        version: resolveCharts().cilium.version,
        encryption: true,
        ipam: "kubernetes",
        clusterDefaultDeny: false,
        dropEvents: false,
      },
    ],
    [
      "mesh",
      {
        trustDomain: "cluster.local",
        defaultInboundPolicy: "all-unauthenticated",
        viz: true,
        trustPreviousAnchor: false,
      },
    ],
    [
      "ingress",
      {
        controller: "traefik",
        replicas: { min: 3, max: 10 },
        resources: { cpu: "100m", memory: "128Mi" },
        keepAliveSeconds: 180,
        maxRequestSeconds: 3600,
      },
    ],
    ["ownsZone", false],
    ["edge", undefined],
    ["waf", undefined],
    ["originLock", undefined],
    ["externalDns", undefined],
    ["createTokens", false],
    ["import", {}],
    ["protect", false],
    ["awaitReady", true],
    ["charts.cilium.chart", "oci://quay.io/cilium/charts/cilium"],
    ["apps.0.servicePort", 8080],
    ["apps.0.replicas", 2],
    ["apps.0.meshed", true],
    ["apps.0.healthPath", undefined],
    ["apps.0.resources", { cpu: "100m", memory: "128Mi" }],
    ["apps.0.env", {}],
    ["apps.0.calls", []],
    [
      "apps.0.routes",
      [
        {
          host: "example.com",
          dns: "pulumi",
          paths: [{ path: "/", pathType: "Prefix" }],
          proxied: true,
        },
      ],
    ],
    ["apps.1.routes.0.rateLimit.burst", undefined],
    [
      "apps.1.routes.0.cors",
      {
        origins: ["https://example.com"],
        methods: ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
        headers: ["Authorization", "Content-Type"],
        maxAgeSeconds: 600,
      },
    ],
  ];
  for (const [path, wanted] of defaults)
    it(`takes ${wanted === undefined ? "nothing" : JSON.stringify(wanted)} as the default of ${path}`, async () =>
      assert.deepEqual(valueAt(await read(full), path), wanted));

  it("has no apps by default", async () => assert.deepEqual((await read(least)).apps, []));

  it("accepts a network zone in place of a location", async () => {
    const config = changed(prod, {
      "loadBalancer.location": undefined,
      "loadBalancer.networkZone": "us-east",
    });
    assert.deepEqual((await read(config)).loadBalancer.location, { networkZone: "us-east" });
  });

  it("returns import IDs as strings", async () => {
    const ids = { "load-balancer": 4711, "dns-example.com": "123", "waf-x": "zones/a/b" };
    assert.deepEqual((await read({ ...prod, "platform-networking:import": ids })).import, {
      ...ids,
      "load-balancer": "4711",
    });
  });

  it("accepts a mirror of the charts", async () => {
    const { charts } = await read({ ...prod, "platform-networking:charts": "/var/charts" });
    assert.equal(charts.traefik.chart, "/var/charts/traefik");
  });

  it("marks every secret as secret, whether the stack's file did or not", async () => {
    const settings = await read(prod);
    const secrets = {
      "platform-networking:dns01Token": settings.dns01Token,
      "hcloud:token": settings.hcloud.token,
      "cloudflare:apiToken": settings.cloudflare.apiToken,
      "kubernetes:kubeconfig": settings.kubernetes.kubeconfig,
    } satisfies Record<keyof typeof secretConfig, pulumi.Output<string> | undefined>;
    for (const [key, secret] of Object.entries(secrets)) {
      assert.ok(secret, key);
      assert.equal(await pulumi.isSecret(secret), true, key);
      assert.equal(await value(secret), secretConfig[key as keyof typeof secretConfig]);
    }
  });

  it("accepts other endpoints of the clouds", async () => {
    const { hcloud, cloudflare } = await read({
      ...prod,
      "hcloud:endpoint": "http://127.0.0.1:1/v1",
      "cloudflare:baseUrl": "http://127.0.0.1:1/",
    });
    assert.deepEqual([hcloud.endpoint, cloudflare.baseUrl], ["http://127.0.0.1:1/v1", "http://127.0.0.1:1/"]);
    const plain = await read(prod);
    assert.equal("endpoint" in plain.hcloud || "baseUrl" in plain.cloudflare, false);
  });
});
