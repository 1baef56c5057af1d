import * as assert from "node:assert/strict";

import * as cloudflare from "@pulumi/cloudflare";
import * as hcloud from "@pulumi/hcloud";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";

import { importCommand, Imports, type ImportIds } from "../../../components/pulumi/import-existing";
import { attempt, find, type Recorded } from "../../harness";
import { providers } from "../providers";

const record = { zoneId: "z", name: "example.com", type: "TXT", content: '"x"', ttl: 1 };

/** One resource of each provider, all with the same name, and another record. */
class Group extends pulumi.ComponentResource {
  constructor({ transformation }: Imports) {
    super(
      "platform:networking:Group",
      "x",
      {},
      { providers: providers(), transformations: [transformation] },
    );
    new cloudflare.DnsRecord("x", record, { parent: this, deleteBeforeReplace: true });
    new cloudflare.DnsRecord("other", record, { parent: this });
    new hcloud.LoadBalancer("x", { loadBalancerType: "lb11", location: "fsn1" }, { parent: this });
    new kubernetes.core.v1.Namespace("x", {}, { parent: this });
    new random.RandomPassword("x", { length: 32 }, { parent: this });
    new tls.PrivateKey("x", { algorithm: "RSA" }, { parent: this });
  }
}

const make = (ids: ImportIds) =>
  attempt(() => {
    const imports = new Imports(ids);
    new Group(imports);
    imports.assertAllUsed();
  });

const importIds = (resources: readonly Recorded[]) =>
  Object.fromEntries(
    resources
      .filter(({ importId }) => importId !== "")
      .map((each) => [`${each.type} ${each.name}`, each.importId]),
  );

describe("the command that imports a resource", () => {
  it("is one shell word for any name", () => {
    assert.equal(
      importCommand(`caa-"it's"`, "1/2"),
      `pulumi config set --path 'platform-networking:import["caa-\\"it'\\''s\\""]' 1/2`,
    );
  });
});

describe("Imports", () => {
  it("imports Hetzner and Cloudflare resources and namespaces of that name, and no others", async () => {
    const { fault, resources } = await make({ x: "the-id" });
    assert.equal(fault, undefined);
    assert.deepEqual(importIds(resources), {
      "cloudflare:index/dnsRecord:DnsRecord x": "the-id",
      "hcloud:index/loadBalancer:LoadBalancer x": "the-id",
      "kubernetes:core/v1:Namespace x": "the-id",
    });
  });

  it("imports another Kubernetes object by its type and name", async () => {
    const secret = "kubernetes:core/v1:Secret::x";
    const { resources } = await attempt(() => {
      const { transformation } = new Imports({ [secret]: "apps/x" });
      const provider = new kubernetes.Provider("own", {});
      for (const type of [kubernetes.core.v1.Secret, kubernetes.core.v1.ConfigMap])
        new type("x", {}, { provider, transformations: [transformation] });
    });
    assert.deepEqual(importIds(resources), { "kubernetes:core/v1:Secret x": "apps/x" });
  });

  it("removes the beforeCreate hooks of imported resources only", async () => {
    const { resources } = await attempt(() => {
      const nothing = () => undefined;
      const hooks = {
        beforeCreate: [new pulumi.ResourceHook("before-create", nothing)],
        afterCreate: [new pulumi.ResourceHook("after-create", nothing)],
        beforeUpdate: [new pulumi.ResourceHook("before-update", nothing)],
        afterUpdate: [new pulumi.ResourceHook("after-update", nothing)],
      };
      const { transformation } = new Imports({ imported: "id" });
      const provider = new cloudflare.Provider("own", { apiToken: "token" });
      for (const name of ["imported", "created"])
        new cloudflare.DnsRecord(name, record, { provider, hooks, transformations: [transformation] });
    });
    const hooks = {
      beforeCreate: ["before-create"],
      afterCreate: ["after-create"],
      beforeUpdate: ["before-update"],
      afterUpdate: ["after-update"],
      onError: [],
    };
    assert.deepEqual(find(resources, ":DnsRecord", "created").hooks, hooks);
    assert.deepEqual(find(resources, ":DnsRecord", "imported").hooks, { ...hooks, beforeCreate: [] });
  });

  it("refuses names of no resource, all at once", async () => {
    const { fault } = await make({ other: "id", y: "id", "dns-example.com-A": "id" });
    assert.ok(fault instanceof pulumi.RunError);
    assert.equal(
      fault.message,
      "import: got y, dns-example.com-A, want names of Hetzner, Cloudflare or Namespace resources as shown in the " +
        "preview, such as dns-example.com, or <type>::<name> of another Kubernetes object.",
    );
  });

  it("refuses the name of another Kubernetes object", async () => {
    const { fault } = await attempt(() => {
      const imports = new Imports({ x: "id" });
      const [, , provider] = providers();
      new kubernetes.core.v1.ConfigMap("x", {}, { provider, transformations: [imports.transformation] });
      imports.assertAllUsed();
    });
    assert.match(fault?.message ?? "", /^import: got x, want /);
  });
});
