import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { attemptProgram, changed, secretConfig, stackConfig, type StackConfig } from "../config";

/** The lines with which the program refuses `config`, having registered nothing. */
async function refusal(config: StackConfig): Promise<string[]> {
  const { fault, resources } = await attemptProgram(config, { stack: "prod" });
  assert.ok(fault !== undefined, "the config was taken");
  assert.ok(pulumi.RunError.isInstance(fault), `not a RunError: ${fault.message}`);
  assert.deepEqual(resources, []);
  for (const [key, secret] of Object.entries(secretConfig))
    assert.equal(fault.message.includes(secret), false, `the message shows ${key}`);
  return fault.message.split("\n");
}

const prod = stackConfig("prod");
const without = (key: string): StackConfig =>
  Object.fromEntries(Object.entries(prod).filter(([each]) => each !== key));
const tooLong = "x".repeat(2049);

/** What is changed in the prod stack, by dotted path below `platform-networking:`, and the one line that answers. */
const table: [path: string, value: unknown, line: string][] = [
  ["cluster.nodes", "three", 'cluster.nodes: got "three", want a number'],
  ["cluster.nodes", 0, "cluster.nodes: got 0, want 1 or more"],
  ["cluster.nodes", 1.5, "cluster.nodes: got 1.5, want a whole number"],
  ["cluster.node", 3, "cluster.node: is not a known key"],
  ["cluster.identifier", undefined, "cluster.identifier: is missing, want a string"],
  ["cluster", "k3s", 'cluster: got "k3s", want keys and values'],
  ["cluster", undefined, "cluster: is missing, want keys and values"],
  ["cluster.apiServer.host", "", 'cluster.apiServer.host: got "", want a text that is not empty'],
  ["cluster.apiServer.port", 65536, "cluster.apiServer.port: got 65536, want 65535 or less"],
  ["aps", {}, "aps: is not a known key"],
  ["loadBalancer.type", "lb99", 'loadBalancer.type: got "lb99", want lb11, lb21 or lb31'],
  [
    "loadBalancer.location",
    "mars",
    'loadBalancer.location: got "mars", want fsn1, nbg1, hel1, ash, hil or sin',
  ],
  [
    "loadBalancer.networkZone",
    "eu-central",
    "loadBalancer: got both location fsn1 and networkZone eu-central, want one of the two",
  ],
  [
    "loadBalancer.location",
    undefined,
    "loadBalancer: got neither location nor networkZone, want one of the two",
  ],
  ["loadBalancer.networkId", 0, "loadBalancer.networkId: got 0, want more than 0"],
  [
    "loadBalancer.labelSelector",
    "cluster",
    'loadBalancer.labelSelector: got "cluster", want a label selector, such as cluster=prod,role=worker',
  ],
  ["loadBalancer.nodePorts.http", 29999, "loadBalancer.nodePorts.http: got 29999, want 30000 or more"],
  ["loadBalancer.nodePorts.https", 32768, "loadBalancer.nodePorts.https: got 32768, want 32767 or less"],
  ["loadBalancer.nodePorts.http", 30443, "loadBalancer.nodePorts: got 30443 twice, want two ports"],
  ["loadBalancer.proxyProtocol", "on", 'loadBalancer.proxyProtocol: got "on", want true or false'],
  [
    "dns.zone",
    "https://example.com",
    'dns.zone: got "https://example.com", want a host name in lower case, such as api.example.com',
  ],
  [
    "dns.zoneId",
    "abc",
    `dns.zoneId: got "abc", want the zone's id: 32 hex digits, on the zone's overview page`,
  ],
  ["dns.domain", "example.org", "dns.domain: got example.org, want example.com or a name in it"],
  ["dns.domain", "notexample.com", "dns.domain: got notexample.com, want example.com or a name in it"],
  ["dns.records.0", "www", 'dns.records.0: got "www", want keys and values'],
  ["dns.records.0.type", "MX", 'dns.records.0.type: got "MX", want A, CNAME or TXT'],
  ["dns.records.0.type", undefined, "dns.records.0.type: is missing, want A, CNAME or TXT"],
  ["dns.records.0.content", undefined, "dns.records.0.content: is missing, want a string"],
  [
    "dns.records.0.name",
    "WWW",
    'dns.records.0.name: got "WWW", want a name relative to the zone in lower case, such as @, www or *.dev',
  ],
  [
    "dns.records.0.name",
    "www.example.com",
    "dns.records.0.name: got www.example.com, want it relative to the zone: www",
  ],
  [
    "dns.records.0.name",
    "example.com",
    "dns.records.0.name: got example.com, want it relative to the zone: @",
  ],
  ["dns.records.0.ttl", 59, "dns.records.0.ttl: got 59, want 60 or more"],
  ["dns.records.0.ttl", 86401, "dns.records.0.ttl: got 86401, want 86400 or less"],
  [
    "dns.records.0.ttl",
    300,
    "dns.records.0: got ttl 300 on a proxied record, want no ttl (Cloudflare decides) or proxied: false",
  ],
  [
    "dns.records.0.comment",
    "x".repeat(101),
    `dns.records.0.comment: got "${"x".repeat(76)}..., want at most 100 characters`,
  ],
  [
    "dns.records.1.content",
    tooLong,
    `dns.records.1.content: got "${"x".repeat(76)}..., want 1 to 2048 printable ASCII characters, without outer quotes`,
  ],
  ["dns.records.1.proxied", true, "dns.records.1.proxied: is not a known key"],
  [
    "dns.records.3",
    { type: "A", name: "www" },
    "dns.records.3: a CNAME at www.example.com cannot stand beside dns.records.0, want one or the other",
  ],
  [
    "dns.records.3",
    { type: "CNAME", name: "www", content: "example.org" },
    "dns.records.3: is a second CNAME at www.example.com beside dns.records.0, want one",
  ],
  [
    "dns.records.3",
    { type: "TXT", name: "@", content: "x" },
    "dns.records.3: is a second TXT at example.com, want a `label` that tells it from dns.records.1",
  ],
  ["certificates.email", "admin", 'certificates.email: got "admin", want an e-mail address'],
  [
    "certificates.issuer",
    "self",
    'certificates.issuer: got "self", want letsencrypt-prod or letsencrypt-staging',
  ],
  ["cilium", true, "cilium: got true, want keys and values"],
  [
    "mesh.trustDomain",
    "x",
    'mesh.trustDomain: got "x", want a host name in lower case, such as api.example.com',
  ],
  ["ingress.replicas", { min: 5, max: 4 }, "ingress.replicas: got min 5 and max 4, want min up to max"],
  [
    "namespace",
    "My Apps",
    'namespace: got "My Apps", want lower-case letters, digits and dashes, a letter first, 63 at most',
  ],
  ["namespace", "traefik", "namespace: got traefik, want a namespace that only the apps are in"],
  ["namespace", "kube-system", "namespace: got kube-system, want a namespace that only the apps are in"],
  ["protect", "maybe", 'protect: got "maybe", want true or false'],
  ["awaitReady", 1, "awaitReady: got 1, want true or false"],
  ["apps", "[1", 'apps: got "[1", want keys and values'],
  [
    "apps.My_App",
    { image: "x:1", port: 80 },
    "apps.My_App: is not a good name, want lower-case letters, digits and dashes, a letter first, 63 at most",
  ],
  ["apps.admin.port", 0, "apps.admin.port: got 0, want 1 or more"],
  ["apps.admin.port", 65536, "apps.admin.port: got 65536, want 65535 or less"],
  ["apps.admin.port", "http", 'apps.admin.port: got "http", want a number'],
  ["apps.admin.servicePort", 0, "apps.admin.servicePort: got 0, want 1 or more"],
  [
    "apps.admin.image",
    "nginx",
    'apps.admin.image: got "nginx", want an image with its tag or digest, such as ghcr.io/org/api:v1.0.0',
  ],
  ["apps.admin.replicas", -1, "apps.admin.replicas: got -1, want 0 or more"],
  ["apps.admin.healthPath", "health", 'apps.admin.healthPath: got "health", want a path, such as /health'],
  [
    "apps.admin.resources.memory",
    "lots",
    'apps.admin.resources.memory: got "lots", want a Kubernetes quantity, such as 100m or 128Mi',
  ],
  ["apps.admin.env", { PORT: 80 }, "apps.admin.env.PORT: got 80, want a string"],
  ["apps.admin.env", { "A-B": "x" }, "apps.admin.env.A-B: is not a good name, want the name of a variable"],
  ["apps.admin.route", [], "apps.admin.route: is not a known key"],
  [
    "apps.admin.calls",
    ["auth"],
    "apps.admin.calls.0: got auth, want the name of an app: " +
      "api-gateway, web-frontend, admin, grafana, auth-service, user-service",
  ],
  [
    "apps.admin.routes.0.host",
    "admin.example.org",
    "apps.admin.routes.0.host: got admin.example.org, want example.com or a name in it",
  ],
  [
    "apps.admin.routes.0.host",
    "notexample.com",
    "apps.admin.routes.0.host: got notexample.com, want example.com or a name in it",
  ],
  [
    "apps.admin.routes.0.host",
    "a.b.example.com",
    "apps.admin.routes.0.host: got a.b.example.com, " +
      "want at most one name before example.com: the certificate is for *.example.com",
  ],
  [
    "apps.admin.routes.0",
    { host: "grafana.example.com" },
    "apps.grafana.routes.0.paths: got / of grafana.example.com, which leads to admin already; want one app per path",
  ],
  [
    "apps.admin.routes.0",
    { host: "api.example.com", paths: [{ path: "/v1/" }] },
    "apps.admin.routes.0.paths: got /v1/ of api.example.com, which leads to api-gateway already; want one app per path",
  ],
  [
    "apps.admin.routes.1",
    { host: "admin.example.com", paths: [{ path: "/x" }] },
    "apps.admin.routes.1.host: got admin.example.com a second time, want one route with all its paths",
  ],
  ["apps.admin.routes.0.paths", [], "apps.admin.routes.0.paths: got [], want at least one"],
  [
    "apps.admin.routes.0.paths",
    [{ path: "v1" }],
    'apps.admin.routes.0.paths.0.path: got "v1", want a path, such as /v1',
  ],
  [
    "apps.admin.routes.0.rateLimit",
    { requests: 0, period: "1m" },
    "apps.admin.routes.0.rateLimit.requests: got 0, want 1 or more",
  ],
  [
    "apps.admin.routes.0.rateLimit",
    { requests: 1, period: "1 minute" },
    'apps.admin.routes.0.rateLimit.period: got "1 minute", want a Go duration, such as 1m or 90s',
  ],
  [
    "apps.admin.routes.0.cors",
    { origins: ["example.com"] },
    'apps.admin.routes.0.cors.origins.0: got "example.com", want an origin with its scheme, such as https://example.com',
  ],
  [
    "apps.admin.routes.0.basicAuth.users",
    ["ann", "ann"],
    "apps.admin.routes.0.basicAuth.users: got ann more than once, want it once",
  ],
];

