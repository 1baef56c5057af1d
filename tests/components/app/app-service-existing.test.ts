import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { AppService, type ExistingAppArgs, type ExternalAppArgs } from "../../../components/app/app-service";
import { attempt, childrenOf, find, run, value } from "../../harness";
import { args, route, within } from "./app-service-fixtures";
import { providers } from "../providers";

const { policy, controller, ingressClassName, issuer } = args;
const common = { policy, controller, ingressClassName, issuer, routes: [] };

const grafana: ExistingAppArgs = {
  ...common,
  existing: true,
  namespace: "monitoring",
  serviceName: "kube-prometheus-grafana",
  servicePort: 3000,
  routes: [{ ...route, basicAuth: { users: ["ann"] }, certificate: "own" }],
};

const makeExisting = (changed: Partial<ExistingAppArgs> = {}) =>
  run(() => new AppService("grafana", { ...grafana, ...changed }, { providers: providers() }));

const key = "grafana-api.example.com";

describe("an AppService with an existing Service", () => {
  it("creates a policy and routes, but neither pods nor a Service", async () => {
    const { resources } = await makeExisting();
    assert.deepEqual(childrenOf(resources, "grafana"), [
      `kubernetes:cert-manager.io/v1:Certificate ${key}`,
      "kubernetes:cilium.io/v2:CiliumNetworkPolicy grafana-policy",
      `kubernetes:core/v1:Secret ${key}-basic-auth`,
      `kubernetes:networking.k8s.io/v1:Ingress ${key}`,
      `kubernetes:traefik.io/v1alpha1:Middleware ${key}-basic-auth`,
      `random:index/randomPassword:RandomPassword ${key}-ann`,
    ]);
  });

  it("creates everything in the namespace of that Service", async () => {
    const { resources } = await makeExisting();
    const objects = resources.filter(({ type }) => type.startsWith("kubernetes:"));
    assert.equal(objects.length, 5);
    for (const { inputs, name } of objects)
      assert.equal(within(inputs, "metadata").namespace, "monitoring", name);
    const { annotations } = within(find(resources, ":Ingress", key).inputs, "metadata") as {
      annotations: Record<string, string>;
    };
    assert.equal(
      annotations["traefik.ingress.kubernetes.io/router.middlewares"],
      "monitoring-grafana-api-example-com-basic-auth@kubernetescrd",
    );
  });

  it("routes to that Service, whatever the name of the app", async () => {
    const { resources, result } = await makeExisting();
    const backend = { service: { name: "kube-prometheus-grafana", port: { number: 3000 } } };
    const { rules } = within(find(resources, ":Ingress", key).inputs, "spec") as {
      rules: { http: { paths: { backend: object }[] } }[];
    };
    for (const path of rules.flatMap(({ http }) => http.paths)) assert.deepEqual(path.backend, backend);
    assert.equal(await value(result.url), "http://kube-prometheus-grafana.monitoring.svc.cluster.local:3000");
  });

  it("creates the HTTPRoute in that namespace", async () => {
    const { resources } = await makeExisting({
      controller: "gateway",
      routes: [{ ...route, sticky: { cookie: "session" } }],
    });
    const { inputs } = find(resources, ":HTTPRoute", key);
    assert.equal(within(inputs, "metadata").namespace, "monitoring");
    const { weighted } = within(find(resources, ":TraefikService", `${key}-backend`).inputs, "spec") as {
      weighted: { services: { name: string }[] };
    };
    assert.deepEqual(
      weighted.services.map(({ name }) => name),
      ["kube-prometheus-grafana"],
    );
  });

  it("has no policy if none is given", async () => {
    const { resources } = await makeExisting({ policy: undefined, routes: [] });
    assert.deepEqual(childrenOf(resources, "grafana"), []);
  });

  it("rejects settings that need annotations of that Service, and registers nothing", async () => {
    const { fault, resources } = await attempt(
      () =>
        new AppService(
          "grafana",
          { ...grafana, routes: [{ ...route, timeouts: { requestSeconds: 30 } }] },
          { providers: providers() },
        ),
    );
    assert.ok(pulumi.RunError.isInstance(fault));
    assert.match(fault.message, /^AppService "grafana": the route of api\.example\.com: timeouts cannot /);
    assert.deepEqual(childrenOf(resources, "grafana"), []);
  });
});

describe("an AppService with an external name", () => {
  const legacy: ExternalAppArgs = {
    ...common,
    policy: undefined,
    external: "db.example.org",
    namespace: "production",
    protocol: "tcp",
    port: 5432,
    servicePort: 5432,
  };

  it("creates an ExternalName Service, and nothing else", async () => {
    const { resources, result } = await run(
      () => new AppService("legacy-db", legacy, { providers: providers() }),
    );
    assert.deepEqual(childrenOf(resources, "legacy-db"), ["kubernetes:core/v1:Service legacy-db"]);
    assert.deepEqual(find(resources, ":Service", "legacy-db").inputs, {
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        name: "legacy-db",
        namespace: "production",
        labels: { app: "legacy-db", "app.kubernetes.io/name": "legacy-db" },
      },
      spec: {
        type: "ExternalName",
        externalName: "db.example.org",
        ports: [
          { name: "tcp", port: 5432, targetPort: 5432, protocol: "TCP", appProtocol: "linkerd.io/opaque" },
        ],
      },
    });
    assert.equal(await value(result.url), "tcp://legacy-db.production.svc.cluster.local:5432");
  });
});
