import * as assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { apply, clouds, kube } from "./deployment";
import { world } from "./the-world";
import { until } from "./until";

const host = "shop.apps.example.com";
const at = "/apis/networking.k8s.io/v1/namespaces/production/ingresses/shop";

/** Somebody's own Ingress, beside the program's. */
const shop = {
  apiVersion: "networking.k8s.io/v1",
  kind: "Ingress",
  metadata: { name: "shop", namespace: "production" },
  spec: {
    ingressClassName: "traefik",
    rules: [
      {
        host,
        http: {
          paths: [
            {
              path: "/",
              pathType: "Prefix",
              backend: { service: { name: "web-frontend", port: { number: 80 } } },
            },
          ],
        },
      },
    ],
  },
};

const records = async () => (await clouds.inventory()).cloudflare.dns_records;
const isTheirs = ({ name }: { readonly name: string }) => name.endsWith(`.${host}`) || name === host;
const isThere = async () => (await records()).some(({ name, type }) => name === host && type === "A");
const others = async () =>
  (await records()).filter((record) => !isTheirs(record) && !record.name.startsWith("_acme-challenge"));
const oftener = (args: readonly string[]) =>
  args.map((arg) => (arg.startsWith("--interval") ? "--interval=2s" : arg));

describe("external-dns", () => {
  it("makes the records of an Ingress beside Pulumi's, and touches none of those", async () => {
    const before = await others();
    const program = await world.externalDns(oftener);
    await apply(at, shop);
    try {
      await until("the record", isThere, 30);
      const [made] = (await records()).filter(({ name, type }) => name === host && type === "A");
      assert.equal(made?.content, world.balancer.address);
      assert.ok((await records()).some(({ name, type }) => type === "TXT" && name === `edns-a.${host}`));
      assert.deepEqual(await others(), before);
    } finally {
      await program.kill();
    }
  });

  it("deletes nothing by upsert-only; with sync it would, and only its own", async () => {
    const before = await others();
    await kube(at, { method: "DELETE", type: "application/json" });
    const careful = await world.externalDns(oftener);
    await sleep(8000);
    await careful.kill();
    assert.ok(await isThere(), "the record is gone");

    const sync = await world.externalDns((args) =>
      oftener(args).map((arg) => arg.replace(/^--policy=.*/, "--policy=sync")),
    );
    try {
      await until("the deletion", async () => !(await isThere()), 30);
      assert.deepEqual(await others(), before);
    } finally {
      await sync.kill();
    }
  });
});
