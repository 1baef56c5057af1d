import * as assert from "node:assert/strict";

import type { BackgroundProcess } from "./network/background-process";
import { assertFailsSoon } from "./expect-failure";
import { apply, clouds, remove } from "./deployment";
import { environment } from "./shared-environment";
import { until } from "./wait-until";

const host = "shop.apps.example.com";
const at = "/apis/networking.k8s.io/v1/namespaces/production/ingresses/shop";

const backend = { service: { name: "web-frontend", port: { number: 80 } } };
/** An Ingress that the program did not create. */
const shop = {
  apiVersion: "networking.k8s.io/v1",
  kind: "Ingress",
  metadata: { name: "shop", namespace: "production" },
  spec: {
    ingressClassName: "traefik",
    rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
  },
};

const records = async () => (await clouds.inventory()).cloudflare.dns_records;
const isTheirs = ({ name }: { readonly name: string }) => name.endsWith(`.${host}`) || name === host;
const isThere = async () => (await records()).some(({ name, type }) => name === host && type === "A");
/** Pulumi's, as they are now. */
const others = async () =>
  (await records()).filter((record) => !isTheirs(record) && !record.name.startsWith("_acme-challenge"));

/** external-dns with other options than those of its Deployment, until the work is done. */
async function running(
  options: Readonly<Record<string, string>>,
  work: (program: BackgroundProcess) => Promise<unknown>,
) {
  const program = await environment.externalDns({ "--interval": "1s", ...options });
  try {
    await work(program);
  } finally {
    await program.kill();
  }
}

/** Waits until it has compared all records twice without a change. */
const atRest = (program: BackgroundProcess) =>
  until("external-dns at rest", () => Promise.resolve(program.countLogLines("already up to date") >= 2), 30);

describe("external-dns", () => {
  it("creates the records of another Ingress, and changes none of Pulumi's", async () => {
    const before = await others();
    await apply(at, shop);
    await running({}, async (program) => {
      await until("the record", isThere, 30);
      await atRest(program);
      const made = (await records()).find(({ name, type }) => name === host && type === "A");
      assert.equal(made?.content, environment.balancer.address);
      assert.ok((await records()).some(({ name, type }) => type === "TXT" && name === `edns-a.${host}`));
      assert.deepEqual(await others(), before);
    });
  });

  it("deletes nothing with upsert-only", async () => {
    await remove(at);
    await running({}, atRest);
    assert.ok(await isThere(), "the record is gone");
  });

  it("would delete only its own records with sync", async () => {
    const before = await others();
    await running({ "--policy": "sync" }, () => until("the deletion", async () => !(await isThere()), 30));
    assert.deepEqual(await others(), before);
  });

  it("would change Pulumi's records without its ownership options", async () => {
    const before = await others();
    const everything = { "--policy": "sync", "--registry": "noop", "--domain-filter": "example.com" };
    await running(everything, () => assertFailsSoon(async () => assert.deepEqual(await others(), before)));
  });
});
