import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

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

describe("readSettings", () => {
  for (const stack of ["dev", "prod"]) it(`accepts the ${stack} stack`, () => read(stackConfig(stack)));

  it("has defaults that depend on other settings", async () => {
    const web = { image: "x:1", port: 8080, routes: [{ host: "example.com" }] };
    const { dns, charts, apps, ...rest } = await read(changed(least, { "apps.web": web }));
    assert.equal(dns.domain, "example.com");
    assert.deepEqual(dns.records, [{ type: "A", name: "@", proxied: true }]);
    assert.equal(charts.cilium.version, rest.cilium.version);
    const [app] = apps;
    assert.equal(app?.servicePort, 8080);
    assert.deepEqual(app.routes, [
      { host: "example.com", dns: "pulumi", paths: [{ path: "/", pathType: "Prefix" }], proxied: true },
    ]);
  });

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
