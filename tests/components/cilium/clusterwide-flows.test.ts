import * as assert from "node:assert/strict";

import { allowsIngress, allowsEgress, pods } from "./policy-evaluation";

describe("flows with clusterDefaultDeny", () => {
  const platformPods = Object.keys(pods).filter((name) => name !== "an app");

  for (const [to, port, from] of [
    ...["53/UDP", "53/TCP"].flatMap((port) =>
      ["an app", "another team's", "traefik", "host", "remote-node"].map(
        (from) => ["coredns", port, from] as const,
      ),
    ),
    ...platformPods.map((to) => [to, "9999", "host"] as const),
    ...["host", "remote-node", "kube-apiserver"].flatMap((from) =>
      (
        [
          ["webhook", "10250"],
          ["trust-manager", "6443"],
          ["destination", "8443"],
          ["destination", "9443"],
          ["tap", "8089"],
          ["tap", "8443"],
          ["nginx", "8443"],
          ["metrics-server", "10250"],
        ] as const
      ).map(([to, port]) => [to, port, from] as const),
    ),
    ["traefik", "8000", "world"],
    ["traefik", "8443", "world"],
    ["traefik", "8443", "remote-node"],
    ["nginx", "80", "world"],
    ["nginx", "443", "world"],
    ...["8080", "8086", "8090"].flatMap((port) =>
      ["an app", "another team's", "traefik", "tap"].map((from) => ["destination", port, from] as const),
    ),
    ["destination", "9996", "tap"],
    ["tap", "9090", "tap"],
    ["traefik", "4191", "tap"],
    ["another team's", "4190", "tap"],
    ["hubble-ui", "8081", "hubble-ui"],
  ] as const)
    it(`allows ingress from ${from} to ${to} at ${port}`, () =>
      assert.equal(allowsIngress(to, port, from), true));

  for (const [to, port, from] of [
    ["coredns", "9153/TCP", "another team's"],
    ["coredns", "53/UDP", "world"],
    ["an app", "8080", "traefik"],
    ["an app", "4143", "traefik"],
    ["an app", "8080", "host"],
    ["an app", "4191", "tap"],
    ["another team's", "8080", "an app"],
    ["another team's", "8080", "traefik"],
    ["another team's", "8080", "remote-node"],
    ["another team's", "8080", "world"],
    ["traefik", "9100", "another team's"],
    ["traefik", "8080", "world"],
    ["traefik", "8443", "an app"],
    ["nginx", "8443", "world"],
    ["webhook", "10250", "an app"],
    ["webhook", "10250", "world"],
    ["destination", "9990", "an app"],
    ["destination", "8443", "an app"],
    ["tap", "8084", "an app"],
    ["tap", "8084", "traefik"],
    ["external-dns", "7979", "another team's"],
    ["hubble-ui", "8081", "an app"],
    ["metrics-server", "10250", "world"],
  ] as const)
    it(`denies ingress from ${from} to ${to} at ${port}`, () =>
      assert.equal(allowsIngress(to, port, from), false));

  for (const [from, port, to] of [
    ...platformPods.flatMap((from) => ["53/UDP", "53/TCP"].map((port) => [from, port, "coredns"] as const)),
    ...[
      "cert-manager",
      "webhook",
      "trust-manager",
      "external-dns",
      "traefik",
      "nginx",
      "destination",
      "tap",
    ].map((from) => [from, "6443", "kube-apiserver"] as const),
    ["cert-manager", "443", "world"],
    ["cert-manager", "53/UDP", "world"],
    ["external-dns", "443", "world"],
    ["coredns", "53/UDP", "world"],
    ["metrics-server", "10250", "remote-node"],
    ["hubble-ui", "6443", "kube-apiserver"],
    ["traefik", "8080", "an app"],
    ["nginx", "4143", "an app"],
    ["nginx", "8084", "tap"],
    ["tap", "4191", "an app"],
    ["tap", "4190", "another team's"],
    ["destination", "8090", "destination"],
    ["destination", "4143", "another team's"],
    ["another team's", "8086", "destination"],
  ] as const)
    it(`allows egress from ${from} to ${to} at ${port}`, () =>
      assert.equal(allowsEgress(from, port, to), true));

  for (const [from, port, to] of [
    ["an app", "53/UDP", "coredns"],
    ["an app", "8086", "destination"],
    ["an app", "6443", "kube-apiserver"],
    ["an app", "443", "world"],
    ["another team's", "6443", "kube-apiserver"],
    ["another team's", "443", "world"],
    ["another team's", "8080", "an app"],
    ["webhook", "443", "world"],
    ["trust-manager", "443", "world"],
    ["cert-manager", "80", "world"],
    ["external-dns", "8080", "an app"],
    ["traefik", "443", "world"],
    ["traefik", "10250", "kube-apiserver"],
    ["tap", "443", "world"],
    ["destination", "443", "world"],
    ["destination", "8080", "an app"],
  ] as const)
    it(`denies egress from ${from} to ${to} at ${port}`, () =>
      assert.equal(allowsEgress(from, port, to), false));
});
