import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import type { Deployment, Operation, Resource } from "../../sandbox/engine/deployment";
import { breakStaleLocks, dropCutOffFiles, examine, mended } from "../../sandbox/engine/heal";
import { find, type Places } from "../../sandbox/engine/natural-keys";
import { temporary } from "./temporary";

const temporaryHome = temporary("heal-");

type Answers = Readonly<Record<string, unknown>>;

function places(answers: Answers): Places & { readonly done: string[] } {
  const done: string[] = [];
  const answer = (where: string) => Promise.resolve(answers[decodeURIComponent(where)]);
  return {
    done,
    hetzner: answer,
    cloudflare: answer,
    kube: {
      get: answer,
      delete: (where) => {
        done.push(`DELETE ${where}`);
        return Promise.resolve();
      },
    },
    uninstall: (name, namespace) => {
      done.push(`uninstall ${namespace}/${name}`);
      return Promise.resolve();
    },
  };
}

const balancer = {
  id: 5,
  name: "lb",
  public_net: { ipv4: { ip: "192.0.2.1", dns_ptr: "lb.example.com" }, ipv6: { ip: "2001:db8::1" } },
  private_net: [{ network: 7 }],
  services: [{ listen_port: 443 }],
  targets: [{ type: "label_selector", label_selector: { selector: "role=web" } }],
};
const zone = "0123456789abcdef0123456789abcdef";
const answers: Answers = {
  "/load_balancers?name=lb": { load_balancers: [balancer] },
  "/load_balancers?name=other": { load_balancers: [] },
  "/load_balancers/5": { load_balancer: balancer },
  [`/zones/${zone}/dns_records?name.exact=a.example.com&name=a.example.com&type=A&per_page=100`]: {
    result: [
      { id: "r1", name: "a.example.com", type: "A", content: "192.0.2.9" },
      { id: "r2", name: "a.example.com", type: "A", content: "192.0.2.1" },
    ],
  },
  "/apis/apps/v1": {
    resources: [
      { name: "deployments", kind: "Deployment", namespaced: true, verbs: [] },
      { name: "deployments/scale", kind: "Scale", namespaced: true, verbs: [] },
    ],
  },
  "/apis/apps/v1/namespaces/prod/deployments/web": { metadata: { name: "web", namespace: "prod" } },
  "/api/v1": { resources: [{ name: "namespaces", kind: "Namespace", namespaced: false, verbs: [] }] },
  "/api/v1/namespaces/prod": { metadata: { name: "prod" } },
};

const LB = "hcloud:index/loadBalancer:LoadBalancer";
const SERVICE = "hcloud:index/loadBalancerService:LoadBalancerService";
const TARGET = "hcloud:index/loadBalancerTarget:LoadBalancerTarget";
const RECORD = "cloudflare:index/dnsRecord:DnsRecord";
const RELEASE = "kubernetes:helm.sh/v3:Release";

const resource = (type: string, inputs: Record<string, unknown>, more: Partial<Resource> = {}): Resource => ({
  urn: `urn:pulumi:dev::net::${type}::it`,
  type,
  custom: true,
  inputs,
  ...more,
});

