import * as assert from "node:assert/strict";

import { createPreflightHook } from "../../../components/cilium/preflight-hook";
import type { ClusterInspector, ClusterInfo } from "../../../components/cilium/cluster-info";
import { run } from "../../harness";
import { good, running, wanted } from "./cluster";

/** Runs the hook before Cilium is installed, or changed, and gives what it logs and what it refuses with. */
async function ran(look: ClusterInspector, { isNew = true, preview = false } = {}) {
  const { result, logs } = await run(
    async () => {
      const { callback } = createPreflightHook("cilium", wanted, "kubeconfig", look);
      const name = { urn: "urn", id: "", name: "cilium", type: "kubernetes:helm.sh/v3:Release" };
      const inputs = { newInputs: {}, ...(!isNew && { oldInputs: {} }) };
      try {
        await callback({ ...name, ...inputs });
        return { refusal: "" };
      } catch (fault) {
        return { refusal: (fault as Error).message };
      }
    },
    { preview },
  );
  return { refusal: result.refusal, logs: logs.map(({ severity, message }) => `${severity} ${message}`) };
}

const sees =
  (seen: ClusterInfo): ClusterInspector =>
  () =>
    Promise.resolve(seen);

const outOfReach: ClusterInspector = () => Promise.reject(new Error("connect ETIMEDOUT 192.0.2.1:6443"));

describe("preflight", () => {
  for (const preview of [true, false]) {
    const when = preview ? "in a preview" : "in an up";

    it(`lets a good cluster pass without a word ${when}`, async () =>
      assert.deepEqual(await ran(sees(good), { preview }), { refusal: "", logs: [] }));

    it(`refuses with all faults at once ${when}`, async () => {
      const { refusal } = await ran(sees({ ...good, nodes: good.nodes.slice(1), helmCharts: ["traefik"] }), {
        preview,
      });
      const [first, ...lines] = refusal.split("\n");
      assert.equal(first, "The cluster does not meet Cilium's requirements; nothing was changed.");
      assert.equal(lines.length, 2);
      for (const line of lines) assert.match(line, /^ {2}- \S/);
    });
  }

  it("asks with the kubeconfig that it was given", async () => {
    const asked: string[] = [];
    await ran((kubeconfig) => {
      asked.push(kubeconfig);
      return Promise.resolve(good);
    });
    assert.deepEqual(asked, ["kubeconfig"]);
  });

  it("tells what is no reason to refuse, and goes on", async () => {
    const { refusal, logs } = await ran(sees({ ...running("1.20.2"), helmCharts: ["traefik"] }), {
      isNew: false,
    });
    assert.equal(refusal, "");
    assert.equal(logs.length, 1);
    assert.match(logs.join(), /^warn Cilium: k3s no longer runs its own Traefik/);
  });

  it("holds a change to other rules than the first installation", async () => {
    assert.match((await ran(sees(running("1.20.2")))).refusal, /is there already/);
    assert.equal((await ran(sees(running("1.20.2")), { isNew: false })).refusal, "");
  });

  it("only tells of a cluster out of reach in a preview", async () => {
    const { refusal, logs } = await ran(outOfReach, { preview: true });
    assert.equal(refusal, "");
    assert.match(logs.join(), /^warn Cannot reach the cluster .*: connect ETIMEDOUT 192\.0\.2\.1:6443\.$/);
  });

  it("refuses a cluster out of reach in an up", async () =>
    assert.match((await ran(outOfReach)).refusal, /^Cannot reach the cluster .*ETIMEDOUT/));
});
