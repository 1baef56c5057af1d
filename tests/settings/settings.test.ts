import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { readSettings, type Settings } from "../../settings";
import { sections } from "../../settings/schema";
import { changed, secretConfig, setConfig, stackConfig, yamlFile, type StackConfig } from "../config";
import { run, value } from "../harness";

const prod = stackConfig("prod");

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

async function read(config: StackConfig): Promise<Settings> {
  const { result } = await run(() => {
    setConfig(config);
    return { settings: readSettings() };
  });
  return result.settings;
}

const valueAt = (settings: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((inside, key) => (inside as Record<string, unknown>)[key], settings);

describe("readSettings", () => {
  for (const stack of ["dev", "prod"]) it(`takes the ${stack} stack`, () => read(stackConfig(stack)));

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
    ["loadBalancer.nodePorts", { http: 30080, https: 30443 }],
    ["loadBalancer.proxyProtocol", true],
    ["loadBalancer.place", { location: "fsn1" }],
    ["dns.domain", "example.com"],
    [
      "dns.records",
      [
        { type: "A", name: "@", proxied: true },
        { type: "A", name: "limited", proxied: true },
      ],
    ],
    ["certificates.issuer", "letsencrypt-prod"],
    ["cilium", { encryption: true }],
    ["mesh", { trustDomain: "cluster.local" }],
    ["ingress", { replicas: { min: 3, max: 10 } }],
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
    ["apps.0.routes", [{ host: "example.com", paths: [{ path: "/", pathType: "Prefix" }], proxied: true }]],
    ["apps.1.routes.0.rateLimit.burst", 50],
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
    it(`takes ${wanted === undefined ? "nothing" : JSON.stringify(wanted)} for ${path} where nothing is said`, async () =>
      assert.deepEqual(valueAt(await read(full), path), wanted));

  it("has no apps where none are said", async () => assert.deepEqual((await read(least)).apps, []));

  const bounds: [path: string, taken: readonly unknown[]][] = [
    ["cluster.nodes", [1, 1000]],
    ["cluster.nodeCidr", ["10.0.0.0/16", "192.168.0.1/32", "10.41.0.0/16"]],
    ["cluster.apiServer.port", [1, 65535]],
    ["loadBalancer.networkId", [1]],
    ["loadBalancer.nodePorts.http", [30000, 32767]],
    ["loadBalancer.labelSelector", ["a=b", "a=b,c=d"]],
    ["apps.admin.port", [1, 65535]],
    ["apps.admin.servicePort", [1, 65535]],
    ["apps.admin.replicas", [0, 1]],
    ["apps.admin.healthPath", ["/"]],
    ["apps.admin.image", ["x:1", "x@sha256:0"]],
    ["apps.admin.resources.memory", ["1", "0.5Gi", "128Mi"]],
    ["apps.admin.routes.0.rateLimit", [{ requests: 1, period: "1h30m", burst: 1 }]],
    ["dns.records.1.ttl", [60, 86400]],
    ["dns.records.1.comment", ["x".repeat(100)]],
    ["dns.records.1.content", ["x", "x".repeat(2048)]],
    ["namespace", ["a", "a".repeat(63), "kubernetes"]],
    ["ingress.replicas", [{ min: 2, max: 2 }]],
    ["dns.domain", ["example.com"]],
  ];
  for (const [path, taken] of bounds)
    for (const each of taken)
      it(`takes ${JSON.stringify(each).slice(0, 50)} for ${path}`, async () => {
        await read(changed(prod, { [path]: each }));
      });

  it("takes a network zone in place of a location", async () => {
    const config = changed(prod, {
      "loadBalancer.location": undefined,
      "loadBalancer.networkZone": "us-east",
    });
    assert.deepEqual((await read(config)).loadBalancer.place, { networkZone: "us-east" });
  });

  it("takes a ttl on a record that is not proxied", async () => {
    await read(changed(prod, { "dns.records.0.ttl": 300, "dns.records.0.proxied": false }));
    await read(changed(prod, { "dns.records.0.ttl": 300, "dns.proxied": false }));
  });

  it("takes paths of one host in several apps, and the same path once as prefix and once exactly", async () => {
    const paths = [
      { path: "/v1", pathType: "Exact" },
      { path: "/v10", pathType: "Prefix" },
    ];
    await read(changed(prod, { "apps.admin.routes.0": { host: "api.example.com", paths } }));
  });

  it("gives every routed host that nothing answers for a record of its own, proxied as the zone says", async () => {
    const config = changed(prod, {
      "dns.proxied": false,
      "dns.records": [
        { type: "CNAME", name: "*", content: "example.com" },
        { type: "TXT", name: "api", content: "x" },
        { type: "A", name: "admin", proxied: true },
      ],
    });
    const { dns, apps } = await read(config);
    assert.deepEqual(
      dns.records.filter(({ type }) => type !== "TXT"),
      [
        { type: "CNAME", name: "*", content: "example.com", proxied: false },
        { type: "A", name: "admin", proxied: true },
        { type: "A", name: "api", proxied: false },
        { type: "A", name: "@", proxied: false },
      ],
    );
    const proxied = apps.flatMap(({ routes }) => routes.map((route) => [route.host, route.proxied]));
    assert.deepEqual(proxied, [
      ["api.example.com", false],
      ["example.com", false],
      ["www.example.com", false],
      ["admin.example.com", true],
      ["grafana.example.com", false],
    ]);
  });

  it("takes the charts from a mirror", async () => {
    const { charts } = await read({ ...prod, "platform-networking:charts": "/var/charts" });
    assert.equal(charts.traefik.chart, "/var/charts/traefik");
  });

  it("marks every secret as one, whether the stack's file did or not", async () => {
    const settings = await read(prod);
    const secrets = {
      "platform-networking:dns01Token": settings.dns01Token,
      "hcloud:token": settings.hcloud.token,
      "cloudflare:apiToken": settings.cloudflare.apiToken,
      "kubernetes:kubeconfig": settings.kubernetes.kubeconfig,
    } satisfies Record<keyof typeof secretConfig, pulumi.Output<string>>;
    for (const [key, secret] of Object.entries(secrets)) {
      assert.equal(await pulumi.isSecret(secret), true, key);
      assert.equal(await value(secret), secretConfig[key as keyof typeof secretConfig]);
    }
  });

  it("takes other addresses of the clouds, and none where none are said", async () => {
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

describe("Pulumi.yaml", () => {
  interface Declared {
    readonly type?: string;
    readonly description?: string;
    readonly secret?: boolean;
    readonly default?: unknown;
    readonly value?: unknown;
  }
  const { config } = yamlFile("Pulumi.yaml") as { config: Record<string, Declared> };
  const own = Object.entries(config).filter(([key]) => !key.includes(":"));

  it("declares every key that the settings know, and no other", () =>
    assert.deepEqual(own.map(([key]) => key).sort(), [...Object.keys(sections), "dns01Token"].sort()));

  for (const [key, { type, description, secret, default: preset }] of own)
    it(`says what ${key} is, and keeps its default`, () => {
      assert.ok(["object", "string", "boolean"].includes(type ?? ""), `type ${type ?? "missing"}`);
      assert.match(description ?? "", /^.{10,}\.$/);
      if (key === "dns01Token") {
        assert.equal(secret, true);
        return;
      }
      const section = sections[key as keyof typeof sections];
      const absent = section.safeParse(undefined);
      assert.equal(preset !== undefined, absent.success, "a default here is one in the settings too");
      if (absent.success) assert.deepEqual(section.parse(preset), absent.data);
      assert.equal(section.safeParse(type === "object" ? 7 : {}).success, false);
    });

  it("lets no default provider slip in", () =>
    assert.deepEqual(config["pulumi:disable-default-providers"]?.value, ["*"]));
});
