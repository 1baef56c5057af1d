import * as assert from "node:assert/strict";

import { checkK3s } from "../../../components/cilium/k3s-components";
import type { ClusterInfo } from "../../../components/cilium/cluster-info";
import { good, goodArgs, node } from "./cluster";

const startedWith = (...args: readonly string[]): ClusterInfo => ({
  ...good,
  nodes: [node("s1"), node("s2", { k3sArgs: args }), node("a1", { k3sArgs: ["agent"] })],
});

/** The good arguments without a flag, and the value behind it where it has one. */
const without = (flag: string, value?: string): readonly string[] =>
  goodArgs.filter(
    (arg, at) =>
      !(arg === flag && (value === undefined || goodArgs[at + 1] === value)) &&
      !(value !== undefined && arg === value && goodArgs[at - 1] === flag),
  );

describe("k3sFindings", () => {
  it("finds nothing where every server was started as Cilium needs it", () =>
    assert.deepEqual(checkK3s(good), []));

  for (const [flag, value, runs, mends] of [
    ["--flannel-backend", "none", "flannel", "--flannel-backend=none"],
    ["--disable-network-policy", undefined, "its own network policies", "--disable-network-policy"],
    ["--disable-kube-proxy", undefined, "kube-proxy", "--disable-kube-proxy"],
    ["--disable", "traefik", "its own Traefik", "--disable=traefik"],
    ["--disable", "servicelb", "its own load balancer", "--disable=servicelb"],
  ] as const) {
    it(`finds ${runs} where a server lacks ${mends}, and names the server`, () =>
      assert.deepEqual(checkK3s(startedWith(...without(flag, value))), [
        `k3s on s2 runs ${runs}: start every server with ${mends}.`,
      ]));
  }

  for (const [what, args] of [
    [
      "components in one list",
      [
        "server",
        "--flannel-backend",
        "none",
        "--disable-network-policy",
        "--disable-kube-proxy",
        "--disable",
        "traefik,servicelb",
      ],
    ],
    [
      "flags with a value of true",
      [
        ...goodArgs.filter((arg) => !/^--disable-/.test(arg)),
        "--disable-network-policy",
        "true",
        "--disable-kube-proxy",
        "true",
      ],
    ],
    [
      "a flag that is said twice, of which the last counts",
      ["server", "--flannel-backend", "vxlan", ...goodArgs.slice(1)],
    ],
  ] as const)
    it(`takes ${what}`, () => assert.deepEqual(checkK3s(startedWith(...args)), []));

  for (const [what, args] of [
    [
      "a flag that is false",
      [...goodArgs.filter((arg) => arg !== "--disable-kube-proxy"), "--disable-kube-proxy", "false"],
    ],
    ["a flag whose last value is another", [...goodArgs, "--flannel-backend", "vxlan"]],
  ] as const)
    it(`finds ${what}`, () => assert.equal(checkK3s(startedWith(...args)).length, 1));

  it("tells all of it for a server that was started with nothing, and names each server", () => {
    const nodes = [node("s1", { k3sArgs: ["server"] }), node("s2", { k3sArgs: ["server"] })];
    const lines = checkK3s({ ...good, nodes });
    assert.equal(lines.length, 5);
    for (const line of lines) assert.match(line, /^k3s on s1, s2 runs /);
  });

  it("goes by the signs where no server tells its arguments", () => {
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

  it("does not mind flannel's annotations where k3s tells that it no longer runs", () =>
    assert.deepEqual(checkK3s({ ...good, nodes: [node("s1", { flannel: true })] }), []));

  it("tells of what k3s left behind", () =>
    assert.deepEqual(checkK3s({ ...good, daemonSets: [{ name: "svclb-web", image: "x:1" }] }), [
      "k3s no longer runs its own load balancer, but has left it behind (the DaemonSet svclb-web): delete it.",
    ]));

  it("finds other networks, and what else does kube-proxy's work", () => {
    const daemonSets = ["kube-proxy", "kube-flannel-ds", "cilium", "calico-node"].map((name) => ({
      name,
      image: "x:1",
    }));
    assert.match(
      checkK3s({ ...good, daemonSets }).join(),
      /^kube-proxy, kube-flannel-ds, calico-node in kube-system /,
    );
  });
});
