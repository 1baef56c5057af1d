import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse, stringify } from "yaml";

import { toSeed } from "../../sandbox/clouds/seed";
import { storeSecrets, projectName, writeProject, type SandboxProject } from "../../sandbox/engine/project";
import { temporary } from "./temporary";

const folder = temporary("project-");

const pulumi = {
  name: "net",
  description: "A network.",
  main: "index.ts",
  runtime: { name: "nodejs", options: { typescript: true } },
  backend: { url: "https://api.pulumi.com" },
  config: { zone: { type: "string", description: "The zone." } },
};

function given(stackFile: object, more: Partial<SandboxProject> = {}): SandboxProject {
  const root = folder();
  fs.writeFileSync(path.join(root, "Pulumi.yaml"), stringify(pulumi));
  fs.writeFileSync(path.join(root, "Pulumi.dev.yaml"), stringify(stackFile));
  return {
    root,
    home: path.join(root, "home"),
    stack: "dev",
    plugins: { hcloud: "/plugins/hcloud" },
    config: {},
    secrets: {},
    ...more,
  };
}

const read = (dir: string, name: string): unknown => parse(fs.readFileSync(path.join(dir, name), "utf8"));

describe("The project as the engine gets it", () => {
  it("keeps name, description and declarations; state and plugins are the sandbox's", () => {
    const project = given({});
    const { dir, name } = writeProject(project);
    assert.equal(name, "net");
    assert.deepEqual(read(dir, "Pulumi.yaml"), {
      name: "net",
      runtime: "nodejs",
      description: "A network.",
      config: pulumi.config,
      backend: { url: `file://${project.home}/state?metadata=skip` },
      plugins: { providers: [{ name: "hcloud", path: "/plugins/hcloud" }] },
    });
  });

  it("keeps the user's config and lays the sandbox's over it", () => {
    const project = given(
      { config: { "net:zone": "example.com", "net:wait": true, "net:apps": { a: { port: 1 } } } },
      { config: { "net:wait": false } },
    );
    const { dir, userConfig } = writeProject(project);
    assert.deepEqual(read(dir, "Pulumi.dev.yaml"), {
      config: { "net:zone": "example.com", "net:wait": false, "net:apps": { a: { port: 1 } } },
    });
    assert.equal(userConfig["net:wait"], true);
  });

  it("puts made-up text, the same every time, for what only the user can decrypt, and says which", () => {
    const project = given(
      {
        encryptionsalt: "v1:abc",
        config: {
          "net:key": { secure: "v1:1" },
          "net:apps": { a: { password: { secure: "v1:2" }, port: 1 } },
          "hcloud:token": { secure: "v1:3" },
        },
      },
      { secrets: { "hcloud:token": "t" } },
    );
    const first = writeProject(project);
    const text = fs.readFileSync(path.join(first.dir, "Pulumi.dev.yaml"), "utf8");
    assert.deepEqual(first.unreadable, ["net:key", "net:apps"]);
    assert.doesNotMatch(text, /v1:|secure/);
    writeProject(project);
    assert.equal(fs.readFileSync(path.join(first.dir, "Pulumi.dev.yaml"), "utf8"), text);
  });

  it("has its secrets encrypted once, and again when they change", () => {
    const project = given({}, { secrets: { "hcloud:token": "t" } });
    const { dir, toEncrypt } = writeProject(project);
    assert.deepEqual(toEncrypt, { "hcloud:token": "t" });
    const encrypted = { encryptionsalt: "v1:salt", config: { "hcloud:token": { secure: "v1:t" } } };
    fs.writeFileSync(path.join(dir, "Pulumi.dev.yaml"), stringify(encrypted));
    storeSecrets(dir, "dev", project.secrets);

    assert.deepEqual(writeProject(project).toEncrypt, {});
    assert.deepEqual(read(dir, "Pulumi.dev.yaml"), encrypted);

    const changed = { ...project, secrets: { "hcloud:token": "u" } };
    assert.deepEqual(writeProject(changed).toEncrypt, { "hcloud:token": "u" });
    assert.deepEqual(read(dir, "Pulumi.dev.yaml"), { encryptionsalt: "v1:salt", config: {} });
  });

  it("has a passphrase that stays, for its owner's eyes only", () => {
    const project = given({});
    writeProject(project);
    const file = path.join(project.home, "passphrase");
    const passphrase = fs.readFileSync(file, "utf8");
    writeProject(project);
    assert.equal(fs.readFileSync(file, "utf8"), passphrase);
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  });

  it("is refused, with the file's name, when the user's files are missing or no YAML mapping", () => {
    const missing = { ...given({}), stack: "prod" };
    assert.throws(() => writeProject(missing), /Pulumi\.prod\.yaml is missing/);
    const broken = given({});
    fs.writeFileSync(path.join(broken.root, "Pulumi.dev.yaml"), "a: [1");
    assert.throws(() => writeProject(broken), /Pulumi\.dev\.yaml is not YAML: /);
    fs.writeFileSync(path.join(broken.root, "Pulumi.yaml"), "- 1");
    assert.throws(() => projectName(broken.root), /Pulumi\.yaml is not a YAML mapping/);
  });
});