const cidrs = ["10.0.0.0", "10.0.0.0/33", "10.0.0.1/16", "10.0.0.256/24", "10.0.0/24", "fd00::/64", "ten"];
for (const key of ["nodeCidr", "podCidr", "serviceCidr"])
  for (const given of cidrs)
    table.push([
      `cluster.${key}`,
      given,
      `cluster.${key}: got "${given}", want an IPv4 range whose address is its first one, such as 10.0.0.0/16`,
    ]);

describe("a setting at fault", () => {
  const one = "One setting is wrong in Pulumi.prod.yaml; nothing was changed:";
  for (const [path, value, line] of table)
    it(`is refused: ${path} ${value === undefined ? "missing" : JSON.stringify(value).slice(0, 60)}`, async () =>
      assert.deepEqual(await refusal(changed(prod, { [path]: value })), [one, `  ${line}`]));

  it("is refused: an app and a host whose objects would be named as another app's", async () => {
    const config = changed(prod, {
      "apps.api": { image: "x:1", port: 80, routes: [{ host: "gateway-api.example.com" }] },
    });
    assert.deepEqual(await refusal(config), [
      one,
      "  apps.api.routes.0.host: got gateway-api.example.com, " +
        "whose objects would be named as those of api-gateway; want another host or app name",
    ]);
  });

  for (const [other, given, overlaps] of [
    ["podCidr", "10.0.0.0/8", "cluster.podCidr: 10.0.0.0/8 overlaps cluster.nodeCidr 10.0.0.0/16"],
    ["podCidr", "10.0.255.0/24", "cluster.podCidr: 10.0.255.0/24 overlaps cluster.nodeCidr 10.0.0.0/16"],
    [
      "serviceCidr",
      "10.42.0.0/16",
      "cluster.serviceCidr: 10.42.0.0/16 overlaps cluster.podCidr 10.42.0.0/16",
    ],
  ] as const)
    it(`is refused: ${other} ${given}, where another range is`, async () => {
      const [, ...lines] = await refusal(changed(prod, { [`cluster.${other}`]: given }));
      assert.ok(lines.includes(`  ${overlaps}, want ranges of their own`));
    });
});