describe("Finding what a create has made", () => {
  const record = { zoneId: zone, name: "a.example.com", type: "A" };
  const cases: readonly [string, string, Record<string, unknown>, string | undefined][] = [
    ["a load balancer by its name", LB, { name: "lb" }, "5"],
    ["no load balancer of that name", LB, { name: "other" }, undefined],
    [
      "an attachment",
      "hcloud:index/loadBalancerNetwork:LoadBalancerNetwork",
      { loadBalancerId: 5, networkId: 7 },
      "5-7",
    ],
    ["a service by its port", SERVICE, { loadBalancerId: "5", protocol: "tcp", listenPort: 443 }, "5__443"],
    ["a service at its protocol's port", SERVICE, { loadBalancerId: "5", protocol: "https" }, "5__443"],
    ["no service at another port", SERVICE, { loadBalancerId: "5", protocol: "http" }, undefined],
    [
      "no service of a load balancer that is gone",
      SERVICE,
      { loadBalancerId: "6", listenPort: 443 },
      undefined,
    ],
    [
      "a target by its selector",
      TARGET,
      { loadBalancerId: 5, type: "label_selector", labelSelector: "role=web" },
      "5__label_selector__role=web",
    ],
    ["no target of another kind", TARGET, { loadBalancerId: 5, type: "ip", ip: "192.0.2.7" }, undefined],
    [
      "reverse DNS",
      "hcloud:index/rdns:Rdns",
      { loadBalancerId: 5, ipAddress: "192.0.2.1", dnsPtr: "lb.example.com" },
      "l-5-192.0.2.1",
    ],
    ["a DNS record by all that makes it one", RECORD, { ...record, content: "192.0.2.1" }, `${zone}/r2`],
    ["no DNS record with another content", RECORD, { ...record, content: "192.0.2.2" }, undefined],
    [
      "an object in a namespace",
      "kubernetes:apps/v1:Deployment",
      { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: "prod" } },
      "prod/web",
    ],
    [
      "an object of the cluster",
      "kubernetes:core/v1:Namespace",
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "prod" } },
      "prod",
    ],
    [
      "no object of a kind that the cluster has not",
      "kubernetes:acme.io/v1:Thing",
      { apiVersion: "acme.io/v1", kind: "Thing", metadata: { name: "x" } },
      undefined,
    ],
    ["nothing of what exists in the state only", "random:index/randomPassword:RandomPassword", {}, undefined],
  ];
  for (const [what, type, inputs, id] of cases)
    it(`finds ${what}`, async () => assert.equal(await find(resource(type, inputs), places(answers)), id));

  const secrets = "/api/v1/namespaces/ns/secrets";
  const revisions = (...statuses: string[]): Answers => ({
    [`${secrets}?labelSelector=owner=helm,name=rel`]: {
      items: statuses.map((status, index) => ({
        metadata: { name: `v${index + 1}`, labels: { status, version: String(index + 1) } },
      })),
    },
  });
  const releases: readonly [string, Answers, string | undefined, readonly string[]][] = [
    ["finds a release that Helm installed", revisions("superseded", "deployed"), "ns/rel", []],
    ["finds none where Helm has no record", revisions(), undefined, []],
    [
      "takes away an installation that did not end",
      revisions("pending-install"),
      undefined,
      ["uninstall ns/rel"],
    ],
    ["takes away an installation that failed", revisions("failed"), undefined, ["uninstall ns/rel"]],
    [
      "forgets an upgrade that did not end",
      revisions("deployed", "pending-upgrade"),
      "ns/rel",
      [`DELETE ${secrets}/v2`],
    ],
    [
      "ends a deletion that did not end",
      revisions("superseded", "uninstalling"),
      undefined,
      ["uninstall ns/rel"],
    ],
    ["leaves a failed upgrade to the next one", revisions("deployed", "failed"), "ns/rel", []],
  ];
  for (const [what, given, id, done] of releases)
    it(what, async () => {
      const there = places(given);
      assert.equal(await find(resource(RELEASE, { name: "rel", namespace: "ns" }), there), id);
      assert.deepEqual(there.done, done);
    });
});

