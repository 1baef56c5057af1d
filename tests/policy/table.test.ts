import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { appLabels } from "../../components/app/deployment";
import { filterByType, readPath, type Resources } from "../invariants/resources";
import { matchesSelector } from "../invariants/selectors";
import type { EndpointSelector } from "../../components/custom-resources/cilium-resources";
import { engineForSuite, runProd, type Flow, type Pod } from "./engine";

const namespace = "production";
const named = (where: string, name: string, more: Pod["labels"] = {}): Pod => ({
  namespace: where,
  labels: { "app.kubernetes.io/name": name, ...more },
});
const pod = (where: string, labels: Pod["labels"] = {}): Pod => ({ namespace: where, labels });
const app = (name: string) => pod(namespace, appLabels(name));

/** Pods of each namespace of the platform, of apps, and of others, by the names of the rows. */
const rows: Readonly<Record<string, Pod>> = {
  Traefik: named("traefik", "traefik"),
  "cert-manager": named("cert-manager", "cert-manager", { "app.kubernetes.io/component": "controller" }),
  "cert-manager webhook": named("cert-manager", "webhook", { "app.kubernetes.io/component": "webhook" }),
  "external-dns": named("external-dns", "external-dns"),
  linkerd: pod("linkerd", { "linkerd.io/control-plane-component": "destination" }),
  "linkerd-viz": pod("linkerd-viz", { component: "web" }),
  "Hubble's UI": pod("kube-system", { "k8s-app": "hubble-ui" }),
  "Hubble's relay": pod("kube-system", { "k8s-app": "hubble-relay" }),
  "kube-system, others": pod("kube-system", { "k8s-app": "metrics-server" }),
  "app that calls": app("api-gateway"),
  "app that does not": app("grafana"),
  "app with egress to all": app("web-frontend"),
  "unmeshed app": app("user-service"),
  "undeclared pod there": pod(namespace, { app: "undeclared" }),
  stranger: pod("shop", { app: "cart" }),
  "false ingress-nginx": named("ingress-nginx", "ingress-nginx"),
};

/** Further destinations. */
const callees: Readonly<Record<string, Pod>> = {
  meshed: app("auth-service"),
  routed: app("admin"),
  unmeshed: app("user-service"),
};

const undeclared = 9999;

/** Destinations, by the names of the columns. `mesh` is a port of a pod as Linkerd's proxy of the caller dials it. */
const columns: Readonly<Record<string, readonly [to: string, port: number, mesh?: number]>> = {
  metadata: ["cidr:169.254.169.254", 80],
  kubelet: ["reserved:remote-node", 10250],
  "own kubelet": ["reserved:host", 10250],
  API: ["reserved:kube-apiserver", 6443],
  "node port": ["reserved:remote-node", 30443],
  internet: ["cidr:203.0.113.9", 443],
  Traefik: ["Traefik", 8443],
  "viz web": ["linkerd-viz", 8084],
  "viz tap": ["linkerd-viz", 8089],
  relay: ["Hubble's relay", 4245],
  "Hubble UI": ["Hubble's UI", 8081],
  declared: ["meshed", 8080],
  "by mesh": ["meshed", 4143, 8080],
  undeclared: ["meshed", undeclared],
  "undeclared by mesh": ["meshed", 4143, undeclared],
  routed: ["routed", 4143, 8080],
  "routed, undeclared": ["routed", 4143, undeclared],
  unmeshed: ["unmeshed", 8080],
  "unmeshed, undeclared": ["unmeshed", undeclared],
};

/** Whether Linkerd has a Server for a port of a pod. Without one, the default inbound policy of the pod decides. */
function isOpenInMesh(resources: Resources, { labels }: Pod, port: number): boolean {
  const [deployment] = filterByType(resources, "Deployment").filter(({ name }) => name === labels.app);
  const annotations = readPath(deployment?.inputs, "spec.template.metadata.annotations") as Pod["labels"];
  const servers = filterByType(resources, "Server").filter(({ inputs }) => {
    const selector = readPath(inputs, "spec.podSelector") as EndpointSelector;
    return readPath(inputs, "spec.port") === port && matchesSelector(selector, labels);
  });
  return servers.length > 0 || annotations["config.linkerd.io/default-inbound-policy"] !== "deny";
}

