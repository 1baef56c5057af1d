import * as assert from "node:assert/strict";

import { allowsIngress, allowsEgress, pods } from "./policy-evaluation";

/** The peers that the policies allow and deny at a port of a pod, or of a peer. */
type Row = readonly [pod: string, port: string, allowed: readonly string[], denied: readonly string[]];

const platformPods = Object.keys(pods).filter((name) => name !== "an app");
const anyPods = ["an app", "another team's", "traefik"];
const nodes = ["host", "remote-node", "kube-apiserver"];

/** Ingress, to a port of the pod. */
const ingress: readonly Row[] = [
  ...platformPods.map((name): Row => [name, "9999", ["host"], []]),
  ["coredns", "53/UDP", [...anyPods, "host", "remote-node"], ["world"]],
  ["coredns", "53/TCP", [...anyPods, "host", "remote-node"], []],
  ["coredns", "9153/TCP", [], ["another team's"]],
  ["metrics-server", "10250", nodes, ["world"]],
  ["hubble-ui", "8081", [], ["an app", "hubble-ui", "metrics-server", "remote-node", "traefik"]],
  ["hubble-relay", "4245", ["hubble-ui"], ["an app", "metrics-server", "traefik", "remote-node"]],
  ["webhook", "10250", nodes, ["an app", "world"]],
  ["trust-manager", "6443", nodes, []],
  ["external-dns", "7979", ["prometheus"], ["another team's"]],
  ["webhook", "9402", ["prometheus"], ["another team's"]],
  ["destination", "9996", ["prometheus"], ["another team's"]],
  ["nginx", "10254", ["prometheus"], ["another team's", "world"]],
  ["traefik", "9402", [], ["prometheus"]],
  ["another team's", "4191", ["prometheus", "tap"], ["an app"]],
  ["traefik", "8000", ["world"], []],
  ["traefik", "8443", ["world", "remote-node"], ["an app"]],
  ["traefik", "8080", [], ["world"]],
  ["traefik", "9100", ["prometheus"], ["another team's"]],
  ["traefik", "4191", ["tap"], []],
  ["nginx", "80", ["world"], []],
  ["nginx", "443", ["world"], []],
  ["nginx", "8443", nodes, ["world"]],
  ["destination", "8443", nodes, ["an app"]],
  ["destination", "9443", nodes, []],
  ...["8080", "8086", "8090"].map((port): Row => ["destination", port, [...anyPods, "tap"], []]),
  ["destination", "9990", [], ["an app"]],
  ["destination", "9996", ["tap"], []],
  ["tap", "8089", nodes, []],
  ["tap", "8443", nodes, []],
  ["tap", "8084", [], ["an app", "traefik", "destination"]],
  ["tap", "9090", ["tap"], []],
  ["another team's", "4190", ["tap"], []],
  ["another team's", "8080", [], ["an app", "traefik", "remote-node", "world"]],
  ["an app", "8080", [], ["traefik", "host"]],
  ["an app", "4143", [], ["traefik"]],
  ["an app", "4191", [], ["tap"]],
];

const clients = [
  "cert-manager",
  "webhook",
  "trust-manager",
  "external-dns",
  "traefik",
  "nginx",
  "destination",
  "tap",
];

/** Egress, to a port of the peer. */
const egress: readonly Row[] = [
  ...platformPods.flatMap((name) => ["53/UDP", "53/TCP"].map((port): Row => [name, port, ["coredns"], []])),
  ...clients.map((name): Row => [name, "6443", ["kube-apiserver"], []]),
  ["hubble-ui", "6443", ["kube-apiserver"], []],
  ["metrics-server", "10250", ["remote-node"], []],
  ["hubble-ui", "4245", ["hubble-relay"], ["an app"]],
  ["hubble-ui", "443", [], ["world"]],
  ["hubble-relay", "4244", ["host", "remote-node"], ["world"]],
  ["hubble-relay", "10250", [], ["host", "remote-node"]],
  ["hubble-relay", "6443", [], ["kube-apiserver"]],
  ["coredns", "53/UDP", ["world"], []],
  ["cert-manager", "443", ["world"], []],
  ["cert-manager", "53/UDP", ["world"], []],
  ["cert-manager", "80", [], ["world"]],
  ["external-dns", "443", ["world"], []],
  ["external-dns", "8080", [], ["an app"]],
  ["webhook", "443", [], ["world"]],
  ["trust-manager", "443", [], ["world"]],
  ["traefik", "8080", ["an app"], []],
  ["traefik", "443", [], ["world"]],
  ["traefik", "10250", [], ["kube-apiserver"]],
  ["nginx", "4143", ["an app"], []],
  ["nginx", "8084", ["tap"], []],
  ["tap", "4191", ["an app"], []],
  ["tap", "4190", ["another team's"], []],
  ["tap", "443", [], ["world"]],
  ["destination", "8090", ["destination"], []],
  ["destination", "4143", ["another team's"], []],
  ["destination", "443", [], ["world"]],
  ["destination", "8080", [], ["an app"]],
  ["another team's", "8086", ["destination"], []],
  ["another team's", "6443", [], ["kube-apiserver"]],
  ["another team's", "443", [], ["world"]],
  ["another team's", "8080", [], ["an app"]],
  ["an app", "53/UDP", [], ["coredns"]],
  ["an app", "8086", [], ["destination"]],
  ["an app", "6443", [], ["kube-apiserver"]],
  ["an app", "443", [], ["world"]],
];

describe("flows with clusterDefaultDeny", () => {
  for (const [direction, rows, allows] of [
    ["ingress of", ingress, allowsIngress],
    ["egress of", egress, allowsEgress],
  ] as const)
    for (const [pod, port, allowed, denied] of rows)
      for (const peer of [...allowed, ...denied])
        it(`${allowed.includes(peer) ? "allow" : "deny"} ${direction} ${pod} at ${port} with ${peer}`, () =>
          assert.equal(allows(pod, port, peer), allowed.includes(peer)));
});
