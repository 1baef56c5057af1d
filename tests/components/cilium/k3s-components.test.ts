import * as assert from "node:assert/strict";

import { checkK3s } from "../../../components/cilium/k3s-components";
import type { ClusterInfo } from "../../../components/cilium/cluster-info";
import { good, goodArgs, node } from "./cluster-fixtures";

const startedWith = (...args: readonly string[]): ClusterInfo => ({
  ...good,
  nodes: [node("s1"), node("s2", { k3sArgs: args }), node("a1", { k3sArgs: ["agent"] })],
});

/** The required arguments without a flag and its value. */
const without = (flag: string, value?: string): readonly string[] =>
  goodArgs.filter(
    (arg, at) =>
      !(arg === flag && (value === undefined || goodArgs[at + 1] === value)) &&
      !(value !== undefined && arg === value && goodArgs[at - 1] === flag),
  );

describe("checkK3s", () => {
  it("passes servers with the required flags", () => assert.deepEqual(checkK3s(good), []));

  for (const [flag, value, component, remedy] of [
    ["--flannel-backend", "none", "flannel", "--flannel-backend=none"],
    ["--disable-network-policy", undefined, "its own network policy controller", "--disable-network-policy"],
    ["--disable-kube-proxy", undefined, "kube-proxy", "--disable-kube-proxy"],
    ["--disable", "traefik", "its own Traefik", "--disable=traefik"],
    ["--disable", "servicelb", "its own load balancer", "--disable=servicelb"],
  ] as const) {
    it(`reports ${component} and the server if ${remedy} is missing`, () =>
      assert.deepEqual(checkK3s(startedWith(...without(flag, value))), [
        `k3s on s2 runs ${component}: start every server with ${remedy}.`,
      ]));
  }

  for (const [what, args] of [
    ["components in one list", [...goodArgs.slice(0, -4), "--disable", "traefik,servicelb"]],
    [
      "flags with a value of true",
      goodArgs.flatMap((arg) => (arg.startsWith("--disable-") ? [arg, "true"] : [arg])),
    ],
    [
      "a repeated flag, whose last value counts",
      ["server", "--flannel-backend", "vxlan", ...goodArgs.slice(1)],
    ],
  ] as const)
    it(`accepts ${what}`, () => assert.deepEqual(checkK3s(startedWith(...args)), []));

  for (const [what, args] of [
    [
      "a flag that is false",
      goodArgs.flatMap((arg) => (arg === "--disable-kube-proxy" ? [arg, "false"] : [arg])),
    ],
    ["a flag whose last value is another", [...goodArgs, "--flannel-backend", "vxlan"]],
  ] as const)
    it(`reports ${what}`, () => assert.equal(checkK3s(startedWith(...args)).length, 1));

  it("reports everything for servers without flags, and names each server", () => {
    const nodes = [node("s1", { k3sArgs: ["server"] }), node("s2", { k3sArgs: ["server"] })];
    const lines = checkK3s({ ...good, nodes });
    assert.equal(lines.length, 5);
    for (const line of lines) assert.match(line, /^k3s on s1, s2 runs /);
  });

  it("uses evidence from the cluster if no server publishes its arguments", () => {
    const nodes = [node("s1", { k3sArgs: undefined, flannel: true }), node("s2", { k3sArgs: undefined })];
    const daemonSets = [
      { name: "svclb-traefik-1a2b", image: "rancher/klipper-lb:v0.4.9" },
      { name: "other", image: "x:1" },
    ];
    assert.deepEqual(checkK3s({ ...good, nodes, daemonSets, helmCharts: ["traefik", "traefik-crd"] }), [
      "k3s runs flannel (its annotations on s1): start every server with --flannel-backend=none.",
      "k3s runs its own Traefik (the HelmChart traefik): start every server with --disable=traefik.",
      "k3s runs its own load balancer (the DaemonSet svclb-traefik-1a2b): start every server with --disable=servicelb.",
    ]);
  });

  it("ignores flannel's annotations if the arguments are known", () =>
    assert.deepEqual(checkK3s({ ...good, nodes: [node("s1", { flannel: true })] }), []));

  it("reports what k3s left behind", () =>
    assert.deepEqual(checkK3s({ ...good, daemonSets: [{ name: "svclb-web", image: "x:1" }] }), [
      "k3s no longer runs its own load balancer, but left it behind (the DaemonSet svclb-web): delete it.",
    ]));

  it("reports kube-proxy and other CNIs", () => {
    const daemonSets = ["kube-proxy", "kube-flannel-ds", "cilium", "calico-node"].map((name) => ({
      name,
      image: "x:1",
    }));
    assert.match(checkK3s({ ...good, daemonSets }).join(), /\(kube-proxy, kube-flannel-ds, calico-node\)/);
  });
});
