import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { childrenOf, find, value, type Values } from "../../harness";
import { make as plainly, args as plain, within, type Fixed, meshAnnotations } from "./app-service-fixtures";

const args: Fixed = { ...plain, healthPath: "/health", env: { LOG_LEVEL: "info" } };
const { policy } = args;

const make = (changed: Partial<Fixed> = {}) => plainly({ ...args, ...changed });

async function podOf(changed?: Partial<Fixed>) {
  const { resources } = await make(changed);
  const { inputs } = find(resources, ":Deployment", "api");
  const template = within(inputs, "spec", "template");
  const [container] = within(template, "spec").containers as [Values];
  return { deployment: within(inputs, "spec"), template, pod: within(template, "spec"), container };
}

const own = [
  "kubernetes:apps/v1:Deployment api",
  "kubernetes:cilium.io/v2:CiliumNetworkPolicy api-policy",
  "kubernetes:core/v1:Service api",
  "kubernetes:core/v1:ServiceAccount api",
  "kubernetes:policy/v1:PodDisruptionBudget api",
];

describe("AppService", () => {
  it("creates a Deployment, ServiceAccount, Service, disruption budget and policy without routes", async () => {
    const { resources } = await make();
    assert.deepEqual(childrenOf(resources, "api"), own);
  });

  it("runs the image with its own ServiceAccount and restricted permissions", async () => {
    const { pod, container } = await podOf();
    assert.equal(pod.serviceAccountName, "api");
    assert.equal(pod.automountServiceAccountToken, false);
    const account = find((await make()).resources, ":ServiceAccount", "api").inputs;
    assert.equal(account.automountServiceAccountToken, false);
    assert.deepEqual(pod.securityContext, {
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
    assert.deepEqual(container.securityContext, {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    });
    assert.deepEqual(
      [container.image, container.env],
      ["ghcr.io/org/api:v1.0.0", [{ name: "LOG_LEVEL", value: "info" }]],
    );
  });

  it("gives its ServiceAccount a Role and its pods a token for the Kubernetes API, before a pod starts", async () => {
    const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }];
    const { resources } = await make({ kubernetesApi: { rules } });
    assert.deepEqual(find(resources, ":Role", "api").inputs.rules, rules);
    const { roleRef, subjects } = find(resources, ":RoleBinding", "api").inputs;
    assert.deepEqual(
      [roleRef, subjects],
      [
        { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "api" },
        [{ kind: "ServiceAccount", name: "api", namespace: "production" }],
      ],
    );
    const { pod } = await podOf({ kubernetesApi: { rules } });
    assert.equal(pod.automountServiceAccountToken, true);
    const without = await make({ kubernetesApi: { rules: [] } });
    assert.deepEqual(childrenOf(without.resources, "api"), own);
  });

  it("sets requests, and a limit of memory only", async () => {
    const { container } = await podOf({ resources: { cpu: "1", memory: "1Gi" } });
    assert.deepEqual(container.resources, {
      requests: { cpu: "1", memory: "1Gi" },
      limits: { memory: "1Gi" },
    });
  });

  it("is replaced one by one, spread over the nodes", async () => {
    const { deployment, pod } = await podOf();
    assert.equal(deployment.replicas, 3);
    assert.deepEqual(deployment.strategy, {
      type: "RollingUpdate",
      rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
    });
    const [spread] = pod.topologySpreadConstraints as [Values];
    assert.deepEqual(
      [spread.topologyKey, spread.whenUnsatisfiable],
      ["kubernetes.io/hostname", "ScheduleAnyway"],
    );
    assert.deepEqual(spread.labelSelector, { matchLabels: { app: "api" } });
    const budget = find((await make()).resources, ":PodDisruptionBudget", "api").inputs;
    assert.equal(within(budget, "spec").maxUnavailable, 1);
  });

  for (const meshed of [true, false])
    it(`${meshed ? "injects" : "does not inject"} Linkerd's proxy if meshed is ${meshed}`, async () => {
      const { template } = await podOf({ meshed });
      assert.deepEqual(within(template, "metadata"), {
        labels: { app: "api", "app.kubernetes.io/name": "api" },
        ...(meshed && { annotations: meshAnnotations }),
      });
    });

  it("connects to some ports without its proxy, if it has one", async () => {
    for (const meshed of [true, false]) {
      const { template } = await podOf({ meshed, skippedPorts: [25, 3306] });
      const skipped = { ...meshAnnotations, "config.linkerd.io/skip-outbound-ports": "25,3306" };
      assert.deepEqual(within(template, "metadata").annotations, meshed ? skipped : undefined);
    }
  });

  it("creates the given policy", async () => {
    const { inputs } = find((await make()).resources, ":CiliumNetworkPolicy", "api-policy");
    assert.deepEqual(inputs.metadata, { name: "api-policy", namespace: "production" });
    assert.deepEqual(inputs.spec, policy);
  });

  it("outputs the URL of an app with TLS", async () => {
    const { result } = await make({ protocol: "grpc", tls: { insecureSkipVerify: true } });
    assert.equal(await value(pulumi.output(result.url)), "https://api.production.svc.cluster.local:80");
  });

  for (const [protocol, scheme] of [
    [undefined, "http"],
    ["grpc", "grpc"],
    ["tcp", "tcp"],
  ] as const)
    it(`outputs its name and its URL inside the cluster, ${scheme}`, async () => {
      const { result } = await make({ protocol });
      assert.equal(result.name, "api");
      assert.equal(await value(pulumi.output(result.url)), `${scheme}://api.production.svc.cluster.local:80`);
    });
});