describe("a secret at fault", () => {
  const cloudflareToken = "a Cloudflare API token, 40 to 80 characters";
  const kubeconfig = "the text of a kubeconfig with a current-context";
  const wanted = {
    "platform-networking:dns01Token": ["dns01Token", cloudflareToken],
    "hcloud:token": ["hcloud:token", "a Hetzner Cloud API token, 64 characters"],
    "cloudflare:apiToken": ["cloudflare:apiToken", cloudflareToken],
    "kubernetes:kubeconfig": ["kubernetes:kubeconfig", kubeconfig],
  } as const satisfies Record<keyof typeof secretConfig, readonly [string, string]>;

  for (const [key, [path, want]] of Object.entries(wanted)) {
    it(`is told when ${path} is missing, with the command that sets it`, async () => {
      const [, ...lines] = await refusal(without(key));
      assert.deepEqual(lines, [`  ${path}: is missing, want ${want}: pulumi config set --secret ${path}`]);
    });

    it(`is told when ${path} is none, without its value`, async () => {
      const [, ...lines] = await refusal({ ...prod, [key]: "hunter2: [" });
      assert.deepEqual(lines, [`  ${path}: is not ${want} (its value is not shown here)`]);
    });
  }

  for (const [what, text] of Object.entries({
    "no YAML": "users: [{token: hunter2",
    "a list": "[hunter2]",
    "a bare word": "hunter2",
    "without a context": "clusters: []\ncontexts: []\n",
    "without clusters": "contexts: []\ncurrent-context: x\n",
  }))
    it(`is told when the kubeconfig is ${what}`, async () => {
      const lines = await refusal({ ...prod, "kubernetes:kubeconfig": text });
      assert.equal(lines.join("\n").includes("hunter2"), false);
      assert.equal(lines.length, 2);
    });

  for (const [key, lengths] of [
    ["platform-networking:dns01Token", [39, 81]],
    ["cloudflare:apiToken", [39, 81]],
    ["hcloud:token", [63, 65]],
  ] as const)
    for (const length of lengths)
      it(`is told when ${key} has ${length} characters`, async () => {
        assert.equal((await refusal({ ...prod, [key]: "x".repeat(length) })).length, 2);
      });

  it("warns of nothing in a kubeconfig, since a warning would quote it", async () => {
    const warnings: unknown[] = [];
    const onWarning = (warning: unknown) => warnings.push(warning);
    process.on("warning", onWarning);
    const text = "clusters: []\ncontexts: []\ncurrent-context: x\nusers: [{token: !mine hunter2}]\n";
    const { fault } = await attemptProgram({ ...prod, "kubernetes:kubeconfig": text });
    await new Promise(setImmediate);
    process.off("warning", onWarning);
    assert.equal(fault, undefined);
    assert.deepEqual(warnings, []);
  });
});

