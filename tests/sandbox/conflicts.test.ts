import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import type { Change } from "../../sandbox/cluster/access";
import {
  assertChanged,
  clouds,
  emptySandbox,
  objects,
  request as requestOf,
  settingsOf,
  stackFile,
  start,
  succeeded,
  type Settings,
} from "./start";

/** Reads or changes a namespace of the cluster of dev, or a resource in one. */
const request = (resource: string, method?: Change["method"], body?: unknown) =>
  requestOf("dev", `/api/v1/namespaces${resource}`, method, body);

/** Two apps of others: one in a namespace that is not there. */
const prometheus: Settings = {
  apps: {
    ...settingsOf("dev", "apps"),
    prometheus: { existing: true, namespace: "monitoring", port: 9090, calls: ["api-gateway"] },
  },
};

describe("conflicts in the cluster", () => {
  const folder = emptySandbox();
  const run = (command: "preview" | "up", settings: Settings = {}) => {
    const file = path.join(folder, "Pulumi.dev.yaml");
    fs.writeFileSync(file, stackFile("dev", settings));
    return start(command, "--stack", "dev", "--stack-file", file);
  };
  before(async () => {
    // Starts the cluster, and creates nothing.
    await succeeded(run("preview"));
    for (const name of ["cert-manager", "traefik", "development"])
      await request("", "POST", { metadata: { name } });
    await request("/default/services", "POST", {
      metadata: { name: "other" },
      spec: { type: "NodePort", ports: [{ port: 80, nodePort: 30080 }] },
    });
  });

  for (const command of ["preview", "up"] as const)
    it(`are all reported by a first ${command}, which creates nothing`, async () => {
      const { code, output, report } = await run(command, prometheus);
      assert.notEqual(code, 0);
      for (const line of [
        "Namespace cert-manager already exists",
        "Namespace traefik already exists",
        `Namespace development already exists, not created by this stack. Import it with its contents: pulumi config set --path 'platform-networking:import["apps"]' development`,
        "loadBalancer.nodePorts.http: got 30080, which is a node port of the Service default/other",
        "apps.prometheus.namespace: got monitoring, but there is no Namespace monitoring",
      ])
        assert.ok(output.includes(line), `${line}\n${output}`);
      // The stack itself, which is no object anywhere.
      assert.ok((report?.changes.create ?? 0) <= 1);
      const { hetzner, cloudflare } = await clouds.inventory();
      assert.deepEqual([hetzner.load_balancers, cloudflare.dns_records], [[], []]);
      assert.ok(!(await objects("dev", "api/v1/namespaces")).includes("linkerd"));
    });

  it("do not include an imported namespace, whose Secrets are kept", async () => {
    for (const name of ["cert-manager", "traefik"]) await request(`/${name}`, "DELETE");
    await request("/default/services/other", "DELETE");
    const namespaces = () => objects("dev", "api/v1/namespaces");
    while ((await namespaces()).some((name) => ["cert-manager", "traefik"].includes(name)))
      await new Promise((resolve) => setTimeout(resolve, 500));
    await request("/development/secrets", "POST", {
      metadata: { name: "api" },
      stringData: { token: "made-by-hand" },
    });
    const adopt = { import: { apps: "development" } };
    await succeeded(run("up", adopt));
    const { data } = (await request("/development/secrets/api")) as { data: { token: string } };
    assert.equal(Buffer.from(data.token, "base64").toString(), "made-by-hand");
    const { metadata } = (await request("/development")) as {
      metadata: { annotations: Record<string, string> };
    };
    assert.match(metadata.annotations["platform-networking/stack"] ?? "", /\/platform-networking\/dev$/);
    assertChanged(await run("up", adopt));
  });

  it("include the missing namespace of a new app", async () => {
    const { code, output } = await run("preview", prometheus);
    assert.notEqual(code, 0);
    assert.match(output, /apps\.prometheus\.namespace: got monitoring, but there is no Namespace monitoring/);
  });

  it("include a release that an interrupted run left pending, with the command", async () => {
    const { items } = (await request("/traefik/secrets?labelSelector=owner%3Dhelm,name%3Dtraefik")) as {
      items: { metadata: { name: string } }[];
    };
    const pending = { metadata: { labels: { status: "pending-upgrade" } } };
    await request(`/traefik/secrets/${items[0]?.metadata.name ?? ""}`, "PATCH", pending);
    const ingress = { ...settingsOf("dev", "ingress"), keepAliveSeconds: 20 };
    const { code, output } = await run("preview", { ingress });
    assert.notEqual(code, 0);
    assert.match(
      output,
      /traefik\/traefik is pending-upgrade: a run was interrupted\. Run: helm rollback traefik -n traefik/,
    );
  });
});
