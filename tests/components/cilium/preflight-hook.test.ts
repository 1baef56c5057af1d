import * as assert from "node:assert/strict";

import { createPreflightHook } from "../../../components/cilium/preflight-hook";
import type { ClusterInspector, ClusterInfo } from "../../../components/cilium/cluster-info";
import { run } from "../../harness";
import { good, running, wanted } from "./cluster-fixtures";

/** Runs the hook for an installation or upgrade; returns its error message and logs. */
async function runHook(inspect: ClusterInspector, { isNew = true, preview = false } = {}) {
  const { result, logs } = await run(
    async () => {
      const { callback } = createPreflightHook("cilium", wanted, "kubeconfig", inspect);
      const name = { urn: "urn", id: "", name: "cilium", type: "kubernetes:helm.sh/v3:Release" };
      const inputs = { newInputs: {}, ...(!isNew && { oldInputs: {} }) };
      try {
        await callback({ ...name, ...inputs });
        return { error: "" };
      } catch (thrown) {
        return { error: (thrown as Error).message };
      }
    },
    { preview },
  );
  return { error: result.error, logs: logs.map(({ severity, message }) => `${severity} ${message}`) };
}

const inspecting =
  (cluster: ClusterInfo): ClusterInspector =>
  () =>
    Promise.resolve(cluster);

const unreachable: ClusterInspector = () => Promise.reject(new Error("connect ETIMEDOUT 192.0.2.1:6443"));

describe("createPreflightHook", () => {
  for (const preview of [true, false]) {
    const when = preview ? "in a preview" : "in an up";

    it(`passes a suitable cluster ${when}`, async () =>
      assert.deepEqual(await runHook(inspecting(good), { preview }), { error: "", logs: [] }));

    it(`reports all errors at once ${when}`, async () => {
      const { error } = await runHook(
        inspecting({ ...good, nodes: good.nodes.slice(1), helmCharts: ["traefik"] }),
        {
          preview,
        },
      );
      const [first, ...lines] = error.split("\n");
      assert.equal(first, "The cluster does not meet Cilium's requirements; nothing was changed.");
      assert.equal(lines.length, 2);
      for (const line of lines) assert.match(line, /^ {2}- \S/);
    });
  }

  it("uses the kubeconfig", async () => {
    const asked: string[] = [];
    await runHook((kubeconfig) => {
      asked.push(kubeconfig);
      return Promise.resolve(good);
    });
    assert.deepEqual(asked, ["kubeconfig"]);
  });

  it("logs warnings, and passes", async () => {
    const { error, logs } = await runHook(inspecting({ ...running("1.20.2"), helmCharts: ["traefik"] }), {
      isNew: false,
    });
    assert.equal(error, "");
    assert.equal(logs.length, 1);
    assert.match(logs.join(), /^warn Cilium: k3s no longer runs its own Traefik/);
  });

  it("distinguishes an upgrade from an installation", async () => {
    assert.match((await runHook(inspecting(running("1.20.2")))).error, /is already installed/);
    assert.equal((await runHook(inspecting(running("1.20.2")), { isNew: false })).error, "");
  });

  it("only warns of an unreachable cluster in a preview", async () => {
    const { error, logs } = await runHook(unreachable, { preview: true });
    assert.equal(error, "");
    assert.match(logs.join(), /^warn Cannot reach the cluster .*: connect ETIMEDOUT 192\.0\.2\.1:6443\.$/);
  });

  it("rejects an unreachable cluster in an up", async () =>
    assert.match((await runHook(unreachable)).error, /^Cannot reach the cluster .*ETIMEDOUT/));
});
