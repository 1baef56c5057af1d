import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { sumRequests, type Requests } from "../../components/resource-requests";
import { findEngineProcesses } from "../../sandbox/engine/processes";
import { pinnedVersion, readGoMod } from "../../sandbox/tools/go";
import { kubernetes, oldestKubernetes } from "../../sandbox/tools/tools";
import { readRequestsTable } from "../requests-table";
import {
  assertChanged,
  begin,
  clouds,
  emptySandbox,
  home,
  objects,
  read,
  root,
  stackFile,
  start,
  succeeded,
} from "./start";
import { listPermissions } from "./permissions";

interface PodWithRequests {
  readonly spec: { readonly containers: readonly { readonly resources: { readonly requests: Requests } }[] };
  readonly status: { readonly phase: string };
}

const loadBalancers = { dev: "k3s-dev-lb", prod: "k3s-lb" } as const;

emptySandbox();

for (const stack of ["dev", "prod"] as const) {
  describe(`the stack ${stack} in the sandbox`, () => {
    it("is deployed by one up", async () => {
      const first = await succeeded(start("up", "--stack", stack));
      const { report } = first;
      assert.equal(report?.command, "up");
      assert.equal(report.stack, stack);
      assert.match(report.engineVersion ?? "", /^3\.\d+\.\d+/);
      const { create } = report.changes;
      assert.ok(create > 80, `${create} created`);
      assertChanged(first, { create });
      assert.ok(report.seconds > 0 && report.peakMegabytes > 0);
    });

    it("runs on the Kubernetes that is pinned", async () => {
      const group = process.env.PLATFORM_SANDBOX_KUBERNETES === "oldest" ? oldestKubernetes : kubernetes;
      const pinned = pinnedVersion(readGoMod(path.join(root, "tools", group.name)), "k8s.io/kubernetes");
      const { gitVersion } = (await read(stack, "/version")) as { gitVersion: string };
      assert.equal(gitVersion, pinned);
    });

    it("has its load balancer, with PROXY protocol on 80 and 443, nodes as targets and a private address", async () => {
      const { hetzner } = await clouds.inventory();
      const found = hetzner.load_balancers.filter(({ name }) => name === loadBalancers[stack]);
      assert.equal(found.length, 1);
      // Made side by side: either may come first.
      const services = found[0]?.services
        .map(({ listen_port, proxyprotocol }) => ({ listen_port, proxyprotocol }))
        .sort((one, other) => one.listen_port - other.listen_port);
      assert.deepEqual(services, [
        { listen_port: 80, proxyprotocol: true },
        { listen_port: 443, proxyprotocol: true },
      ]);
      assert.equal(found[0]?.targets.length, 1);
      assert.equal(found[0].private_net.length, 1);
    });

    it("has the objects of real charts, really rendered", async () => {
      const workloads = await objects(stack, "apis/apps/v1/deployments");
      for (const name of [
        "cert-manager/cert-manager-webhook",
        "kube-system/cilium-operator",
        "cert-manager/trust-manager",
      ])
        assert.ok(workloads.includes(name), `${name}: ${workloads.join(", ")}`);
    });

    it("requests for pods of real charts what docs/getting-started.md says", async () => {
      const table = readRequestsTable();
      for (const [parts, namespace, labels] of [
        [
          ["Cilium, on each node", "Cilium's operator, Hubble"],
          "kube-system",
          "app.kubernetes.io/part-of=cilium",
        ],
        [["cert-manager, trust-manager"], "cert-manager", ""],
      ] as const) {
        const { items } = (await read(
          stack,
          `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(labels)}`,
        )) as { items: readonly PodWithRequests[] };
        const requests = items
          .filter(({ status }) => status.phase === "Running")
          .flatMap(({ spec }) => spec.containers.map(({ resources }) => [1, resources.requests] as const));
        const rows = table.filter(({ part }) => parts.some((each) => each === part)).map((row) => row[stack]);
        assert.equal(rows.length, parts.length);
        assert.deepEqual(sumRequests(requests), {
          millicores: rows.reduce((sum, { millicores }) => sum + millicores, 0),
          mebibytes: rows.reduce((sum, { mebibytes }) => sum + mebibytes, 0),
        });
      }
    });

    it("has certificates for what asks for them, webhooks included", async () =>
      assert.deepEqual(
        (await objects(stack, "apis/cert-manager.io/v1/certificates")).filter(
          (name) => !name.includes("trust-manager"),
        ),
        [
          "cert-manager/linkerd-trust-anchor",
          ...["tap", "tap-injector", "webhook-ca"].map((name) => `linkerd-viz/${name}`),
          ...["identity-issuer", "policy-validator", "proxy-injector", "sp-validator"].map(
            (name) => `linkerd/linkerd-${name}`,
          ),
          "linkerd/webhook-ca",
          "traefik/wildcard-cert",
        ],
      ));

    if (stack === "prod")
      it("gives its ServiceAccounts the permissions in permissions.txt, and no others", async () => {
        const names = ["cert-manager", "kube-system", "linkerd", "linkerd-viz", "production", "traefik"];
        const listed = fs.readFileSync(path.join(__dirname, "permissions.txt"), "utf8");
        assert.deepEqual(await listPermissions(stack, names), listed.trim().split("\n"));
      });

    it("shows secrets nowhere in what it prints and reports", async () => {
      const { output, report } = await start("preview", "--stack", stack);
      assert.equal(report?.outputs.passwords, "[secret]");
      const state = fs
        .readdirSync(home, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(`/${stack}.json`));
      assert.ok(state.length > 0);
      assert.doesNotMatch(output, /\$2a\$10\$/);
    });

    if (stack === "dev")
      it("refuses in preview what a chart's own schema refuses", async () => {
        const file = path.join(home, "Pulumi.dev.yaml");
        const chartValues = {
          "cert-manager": { webhok: {}, maxConcurrentChallenges: "many" },
          "external-dns": { replicaCount: 1 },
        };
        fs.writeFileSync(file, stackFile(stack, { chartValues }));
        const { code, output } = await start("preview", "--stack", stack, "--stack-file", file);
        assert.notEqual(code, 0);
        const at = "chartValues.cert-manager";
        for (const line of [
          `${at}: additional properties 'webhok' not allowed`,
          `${at}.maxConcurrentChallenges: got string, want number`,
        ])
          assert.ok(output.includes(line), output);
        assert.doesNotMatch(output, /chartValues\.external-dns|chart-values-check/);
      });

    it("is left alone by a second up", async () => {
      assertChanged(await succeeded(start("up", "--stack", stack)));
    });

    it("shows no drift in a refresh", async () => {
      assertChanged(await succeeded(start("refresh", "--stack", stack)));
    });
  });
}

