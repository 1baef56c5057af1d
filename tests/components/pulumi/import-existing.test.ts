import * as assert from "node:assert/strict";

import * as cloudflare from "@pulumi/cloudflare";
import * as hcloud from "@pulumi/hcloud";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";

import { Imports, type ImportIds } from "../../../components/pulumi/import-existing";
import { attempt, find, type Recorded } from "../../harness";
import { providers } from "../providers";

const record = { zoneId: "z", name: "example.com", type: "TXT", content: '"x"', ttl: 1 };

/** One resource of each package, all of one name, and another record. */
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
    const adoption = new Imports(ids);
    new Group(adoption);
    adoption.assertAllUsed();
  });

const importIds = (resources: readonly Recorded[]) =>
  Object.fromEntries(
    resources
      .filter(({ importId }) => importId !== "")
      .map((each) => [`${each.type} ${each.name}`, each.importId]),
  );

describe("Adoption", () => {
  it("imports by its id what has the name at Hetzner and Cloudflare, and namespaces, and nothing else", async () => {
    const { fault, resources } = await make({ x: "the-id" });
    assert.equal(fault, undefined);
    assert.deepEqual(importIds(resources), {
      "cloudflare:index/dnsRecord:DnsRecord x": "the-id",
      "hcloud:index/loadBalancer:LoadBalancer x": "the-id",
      "kubernetes:core/v1:Namespace x": "the-id",
    });
  });

  it("leaves what the program says of it as it is", async () => {
    const made = (await make({})).resources;
    const taken = (await make({ x: "id" })).resources;
    assert.deepEqual({ ...find(taken, ":DnsRecord", "x"), importId: "" }, find(made, ":DnsRecord", "x"));
    assert.equal(find(taken, ":DnsRecord", "x").deleteBeforeReplace, true);
  });

  it("drops what would look before a creation from what it takes over, and nothing else", async () => {
    const { resources } = await attempt(() => {
      const nothing = () => undefined;
      const hooks = {
        beforeCreate: [new pulumi.ResourceHook("looks", nothing)],
        afterCreate: [new pulumi.ResourceHook("waits", nothing)],
        beforeUpdate: [new pulumi.ResourceHook("minds", nothing)],
        afterUpdate: [new pulumi.ResourceHook("lets go", nothing)],
      };
      const { transformation } = new Imports({ taken: "id" });
      const provider = new cloudflare.Provider("own", { apiToken: "token" });
      for (const name of ["taken", "made"])
        new cloudflare.DnsRecord(name, record, { provider, hooks, transformations: [transformation] });
    });
    const hooks = {
      beforeCreate: ["looks"],
      afterCreate: ["waits"],
      beforeUpdate: ["minds"],
      afterUpdate: ["lets go"],
      onError: [],
    };
    assert.deepEqual(find(resources, ":DnsRecord", "made").hooks, hooks);
    assert.deepEqual(find(resources, ":DnsRecord", "taken").hooks, { ...hooks, beforeCreate: [] });
  });

  it("imports nothing where nothing is to be taken over", async () => {
    const { fault, resources } = await make({});
    assert.equal(fault, undefined);
    assert.deepEqual(importIds(resources), {});
  });

  it("refuses names that nothing has, all at once, and says what it wants", async () => {
    const { fault } = await make({ other: "id", y: "id", "dns-example.com-A": "id" });
    assert.ok(fault instanceof pulumi.RunError);
    assert.equal(
      fault.message,
      "import: got y, dns-example.com-A, want names of resources at Hetzner or Cloudflare as the preview shows them, " +
        "such as dns-example.com.",
    );
  });

  it("refuses the name of what is not at a cloud", async () => {
    const { fault } = await attempt(() => {
      const adoption = new Imports({ x: "id" });
      const [, , provider] = providers();
      new kubernetes.core.v1.ConfigMap("x", {}, { provider, transformations: [adoption.transformation] });
      adoption.assertAllUsed();
    });
    assert.match(fault?.message ?? "", /^import: got x, want /);
  });
});