const settings = {
  externalDns: { domains: ["shop.example.com"] },
  externalDnsToken: "e".repeat(40),
  "apps.web-frontend.egress": [{ cidr: "0.0.0.0/0", ports: [80, 443, 6443, 8080, 10250, 30443] }],
  "apps.user-service.meshed": false,
};

describe("The table of what a pod of each namespace reaches", () => {
  const engine = engineForSuite();

  /** The engine's answers about a stack like prod. */
  async function ask(
    changes: Readonly<Record<string, unknown>>,
    endpoints: Readonly<Record<string, Pod>>,
    flows: readonly Flow[],
  ) {
    const { resources, policies } = await runProd({ ...settings, ...changes });
    const decisions = await engine.ask({ policies, endpoints, allowLocalhost: "policy", flows });
    return { resources, decisions };
  }

  /** The table as text: `yes` where both ends let a connection pass. */
  async function buildTable(clusterDefaultDeny: boolean): Promise<string> {
    const flows = Object.keys(rows).flatMap((from) =>
      Object.values(columns).map(([to, port]): Flow => ({ from, to, protocol: "TCP", port })),
    );
    const { resources, decisions } = await ask(
      { "cilium.clusterDefaultDeny": clusterDefaultDeny },
      { ...rows, ...callees },
      flows,
    );
    assert.equal(decisions.length, flows.length);
    const lines = Object.keys(rows).map((from, row) => [
      from,
      ...Object.values(columns).map(([to, , mesh], column) => {
        const { egress, ingress } = decisions[row * Object.keys(columns).length + column] ?? {};
        assert.ok(egress, `no decision about ${from} to ${to}`);
        const callee = callees[to];
        const isOpen = mesh === undefined || (callee !== undefined && isOpenInMesh(resources, callee, mesh));
        return egress === "allowed" && ingress !== "denied" && isOpen ? "yes" : "-";
      }),
    ]);
    const all = [["from", ...Object.keys(columns)], ...lines];
    const widths =
      all[0]?.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0))) ?? [];
    const text = all.map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
    return text.join("\n");
  }

  for (const [file, clusterDefaultDeny] of [
    ["table.txt", false],
    ["table-default-deny.txt", true],
  ] as const)
    it(`is that of tests/policy/${file}: clusterDefaultDeny ${String(clusterDefaultDeny)}`, async () => {
      const table = await buildTable(clusterDefaultDeny);
      if (process.argv.includes("--table")) console.log(`\n${table}\n`);
      assert.equal(table, fs.readFileSync(path.join(__dirname, file), "utf8").trimEnd());
    });

  for (const clusterDefaultDeny of [false, true])
    it(`lets the pods of cilium.metrics.allow read metrics only: clusterDefaultDeny ${String(clusterDefaultDeny)}`, async () => {
      const allow = [{ namespace: "monitoring", labels: { app: "prometheus" } }];
      const readers = { reader: pod("monitoring", { app: "prometheus" }), other: pod("monitoring") };
      const ports = [
        ["Traefik", 9100],
        ["cert-manager", 9402],
        ["external-dns", 7979],
        ["linkerd", 9990],
        ["linkerd-viz", 4191],
        ["Traefik", 8443],
        ["cert-manager webhook", 10250],
        ["linkerd-viz", 8084],
        ["Hubble's relay", 4245],
      ] as const;
      const flows = Object.keys(readers).flatMap((from) =>
        ports.map(([to, port]): Flow => ({ from, to, protocol: "TCP", port })),
      );
      const changes = { "cilium.metrics": { allow }, "cilium.clusterDefaultDeny": clusterDefaultDeny };
      const { decisions } = await ask(changes, { ...rows, ...readers }, flows);
      const open = flows.filter((_, index) => decisions[index]?.ingress === "allowed");
      assert.deepEqual(open, flows.slice(0, 5));
    });
});
