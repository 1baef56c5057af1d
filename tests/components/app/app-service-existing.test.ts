import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { AppService, type ExistingAppArgs, type ExternalAppArgs } from "../../../components/app/app-service";
import { childrenOf, find, run, value } from "../../harness";
import { args, route } from "./app-service-fixtures";
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

  it("has no policy if none is given", async () => {
    const { resources } = await makeExisting({ policy: undefined, routes: [] });
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
    assert.deepEqual(find(resources, ":Service", "legacy-db").inputs.spec, {
      type: "ExternalName",
      externalName: "db.example.org",
      ports: [
        { name: "tcp", port: 5432, targetPort: 5432, protocol: "TCP", appProtocol: "linkerd.io/opaque" },
      ],
    });
    assert.equal(await value(pulumi.output(result.url)), "tcp://legacy-db.production.svc.cluster.local:5432");
  });
});
