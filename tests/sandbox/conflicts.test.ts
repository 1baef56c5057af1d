import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { parse, stringify } from "yaml";

import type { Change } from "../../sandbox/cluster/access";
import { clear, cluster, inventory, objects, request as requestOf, root, start } from "./start";

type Config = Record<string, unknown>;

const own = (key: string): string => `platform-networking:${key}`;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "conflicts-"));

/** The settings of dev with these in their place. */
function stackFile(changed: (config: Config) => Config): string {
  const { config } = parse(fs.readFileSync(path.join(root, "Pulumi.dev.yaml"), "utf8")) as { config: Config };
  const file = path.join(folder, "Pulumi.dev.yaml");
  fs.writeFileSync(file, stringify({ config: { ...config, ...changed(config) } }));
  return file;
}

const run = (command: "preview" | "up", changed: (config: Config) => Config = () => ({})) =>
  start(command, "--stack", "dev", "--stack-file", stackFile(changed));

/** Reads or changes a namespace of the cluster of dev, or a resource in one. */
const request = (resource: string, method?: Change["method"], body?: unknown) =>
  requestOf("dev", `/api/v1/namespaces${resource}`, method, body);

/** Two apps of others: one in a namespace that is not there. */
const prometheus = (config: Config) => ({
  [own("apps")]: {
    ...(config[own("apps")] as Config),
    prometheus: { existing: true, namespace: "monitoring", port: 9090, calls: ["api-gateway"] },
  },
});

describe("conflicts in the cluster", () => {
  before(async () => {
    await clear();
    // Starts the cluster, and creates nothing.
    assert.equal((await run("preview")).code, 0);
    for (const name of ["cert-manager", "traefik", "development"])
      await request("", "POST", { metadata: { name } });
    await request("/default/services", "POST", {
      metadata: { name: "other" },
      spec: { type: "NodePort", ports: [{ port: 80, nodePort: 30080 }] },
    });
  });
  after(async () => {
    await clear();
    fs.rmSync(folder, { recursive: true });
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
      const { hetzner, cloudflare } = await inventory();
      assert.deepEqual([hetzner.load_balancers, cloudflare.dns_records], [[], []]);
      assert.ok(!(await objects(await cluster("dev"), "api/v1/namespaces")).includes("linkerd"));
    });

  it("do not include an imported namespace, whose Secrets are kept", async () => {
    for (const name of ["cert-manager", "traefik"]) await request(`/${name}`, "DELETE");
    await request("/default/services/other", "DELETE");
    const namespaces = async () => objects(await cluster("dev"), "api/v1/namespaces");
    while ((await namespaces()).some((name) => ["cert-manager", "traefik"].includes(name)))
      await new Promise((resolve) => setTimeout(resolve, 500));
    await request("/development/secrets", "POST", {
      metadata: { name: "api" },
      stringData: { token: "made-by-hand" },
    });
    const adopt = () => ({ [own("import")]: { apps: "development" } });
    const first = await run("up", adopt);
    assert.equal(first.code, 0, first.output);
    const { data } = (await request("/development/secrets/api")) as { data: { token: string } };
    assert.equal(Buffer.from(data.token, "base64").toString(), "made-by-hand");
    const { metadata } = (await request("/development")) as {
      metadata: { annotations: Record<string, string> };
    };
    assert.match(metadata.annotations["platform-networking/stack"] ?? "", /\/platform-networking\/dev$/);
    const second = await run("up", adopt);
    assert.deepEqual(
      { ...second.report?.changes, same: 0 },
      { create: 0, update: 0, same: 0, delete: 0, replace: 0 },
    );
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
    const { code, output } = await run("preview", (config) => ({
      [own("ingress")]: { ...(config[own("ingress")] as Config | undefined), keepAliveSeconds: 20 },
    }));
    assert.notEqual(code, 0);
    assert.match(
      output,
      /traefik\/traefik is pending-upgrade: a run was interrupted\. Run: helm rollback traefik -n traefik/,
    );
  });
});
