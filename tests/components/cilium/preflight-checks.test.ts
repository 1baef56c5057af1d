import * as assert from "node:assert/strict";

import { runPreflightChecks, type DesiredCilium } from "../../../components/cilium/preflight-checks";
import type { ClusterInfo } from "../../../components/cilium/cluster-info";
import { good, node, running, wanted } from "./cluster";

const refused = (want: DesiredCilium, seen: ClusterInfo, isNew: boolean): string[] =>
  runPreflightChecks(want, seen, isNew).flatMap((each) => (each.isBlocking ? [each.message] : []));
const told = (want: DesiredCilium, seen: ClusterInfo, isNew: boolean): string[] =>
  runPreflightChecks(want, seen, isNew).flatMap((each) => (each.isBlocking ? [] : [each.message]));

const withKernel = (kernel: string): ClusterInfo => ({ ...good, nodes: [node("a", { kernel })] });

describe("findings", () => {
  it("finds nothing wrong with a cluster as Cilium needs it, or with one it runs on", () => {
    assert.deepEqual(runPreflightChecks(wanted, good, true), []);
    assert.deepEqual(runPreflightChecks(wanted, running("1.20.1"), false), []);
  });

  for (const [version, encryption, kernel, fits] of [
    ["1.20.2", true, "5.9.16", false],
    ["1.20.2", true, "5.10.0-30-amd64", true],
    ["1.18.0", true, "5.9.0", false],
    ["1.18.0", true, "6.1.0", true],
    ["1.17.9", true, "5.6.19", false],
    ["1.17.9", true, "5.7.0", true],
    ["1.15.0", false, "4.19.57", false],
    ["1.15.0", false, "5.7.1", true],
    ["1.20.2", false, "4.18.0-553.el8_10.x86_64", true],
    ["1.20.2", true, "4.18.0-553.el8_10.x86_64", false],
    ["1.20.2", false, "4.18.0-372.el8_6.x86_64", false],
    ["1.15.0", false, "4.18.0-372.el8_6.x86_64", true],
    ["1.15.0", false, "4.18.0-348.el8_5.x86_64", false],
    ["1.20.2", true, "unknown", true],
  ] as const)
    it(`${fits ? "takes" : "refuses"} the kernel ${kernel} for ${version} ${encryption ? "with" : "without"} encryption`, () => {
      const want = { ...wanted, version, encryption, nodes: 1 };
      for (const isNew of [true, false])
        assert.equal(refused(want, withKernel(kernel), isNew).length, fits ? 0 : 1);
    });

  it("names every node whose kernel is too old, what it has, and what is wanted", () => {
    const nodes = [node("a", { kernel: "5.4.0" }), node("b"), node("c", { kernel: "4.19.0" })];
    assert.deepEqual(refused(wanted, { ...good, nodes }, true), [
      "a has the kernel 5.4.0, c has the kernel 4.19.0, and Cilium 1.20.2 wants 5.10 or newer: upgrade the nodes' system.",
    ]);
  });

  for (const [nodes, isNew, refuses, tells] of [
    [2, true, 0, 1],
    [3, true, 0, 0],
    [4, true, 1, 0],
    [4, false, 0, 1],
    [2, false, 0, 1],
  ] as const)
    it(`${refuses ? "refuses" : tells ? "tells of" : "takes"} three nodes where cluster.nodes says ${nodes}, ${isNew ? "at first" : "later"}`, () => {
      const want = { ...wanted, nodes };
      const [seen, lines] = isNew
        ? [good, refused(want, good, true)]
        : [running("1.20.2"), refused(want, running("1.20.2"), false)];
      assert.equal(lines.length, refuses);
      assert.equal(told(want, seen, isNew).length, tells);
      for (const line of runPreflightChecks(want, seen, isNew))
        assert.match(
          line.message,
          /^The cluster has 3 nodes \(s1, a1, a2\) where cluster\.nodes says [24]: .*cluster\.nodes: 3/,
        );
    });

  it("only tells of nodes that nobody waits for", () => {
    const want = { ...wanted, nodes: 4, awaitReady: false };
    const bare = { ...good, nodes: [node("a", { podCidr: undefined })] };
    assert.deepEqual(refused(want, bare, true), []);
    assert.equal(told(want, bare, true).length, 2);
  });

  it("tells a cluster without any node what to do", () =>
    assert.match(
      refused(wanted, { ...good, nodes: [] }, true).join(),
      /0 nodes \(none\).*cluster\.nodes: 1\.$/,
    ));

  it("refuses nodes that have no range for their pods, unless Cilium gives them one", () => {
    const nodes = [node("a"), node("b", { podCidr: undefined }), node("c", { podCidr: undefined })];
    const [line = ""] = refused(wanted, { ...good, nodes }, true);
    assert.match(line, /^b, c: no range of pod addresses yet\..*cilium\.ipam: cluster-pool\.$/);
    assert.deepEqual(
      refused({ ...wanted, ipam: "cluster-pool", pool: ["10.42.0.0/16"] }, { ...good, nodes }, true),
      [],
    );
  });

  it("refuses what k3s runs when Cilium is new, and only tells of it where Cilium runs beside it", () => {
    const helmCharts = ["traefik"];
    assert.equal(refused(wanted, { ...good, helmCharts }, true).length, 1);
    assert.deepEqual(refused(wanted, { ...running("1.20.2"), helmCharts }, false), []);
    assert.equal(told(wanted, { ...running("1.20.2"), helmCharts }, false).length, 1);
  });

  it("refuses to install beside a Cilium of somebody else's", () => {
    assert.match(refused(wanted, running("1.20.2"), true).join(), /^Cilium 1\.20\.2 is there already/);
    const other = { ...good, daemonSets: [{ name: "cilium", image: "registry.example.com/cilium:latest" }] };
    assert.match(
      refused(wanted, other, true).join(),
      /^Cilium \(registry\.example\.com\/cilium:latest\) is there/,
    );
  });

  for (const [from, to, refuses] of [
    ["1.15.19", "1.16.0", false],
    ["1.16.0", "1.15.19", false],
    ["1.19.0", "1.20.2", false],
    ["1.20.0", "1.20.2", false],
    ["1.15.19", "1.17.0", true],
    ["1.15.0", "1.20.2", true],
    ["1.20.2", "1.18.0", true],
  ] as const)
    it(`${refuses ? "refuses" : "takes"} the step from ${from} to ${to}`, () => {
      const lines = refused({ ...wanted, version: to }, running(from), false);
      assert.equal(lines.length, refuses ? 1 : 0);
    });

  it("tells the version that comes next, up and down", () => {
    const next = (from: string, to: string) =>
      refused({ ...wanted, version: to }, running(from), false).join();
    assert.match(
      next("1.15.0", "1.20.2"),
      /^Cilium 1\.15\.0 runs, .* First set cilium\.version to the newest 1\.16, and/,
    );
    assert.match(next("1.20.2", "1.18.0"), /the newest 1\.19, and/);
  });

  it("asks for upgradeCompatibility where the version moves up, and nowhere else", () => {
    const moves = (from: string, want: Partial<DesiredCilium> = {}) =>
      told({ ...wanted, ...want }, running(from), false).join();
    assert.match(moves("1.19.4"), /set cilium\.upgradeCompatibility .*"1\.19"/);
    assert.equal(moves("1.19.4", { upgradeCompatibility: "1.15" }), "");
    assert.equal(moves("1.20.0"), "");
    assert.equal(moves("1.20.2", { version: "1.19.4" }), "");
  });

  it("says nothing about versions where the image does not tell its own", () => {
    const seen = {
      ...good,
      daemonSets: [{ name: "cilium", image: "registry.example.com/cilium@sha256:01" }],
    };
    assert.deepEqual(runPreflightChecks(wanted, seen, false), []);
  });

  it("refuses another way of addresses than that by which the pods have theirs", () => {
    const pool = { ...wanted, ipam: "cluster-pool" as const, pool: ["10.42.0.0/16"] };
    assert.match(
      refused(pool, running("1.20.2"), false).join(),
      /^cilium\.ipam: got cluster-pool, but .* by kubernetes/,
    );
    assert.match(
      refused(wanted, running("1.20.2", { ipam: "cluster-pool" }), false).join(),
      /by cluster-pool/,
    );
  });

  for (const [pool, fits] of [
    [["10.42.0.0/16", "10.44.0.0/16"], true],
    [["10.42.0.0/16", "10.44.0.0/16", "10.45.0.0/16"], true],
    [["10.44.0.0/16", "10.42.0.0/16"], false],
    [["10.42.0.0/16"], false],
    [["10.42.0.0/15", "10.44.0.0/16"], false],
  ] as const)
    it(`${fits ? "takes" : "refuses"} the pool ${pool.join()} where pods have addresses of 10.42.0.0/16 and 10.44.0.0/16`, () => {
      const config = { ipam: "cluster-pool", "cluster-pool-ipv4-cidr": "10.42.0.0/16 10.44.0.0/16" };
      const lines = refused({ ...wanted, ipam: "cluster-pool", pool }, running("1.20.2", config), false);
      assert.equal(lines.length, fits ? 0 : 1);
    });

  it("tells that pods must be restarted where the cluster's id or name changes", () => {
    const clusterMesh = { id: 3, name: "fsn1" };
    const lines = (config?: ClusterInfo["ciliumConfig"], want: Partial<DesiredCilium> = {}) =>
      told({ ...wanted, ...want }, running("1.20.2", config), false);
    assert.match(lines({}, { clusterMesh }).join(), /default \(0\) and becomes fsn1 \(3\): restart all pods/);
    assert.match(
      lines({ "cluster-id": "3", "cluster-name": "fsn1" }).join(),
      /fsn1 \(3\) and becomes default \(0\)/,
    );
    assert.deepEqual(lines({ "cluster-id": "3", "cluster-name": "fsn1" }, { clusterMesh }), []);
  });
});
