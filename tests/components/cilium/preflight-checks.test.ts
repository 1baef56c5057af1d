import * as assert from "node:assert/strict";

import { runPreflightChecks, type DesiredCilium } from "../../../components/cilium/preflight-checks";
import type { ClusterInfo } from "../../../components/cilium/cluster-info";
import { good, goodArgs, node, running, wanted } from "./cluster-fixtures";

const messages =
  (isBlocking: boolean) =>
  (desired: DesiredCilium, cluster: ClusterInfo, isNew: boolean): string[] =>
    runPreflightChecks(desired, cluster, isNew).flatMap((each) =>
      each.isBlocking === isBlocking ? [each.message] : [],
    );
const [errors, warnings] = [messages(true), messages(false)];

const withKernel = (kernel: string): ClusterInfo => ({ ...good, nodes: [node("a", { kernel })] });

describe("runPreflightChecks", () => {
  it("passes a cluster that meets the requirements, with or without Cilium", () => {
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
    it(`${fits ? "accepts" : "rejects"} kernel ${kernel} for ${version} ${encryption ? "with" : "without"} encryption`, () => {
      const want = { ...wanted, version, encryption, nodes: 1 };
      for (const isNew of [true, false])
        assert.equal(errors(want, withKernel(kernel), isNew).length, fits ? 0 : 1);
    });

  it("reports every node whose kernel is too old, its kernel and the minimum", () => {
    const nodes = [node("a", { kernel: "5.4.0" }), node("b"), node("c", { kernel: "4.19.0" })];
    assert.deepEqual(errors(wanted, { ...good, nodes }, true), [
      "a has kernel 5.4.0, c has kernel 4.19.0, but Cilium 1.20.2 needs 5.10 or newer: upgrade the nodes' OS.",
    ]);
  });

  for (const [nodes, isNew, refuses, tells] of [
    [2, true, 0, 1],
    [3, true, 0, 0],
    [4, true, 1, 0],
    [4, false, 0, 1],
    [2, false, 0, 1],
  ] as const)
    it(`${refuses ? "rejects" : tells ? "warns of" : "accepts"} three nodes with cluster.nodes: ${nodes} on ${isNew ? "install" : "upgrade"}`, () => {
      const want = { ...wanted, nodes };
      const [seen, lines] = isNew
        ? [good, errors(want, good, true)]
        : [running("1.20.2"), errors(want, running("1.20.2"), false)];
      assert.equal(lines.length, refuses);
      assert.equal(warnings(want, seen, isNew).length, tells);
      for (const line of runPreflightChecks(want, seen, isNew))
        assert.match(
          line.message,
          /^cluster\.nodes: got [24], but the cluster has 3 nodes \(s1, a1, a2\): .*cluster\.nodes: 3/,
        );
    });

  it("only warns of missing nodes without awaitReady", () => {
    const want = { ...wanted, nodes: 4, awaitReady: false };
    const bare = { ...good, nodes: [node("a", { podCidr: undefined })] };
    assert.deepEqual(errors(want, bare, true), []);
    assert.equal(warnings(want, bare, true).length, 2);
  });

  it("rejects nodes without a podCIDR, unless Cilium allocates addresses", () => {
    const nodes = [node("a"), node("b", { podCidr: undefined }), node("c", { podCidr: undefined })];
    const [line = ""] = errors(wanted, { ...good, nodes }, true);
    assert.match(line, /^b, c: no podCIDR yet\..*cilium\.ipam: cluster-pool\.$/);
    assert.deepEqual(
      errors({ ...wanted, ipam: "cluster-pool", pool: ["10.42.0.0/16"] }, { ...good, nodes }, true),
      [],
    );
  });

  it("rejects conflicting components of k3s on install, and warns of them on an upgrade", () => {
    const helmCharts = ["traefik"];
    assert.equal(errors(wanted, { ...good, helmCharts }, true).length, 1);
    assert.deepEqual(errors(wanted, { ...running("1.20.2"), helmCharts }, false), []);
    assert.equal(warnings(wanted, { ...running("1.20.2"), helmCharts }, false).length, 1);
  });

  it("warns of servers that store Secrets unencrypted", () => {
    const args = (...more: string[]) => [
      ...goodArgs.filter((arg) => arg !== "--secrets-encryption"),
      ...more,
    ];
    const s2 = (k3sArgs: readonly string[]) => ({
      ...good,
      nodes: [...good.nodes.slice(0, 2), node("s2", { k3sArgs })],
    });
    for (const isNew of [true, false]) {
      assert.deepEqual(errors(wanted, s2(args()), isNew), []);
      const [warning = ""] = warnings(wanted, s2(args()), isNew);
      assert.match(
        warning,
        /^k3s on s2 stores Secrets unencrypted.*: start the servers with --secrets-encryption/,
      );
    }
    assert.equal(warnings(wanted, s2(args("--secrets-encryption", "false")), true).length, 1);
    assert.deepEqual(warnings(wanted, s2(args("--secrets-encryption", "true")), true), []);
  });

  it("warns of requests that the nodes have no room for", () => {
    const room = { millicores: 6000, mebibytes: 3 * 3919 };
    assert.deepEqual(runPreflightChecks({ ...wanted, requests: room }, good, true), []);
    for (const more of [{ millicores: 6001 }, { mebibytes: 3 * 3919 + 1 }]) {
      const requests = { ...room, ...more };
      assert.deepEqual(errors({ ...wanted, requests }, good, true), []);
      const [warning = ""] = warnings({ ...wanted, requests }, good, true);
      assert.match(
        warning,
        /^the pods of this stack request 6\.0 CPUs and 11\.5 GiB, but the nodes have 6\.0 CPUs/,
      );
    }
  });

  it("rejects an installation beside another Cilium", () => {
    assert.match(errors(wanted, running("1.20.2"), true).join(), /^Cilium 1\.20\.2 is already installed/);
    const other = { ...good, daemonSets: [{ name: "cilium", image: "example.com/cilium:latest" }] };
    assert.match(errors(wanted, other, true).join(), /^Cilium \(example\.com\/cilium:latest\) is already/);
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
    it(`${refuses ? "rejects" : "accepts"} the step from ${from} to ${to}`, () => {
      const lines = errors({ ...wanted, version: to }, running(from), false);
      assert.equal(lines.length, refuses ? 1 : 0);
    });

  it("suggests the next version, up and down", () => {
    const next = (from: string, to: string) =>
      errors({ ...wanted, version: to }, running(from), false).join();
    assert.match(
      next("1.15.0", "1.20.2"),
      /^cilium\.version: got 1\.20\.2, but Cilium 1\.15\.0 is running, .* to the newest 1\.16, and/,
    );
    assert.match(next("1.20.2", "1.18.0"), /the newest 1\.19, and/);
  });

  it("suggests upgradeCompatibility on an upgrade to a new minor version only", () => {
    const moves = (from: string, want: Partial<DesiredCilium> = {}) =>
      warnings({ ...wanted, ...want }, running(from), false).join();
    assert.match(moves("1.19.4"), /set cilium\.upgradeCompatibility .*"1\.19"/);
    assert.equal(moves("1.19.4", { upgradeCompatibility: "1.15" }), "");
    assert.equal(moves("1.20.0"), "");
    assert.equal(moves("1.20.2", { version: "1.19.4" }), "");
  });

  it("rejects a change of IPAM mode", () => {
    const pool = { ...wanted, ipam: "cluster-pool" as const, pool: ["10.42.0.0/16"] };
    const toPool = errors(pool, running("1.20.2"), false);
    assert.match(toPool.join(), /^cilium\.ipam: got cluster-pool, .*currently kubernetes/);
    const fromPool = errors(wanted, running("1.20.2", { ipam: "cluster-pool" }), false);
    assert.match(fromPool.join(), /currently cluster-pool/);
  });

  for (const [pool, fits] of [
    [["10.42.0.0/16", "10.44.0.0/16"], true],
    [["10.42.0.0/16", "10.44.0.0/16", "10.45.0.0/16"], true],
    [["10.44.0.0/16", "10.42.0.0/16"], false],
    [["10.42.0.0/16"], false],
    [["10.42.0.0/15", "10.44.0.0/16"], false],
  ] as const)
    it(`${fits ? "accepts" : "rejects"} a change of the pool from 10.42.0.0/16,10.44.0.0/16 to ${pool.join()}`, () => {
      const config = { ipam: "cluster-pool", "cluster-pool-ipv4-cidr": "10.42.0.0/16 10.44.0.0/16" };
      const lines = errors({ ...wanted, ipam: "cluster-pool", pool }, running("1.20.2", config), false);
      assert.equal(lines.length, fits ? 0 : 1);
    });

  it("warns that pods must be restarted if the cluster's ID or name changes", () => {
    const clusterMesh = { id: 3, name: "fsn1" };
    const lines = (config?: ClusterInfo["ciliumConfig"], want: Partial<DesiredCilium> = {}) =>
      warnings({ ...wanted, ...want }, running("1.20.2", config), false);
    assert.match(lines({}, { clusterMesh }).join(), /default \(0\) to fsn1 \(3\): restart all pods/);
    assert.match(lines({ "cluster-id": "3", "cluster-name": "fsn1" }).join(), /fsn1 \(3\) to default \(0\)/);
    assert.deepEqual(lines({ "cluster-id": "3", "cluster-name": "fsn1" }, { clusterMesh }), []);
  });
});