describe("several faults", () => {
  it("are told at once: shapes, what does not fit together, and secrets", async () => {
    const config = changed(without("hcloud:token"), {
      "apps.admin.port": 0,
      "apps.admin.calls": ["nobody"],
      "dns.records.0.ttl": 300,
      "loadBalancer.networkZone": "eu-central",
      "cluster.nodes": 0,
      typo: 1,
    });
    assert.deepEqual(await refusal(config), [
      "7 settings are wrong in Pulumi.prod.yaml; nothing was changed:",
      "  cluster.nodes: got 0, want 1 or more",
      "  apps.admin.port: got 0, want 1 or more",
      "  typo: is not a known key",
      "  loadBalancer: got both location fsn1 and networkZone eu-central, want one of the two",
      "  dns.records.0: got ttl 300 on a proxied record, want no ttl (Cloudflare decides) or proxied: false",
      "  apps.admin.calls.0: got nobody, want the name of an app: " +
        "api-gateway, web-frontend, admin, grafana, auth-service, user-service",
      "  hcloud:token: is missing, want a Hetzner Cloud API token, 64 characters: pulumi config set --secret hcloud:token",
    ]);
  });

  it("do not breed others: a call to an app at fault is no second fault, nor is a host of a domain at fault", async () => {
    const config = changed(prod, { "apps.auth-service.port": 0, "dns.domain": "example.org" });
    assert.deepEqual(await refusal(config), [
      "2 settings are wrong in Pulumi.prod.yaml; nothing was changed:",
      "  apps.auth-service.port: got 0, want 1 or more",
      "  dns.domain: got example.org, want example.com or a name in it",
    ]);
  });

  it("of an empty config name every key that has no default", async () => {
    const [, ...lines] = await refusal({});
    assert.deepEqual(
      lines.map((line) => line.trim().split(": is missing")[0]),
      ["cluster", "loadBalancer", "dns", "certificates", "namespace", "apps", "dns01Token"].concat([
        "hcloud:token",
        "cloudflare:apiToken",
        "kubernetes:kubeconfig",
      ]),
    );
  });
});
