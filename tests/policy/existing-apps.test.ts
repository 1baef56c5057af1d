import * as assert from "node:assert/strict";

import { appLabels } from "../../components/app/deployment";
import { engineForSuite, runProd, type Decision, type Flow, type Pod } from "./engine";

const namespace = "production";
const prodApps = ["api-gateway", "web-frontend", "admin", "grafana", "auth-service", "user-service"];

/** The pods that are asked about, by the names that `reachability` has for them. */
const pods: Readonly<Record<string, Pod>> = {
  "traefik/traefik": { namespace: "traefik", labels: { "app.kubernetes.io/name": "traefik" } },
  "monitoring/prometheus": { namespace: "monitoring", labels: { app: "prometheus" } },
  "another pod of monitoring": { namespace: "monitoring", labels: { app: "grafana" } },
  "the metrics API of viz": { namespace: "linkerd-viz", labels: { component: "metrics-api" } },
  "cnpg/operator": { namespace: "cnpg", labels: { app: "operator" } },
  database: { namespace, labels: { "cnpg.io/cluster": "main" } },
  minio: { namespace, labels: appLabels("minio") },
  "minio-console": { namespace, labels: appLabels("minio") },
  ...Object.fromEntries(prodApps.map((app) => [app, { namespace, labels: appLabels(app) }])),
};

const minio = {
  "apps.minio": { image: "quay.io/minio/minio:v1.0.0", port: 9000, ports: { console: 9001 } },
};
const minioConsole = {
  "apps.minio-console": {
    existing: true,
    serviceName: "minio",
    podLabels: { app: "minio" },
    port: 9001,
    calls: ["auth-service"],
    routes: [{ host: "console.example.com" }],
  },
  "apps.admin.calls": ["minio-console"],
};

/** A database that an operator runs in the namespace of the apps. */
const operatorsDatabase = {
  "apps.database": {
    existing: true,
    podLabels: { "cnpg.io/cluster": "main" },
    port: 5432,
    ports: { status: { port: 8000, protocol: "tcp" } },
    meshed: false,
    calls: ["database"],
    kubernetesApi: {},
    webhooks: ["status"],
  },
  "apps.operator": { existing: true, namespace: "cnpg", meshed: false, calls: ["database"] },
  "apps.admin.calls": ["database"],
};

const ownPrometheus = (meshed: boolean) => ({
  "mesh.prometheus": "http://prometheus.monitoring.svc.cluster.local:9090",
  "apps.prometheus": {
    existing: true,
    namespace: "monitoring",
    podLabels: { app: "prometheus" },
    port: 9090,
    meshed,
  },
  "apps.user-service.meshed": false,
});

describe("Cilium with existing apps", () => {
  const engine = engineForSuite();

  /** The engine's answers to `flows`, or to those that `reachability` lists, about prod with some changes. */
  async function ask(
    changes: Readonly<Record<string, unknown>>,
    flowsOf: (rows: readonly { from: string; to: string; ports: readonly number[] }[]) => readonly Flow[],
  ) {
    const { policies, result } = await runProd(changes);
    const flows = flowsOf(result.reachability);
    const decisions = await engine.ask({ policies, endpoints: pods, allowLocalhost: "policy", flows });
    return flows.map(({ from, to, port }, index) => ({
      flow: `${from} to ${to}:${port}`,
      ...decisions[index],
    }));
  }

  const tcp = (from: string, to: string, port: number): Flow => ({ from, to, protocol: "TCP", port });
  const refused = (answers: readonly ({ flow: string } & Decision)[]): string[] =>
    answers.filter((each) => each.egress !== "allowed" || each.ingress !== "allowed").map(({ flow }) => flow);

  for (const clusterDefaultDeny of [false, true]) {
    const closed = { "cilium.clusterDefaultDeny": clusterDefaultDeny };
    const where = clusterDefaultDeny ? ", every namespace closed" : "";

    it(`allows every flow of reachability, to an existing app over our pods too${where}`, async () => {
      const answers = await ask({ ...closed, ...minio, ...minioConsole }, (rows) =>
        rows.flatMap(({ from, to, ports }) => ports.map((port) => tcp(from, to, port))),
      );
      const asked = answers.map(({ flow }) => flow);
      for (const flow of [
        "traefik/traefik to minio-console:9001",
        "admin to minio-console:9001",
        "minio-console to auth-service:8080",
      ])
        assert.ok(asked.includes(flow), `reachability has no row ${flow}`);
      assert.deepEqual(refused(answers), []);
    });

    it(`allows a database its replication, its operator and the API server, and no other pod${where}`, async () => {
      const api = "reserved:kube-apiserver";
      const allowed = [
        ...["database", "admin", "cnpg/operator"].flatMap((from) => [
          tcp(from, "database", 5432),
          tcp(from, "database", 8000),
        ]),
        tcp("database", api, 6443),
        tcp(api, "database", 8000),
      ];
      // No policy decides about the API server's own half.
      const denied = async (flows: readonly Flow[]) =>
        (await ask({ ...closed, ...operatorsDatabase }, () => flows))
          .filter(({ egress, ingress }) => egress === "denied" || ingress === "denied")
          .map(({ flow }) => flow);
      assert.deepEqual(await denied(allowed), []);
      const others = [
        tcp("grafana", "database", 5432),
        tcp("another pod of monitoring", "database", 5432),
        tcp("admin", api, 6443),
        tcp("database", api, 10250),
        tcp(api, "database", 5432),
      ];
      const names = others.map(({ from, to, port }) => `${from} to ${to}:${port}`);
      assert.deepEqual(await denied(others), names);
    });

    it(`allows no flow to the port of a removed existing app${where}`, async () => {
      const flows = [tcp("traefik/traefik", "minio", 9001), tcp("admin", "minio", 9001)];
      const answers = await ask({ ...closed, ...minio }, () => flows);
      assert.deepEqual(
        answers.map(({ ingress }) => ingress),
        ["denied", "denied"],
      );
    });

    for (const meshed of [true, false])
      it(`allows your own Prometheus${meshed ? ", meshed," : ""} to scrape every proxy, and no other pod${where}`, async () => {
        const settings = { ...closed, ...ownPrometheus(meshed) };
        const apps = ["api-gateway", "web-frontend", "admin", "grafana", "auth-service"];
        const from = (caller: string, to: readonly string[]) => to.map((app) => tcp(caller, app, 4191));
        const own = await ask(settings, () => [
          ...from("monitoring/prometheus", apps),
          tcp("the metrics API of viz", "monitoring/prometheus", 9090),
        ]);
        assert.deepEqual(refused(own), []);
        const others = await ask(settings, () => [
          ...from("another pod of monitoring", apps),
          // It has no proxy.
          ...from("monitoring/prometheus", ["user-service"]),
          ...apps.map((app) => tcp("monitoring/prometheus", app, 8080)),
        ]);
        assert.deepEqual([...new Set(others.map(({ ingress }) => ingress))], ["denied"]);
      });
  }
});