describe("The seed of the clouds", () => {
  const config = {
    "net:loadBalancer": { networkId: 7 },
    "net:cluster": { nodeCidr: "10.0.0.0/16", nodes: 2 },
    "net:dns": { zone: "example.com", zoneId: "0123456789abcdef0123456789abcdef" },
    "net:ownsZone": true,
  };

  const seedOf = (loadBalancer: object, more: object = {}) =>
    toSeed("dev", { ...config, ...more, "net:loadBalancer": { networkId: 7, ...loadBalancer } }, "net");
  const zonesOf = (dns: object, ownsZone?: unknown) =>
    seedOf({}, { "net:dns": { ...config["net:dns"], ...dns }, "net:ownsZone": ownsZone }).cloudflare.zones;

  it("is the network and the zone that the config refers to", () => {
    const { hetzner, cloudflare } = seedOf({ location: "ash" });
    assert.deepEqual(hetzner.networks, [
      { id: 7, name: "k3s-dev", ip_range: "10.0.0.0/16", network_zone: "us-east" },
    ]);
    assert.deepEqual(cloudflare.zones, [
      { id: "0123456789abcdef0123456789abcdef", name: "example.com", plan: "free" },
    ]);
  });

  const named = { name: "dev-server-501", labels: {} };
  const nodes = (labels: object) => ["dev-1", "dev-2"].map((name) => ({ name, labels }));
  for (const [loadBalancer, servers] of [
    [{ labelSelector: "cluster=k3s,role=worker" }, nodes({ cluster: "k3s", role: "worker" })],
    [{ servers: [501] }, [...nodes({}), named]],
    [{ servers: [501], labelSelector: "cluster=k3s" }, [...nodes({ cluster: "k3s" }), named]],
  ] as const)
    it(`has the nodes and servers of ${JSON.stringify(loadBalancer)}`, () =>
      assert.deepEqual(
        seedOf(loadBalancer).hetzner.servers.map(({ name, labels }) => ({ name, labels })),
        servers,
      ));

  it("keeps the load balancer's address free, and owns the addresses that are its targets", () => {
    const { hetzner } = seedOf({ privateIp: "10.0.0.2", ips: ["192.0.2.200"] });
    assert.deepEqual([hetzner.kept_ips, hetzner.robot_ips], [["10.0.0.2"], ["192.0.2.200"]]);
  });

  for (const [plan, ownsZone, expected] of [
    ["business", true, "business"],
    ["pro", undefined, "pro"],
    [undefined, true, "free"],
    [undefined, false, undefined],
    [undefined, undefined, undefined],
    [undefined, "yes", undefined],
  ] as const)
    it(`has the plan ${expected} with ${plan} and ownsZone ${ownsZone}`, () =>
      assert.equal(zonesOf(plan === undefined ? {} : { plan }, ownsZone)[0]?.plan, expected));

  it("has a zone that is written internationally in punycode", () =>
    assert.equal(zonesOf({ zone: "bücher.example" })[0]?.name, "xn--bcher-kva.example"));

  it("gives the servers of two stacks ids of their own, the same in each run", () => {
    const ids = (stack: string) => toSeed(stack, config, "net").hetzner.servers.map(({ id }) => id);
    assert.deepEqual(ids("dev"), ids("dev"));
    assert.equal(new Set([...ids("dev"), ...ids("prod")]).size, 4);
  });

  it("leaves out what the config lacks or has wrong", () => {
    const wrong = {
      ...config,
      "net:dns": { zone: "example.com", zoneId: "x" },
      "net:cluster": { nodes: "many" },
    };
    const empty = { hetzner: { networks: [], servers: [] }, cloudflare: { zones: [] } };
    assert.deepEqual(toSeed("dev", wrong, "net"), empty);
    assert.deepEqual(toSeed("dev", {}, "net"), empty);
  });
});