describe("taking down", () => {
  it("deletes nothing of a protected stack, though the engine is not asked for a preview, and says what to do", async () => {
    const before = await clouds.inventory();
    const state = await start("preview", "--stack", "prod");
    const { code, output, report } = await start("destroy", "--stack", "prod");
    assert.notEqual(code, 0);
    assert.match(output, /protection" cannot be deleted/);
    assert.match(output, /--unprotect/);
    assert.equal(report?.changes.delete, 0);
    assert.deepEqual(await clouds.inventory(), before);
    const after = await start("preview", "--stack", "prod");
    assert.deepEqual(after.report?.changes, state.report?.changes);
  });

  it("gives the engine a temporary folder of its own, and empties it", async () => {
    const folder = path.join(home, "tmp");
    const running = begin("preview", "--stack", "prod");
    await running.printed("Previewing");
    const [engine] = findEngineProcesses(home);
    assert.ok(engine, "the engine runs");
    const environment = fs.readFileSync(`/proc/${engine.pid}/environ`, "utf8").split("\0");
    assert.ok(environment.includes(`TMPDIR=${folder}`));
    fs.writeFileSync(path.join(folder, "kubeconfig"), "");
    assert.equal((await running.finished).code, 0);
    assert.equal(fs.existsSync(folder), false);
  });

  it("names the file of --stack-file where a setting is refused", async () => {
    const file = path.join(home, "wrong.yaml");
    const right = fs.readFileSync(path.join(root, "Pulumi.prod.yaml"), "utf8");
    fs.writeFileSync(file, right.replace(/zoneId: .*/, "zoneId: abc"));
    const { code, output } = await start("preview", "--stack", "prod", "--stack-file", file);
    assert.notEqual(code, 0);
    assert.ok(output.includes(`One setting is wrong in ${path.relative(root, file)}; nothing`), output);
  });

  for (const [stack, ...options] of [["dev"], ["prod", "--unprotect"]] as const) {
    it(`leaves nothing of ${stack}`, async () => {
      const { output } = await succeeded(start("destroy", "--stack", stack, ...options));
      assert.ok(
        output.includes(`Of the stack ${stack} the clouds and the cluster hold nothing any more.`),
        output,
      );
      const namespaces = await objects(stack, "api/v1/namespaces");
      assert.deepEqual(
        namespaces.filter((name) => !/^(default|kube-)/.test(name)),
        [],
      );
    });
  }
});
