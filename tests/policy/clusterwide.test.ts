import * as assert from "node:assert/strict";

import type { GraphApp } from "../../components/network-policy/call-graph";
import { buildHealthPolicy } from "../../components/ingress/controllers/nginx/nginx-health";
import { allowsIngress, allowsEgress, pods, policies, specs } from "../components/cilium/policy-evaluation";
import { engineForSuite, type Flow, type PolicyObject } from "./engine";
import { buildWorld, splitSpecs } from "./world";

const objects = splitSpecs(policies);

/** Entities by the names of their identities. To Cilium, the node of an API server is a remote node as well. */
const entities: Readonly<Record<string, readonly string[]>> = {
  "reserved:host": ["host"],
  "reserved:remote-node": ["remote-node"],
  "reserved:kube-apiserver": ["kube-apiserver", "remote-node"],
  "reserved:world": ["world"],
};

const ports: readonly string[] = [
  ...new Set(
    specs
      .flatMap(({ ingress = [], egress = [] }) => [...ingress, ...egress])
      .flatMap(({ toPorts = [] }) => toPorts.flatMap((each) => each.ports))
      .map(({ port, protocol }) => `${port}/${protocol}`),
  ),
  "9999/TCP",
];

describe("Cilium with clusterDefaultDeny", () => {
  const engine = engineForSuite();
  const endpoints = Object.fromEntries(
    Object.entries(pods).map(([name, [namespace, labels]]) => [name, { namespace, labels }]),
  );
  const everybody = [...Object.keys(pods), ...Object.keys(entities)];

  it("agrees with the evaluation of the clusterwide policies for every pair, port and half", async () => {
    const flows = everybody.flatMap((from) =>
      everybody.flatMap((to) =>
        ports.map((each): Flow => {
          const [port, protocol] = each.split("/");
          return { from, to, protocol: protocol === "UDP" ? "UDP" : "TCP", port: Number(port) };
        }),
      ),
    );
    const decisions = await engine.ask({ policies: objects, endpoints, allowLocalhost: "policy", flows });
    const known = (name: string) => entities[name] ?? [name];
    const wrong = flows.filter(({ from, to, port, protocol }, index) => {
      const at = `${port}/${protocol}`;
      const decision = decisions[index];
      const out = known(to).some((each) => from in pods && allowsEgress(from, at, each));
      const into = known(from).some((each) => to in pods && allowsIngress(to, at, each));
      return (decision?.egress === "allowed") !== out || (decision?.ingress === "allowed") !== into;
    });
    assert.ok(decisions.length > 1000);
    assert.deepEqual(wrong, []);
  });

  for (const closed of [false, true])
    it(`allows only the load balancer from outside to the health port of ingress-nginx, clusterDefaultDeny ${String(closed)}`, async () => {
      const nginx = { namespace: "ingress-nginx", labels: { "app.kubernetes.io/name": "ingress-nginx" } };
      const guard: PolicyObject = {
        apiVersion: "cilium.io/v2",
        kind: "CiliumNetworkPolicy",
        metadata: { name: "ingress-nginx-health", namespace: nginx.namespace },
        spec: buildHealthPolicy(["10.0.0.7/32"]),
      };
      const asked = (from: string, port: number): Flow => ({ from, to: "nginx", protocol: "TCP", port });
      // What an agent takes for outside where it speaks both families, as this engine does.
      const outside = "reserved:world-ipv4";
      const flows = [
        ...[outside, "reserved:host", "prometheus"].map((from) => asked(from, 10254)),
        ...[80, 443].map((port) => asked(outside, port)),
      ];
      const decide = async (own: readonly PolicyObject[]) => {
        const policies = [...(closed ? objects : []), ...own];
        const monitoring = { namespace: "monitoring", labels: {} };
        const endpoints = { nginx, prometheus: monitoring };
        const answered = await engine.ask({ policies, endpoints, allowLocalhost: "policy", flows });
        return answered.map(({ ingress }) => ingress);
      };
      const without = await decide([]);
      assert.deepEqual(without[0], closed ? "denied" : "allowed");
      assert.deepEqual(await decide([guard]), ["denied", ...without.slice(1)]);
    });

  it("allows Cilium's health checks between nodes", async () => {
    const flows: Flow[] = ["reserved:remote-node", "reserved:host"].flatMap((node) => [
      { from: node, to: "reserved:health", protocol: "TCP", port: 4240 },
      { from: "reserved:health", to: node, protocol: "TCP", port: 4240 },
    ]);
    const decisions = await engine.ask({ policies: objects, endpoints: {}, allowLocalhost: "policy", flows });
    assert.deepEqual(decisions, [
      { ingress: "allowed" },
      { egress: "allowed" },
      { ingress: "allowed" },
      { egress: "allowed" },
    ]);
  });

  it("allows at both ends what apps and platform need of each other", async () => {
    const app = (name: string, more: Partial<GraphApp> = {}): GraphApp => ({
      ...{ name, port: 8080, meshed: true, routes: [], calls: [] },
      ...more,
    });
    const apps = [
      app("web", { routes: [{}], calls: ["grafana"] }),
      app("grafana", { existing: true, namespace: "monitoring", port: 3000 }),
      app("dashboard", {
        existing: true,
        namespace: "linkerd-viz",
        port: 8084,
        podLabels: { component: "web" },
        routes: [{}],
      }),
    ];
    const around = {
      namespace: "production",
      clusterDefaultDeny: true,
      allowLocalhost: "policy",
    } as const;
    const { ends, policies: all } = buildWorld(apps, around);
    const paths = [
      ["the traefik", "web", 8080],
      ["the traefik", "web", 4143],
      ["the traefik", "dashboard", 8084],
      ["dashboard", "the control plane", 8086],
      ["web", "the DNS", 53],
      ["web", "the control plane", 8086],
      ["web", "grafana", 3000],
      ["web", "grafana", 4143],
      ["grafana", "the DNS", 53],
      ["grafana", "the control plane", 8090],
      ["the viz", "web", 4191],
      ["the viz", "grafana", 4190],
    ] as const;
    const decisions = await engine.ask({
      policies: all,
      endpoints: Object.fromEntries(
        Object.entries(ends).flatMap(([name, { pod }]) => (pod ? [[name, pod] as const] : [])),
      ),
      allowLocalhost: "policy",
      flows: paths.map(([from, to, port]) => ({ from, to, protocol: "TCP", port })),
    });
    const stopped = paths.filter((_, index) => {
      const { egress, ingress } = decisions[index] ?? {};
      return egress !== "allowed" || ingress !== "allowed";
    });
    assert.deepEqual(stopped, []);
  });
});