describe("Healing a state", () => {
  const creating = (of: Resource): Operation => ({ type: "creating", resource: of });
  const balancerResource = resource(LB, { name: "lb" });

  it("adopts what was made, to be read in full, and forgets the operation", async () => {
    const state: Deployment = { resources: [], pending_operations: [creating(balancerResource)] };
    const found = await examine(state.pending_operations ?? [], state, places(answers));
    assert.deepEqual(found, {
      adopt: [{ resource: balancerResource, id: "5" }],
      reread: [balancerResource.urn],
    });
    const { resources, pending_operations } = mended(state, found);
    assert.deepEqual(resources, [{ ...balancerResource, id: "5", outputs: {} }]);
    assert.deepEqual(pending_operations, []);
  });

  it("only forgets what was not made", async () => {
    const other = resource(LB, { name: "other" });
    const state: Deployment = { resources: [], pending_operations: [creating(other)] };
    assert.deepEqual(await examine([creating(other)], state, places(answers)), { adopt: [], reread: [] });
  });

  it("does not take what the state has already for something new", async () => {
    const old = resource(RECORD, {}, { id: "r2", urn: "urn:pulumi:dev::net::x::old" });
    const wanted = { zoneId: zone, name: "a.example.com", type: "A", content: "192.0.2.1" };
    const state: Deployment = { resources: [old] };
    const found = await examine([creating(resource(RECORD, wanted))], state, places(answers));
    assert.deepEqual(found, { adopt: [], reread: [] });
  });

  it("reads again what was being updated or deleted, if the state has it", async () => {
    const known = resource(SERVICE, {}, { id: "5__80" });
    const unknown = resource(SERVICE, {}, { urn: "urn:pulumi:dev::net::x::gone" });
    const operations: Operation[] = [
      { type: "deleting", resource: known },
      { type: "updating", resource: known },
      { type: "deleting", resource: unknown },
    ];
    const found = await examine(operations, { resources: [known] }, places(answers));
    assert.deepEqual(found, { adopt: [], reread: [known.urn] });
  });

  it("leaves what an adopted resource replaces to be deleted, and drops it when that was done before", () => {
    const adopt = [{ resource: balancerResource, id: "5" }];
    const old = resource(LB, {}, { id: "4" });
    const after = resource(SERVICE, {}, { id: "4__80" });
    assert.deepEqual(mended({ resources: [old, after] }, { adopt, reread: [] }).resources, [
      { ...balancerResource, id: "5", outputs: {} },
      { ...old, delete: true },
      after,
    ]);
    const gone = { ...old, pendingReplacement: true };
    assert.deepEqual(mended({ resources: [gone, after] }, { adopt, reread: [] }).resources, [
      { ...balancerResource, id: "5", outputs: {} },
      after,
    ]);
  });
});

describe("The engine's own locks", () => {
  const locked = (content: string) => {
    const home = temporaryHome();
    const folder = path.join(home, "state/.pulumi/locks/organization/net/dev");
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, "1.json"), content);
    return { home, left: () => fs.readdirSync(folder).length };
  };

  it("are removed when their engine is gone, or when they are damaged", () => {
    for (const content of [JSON.stringify({ pid: 5, hostname: os.hostname() }), '{"pid": 5']) {
      const { home, left } = locked(content);
      breakStaleLocks(home, "net", "dev", () => false);
      assert.equal(left(), 0);
    }
  });

  it("are left when somebody works on the stack with pulumi", () => {
    const { home, left } = locked(JSON.stringify({ pid: 5, hostname: os.hostname() }));
    assert.throws(
      () => breakStaleLocks(home, "net", "dev", () => true),
      /in use by another pulumi \(process 5\)/,
    );
    assert.equal(left(), 1);
  });

  it("need not be there", () => breakStaleLocks("/nowhere", "net", "dev"));
});

describe("files that a kill left cut off", () => {
  it("are removed: drafts, and attributes that cannot be read; the rest stays", () => {
    const home = temporaryHome();
    const folder = path.join(home, "state", ".pulumi", "stacks", "net");
    fs.mkdirSync(folder, { recursive: true });
    const files = {
      "dev.json": "{}",
      "dev.json.attrs": "",
      "dev.json.bak.attrs": "{}",
      "dev.json.18eab1.tmp": "{",
    };
    for (const [name, content] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), content);
    dropCutOffFiles(home);
    assert.deepEqual(fs.readdirSync(folder).sort(), ["dev.json", "dev.json.bak.attrs"]);
  });

  it("need not be there", () => dropCutOffFiles("/nowhere"));
});
