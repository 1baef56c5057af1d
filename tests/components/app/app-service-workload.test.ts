import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { AppService, type AppServiceArgs } from "../../../components/app/app-service";
import { attempt, childrenOf, find, run, value, type Values } from "../../harness";
import { added, args, make, route, within } from "./app-service-fixtures";
import { providers } from "../providers";

/** Makes an app of any sort. */
const makeAny = (its: AppServiceArgs) => run(() => new AppService("api", its, { providers: providers() }));

const { replicas, ...scaled } = args;
const autoscaling = { min: 2, max: 10, cpuPercent: 70 };
const policyId = "kubernetes:cilium.io/v2:CiliumNetworkPolicy api-policy";

describe("an AppService with autoscaling", () => {
  it("creates an autoscaler with its bounds", async () => {
    const { resources } = await makeAny({ ...scaled, autoscaling });
    assert.deepEqual(added(resources), ["kubernetes:autoscaling/v2:HorizontalPodAutoscaler api"]);
    const { inputs } = find(resources, ":HorizontalPodAutoscaler", "api");
    assert.deepEqual(inputs.metadata, {
      name: "api",
      namespace: "production",
      labels: { app: "api", "app.kubernetes.io/name": "api" },
    });
    assert.deepEqual(inputs.spec, {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "api" },
      minReplicas: 2,
      maxReplicas: 10,
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } },
        },
      ],
    });
  });

  it("sets no replicas, and ignores changes of them", async () => {
    const { resources } = await makeAny({ ...scaled, autoscaling });
    const { inputs, ignoreChanges } = find(resources, ":Deployment", "api");
    assert.equal("replicas" in within(inputs, "spec"), false);
    assert.deepEqual(ignoreChanges, ["spec.replicas"]);
  });

  it("sets replicas without autoscaling", async () => {
    const { inputs, ignoreChanges } = find((await make()).resources, ":Deployment", "api");
    assert.equal(within(inputs, "spec").replicas, replicas);
    assert.deepEqual(ignoreChanges, []);
  });
});

describe("the pods of an AppService", () => {
  const podOf = async (changed: Parameters<typeof make>[0]) => {
    const { inputs } = find((await make(changed)).resources, ":Deployment", "api");
    const pod = within(inputs, "spec", "template", "spec");
    return { pod, container: (pod.containers as [Values])[0] };
  };

  it("read secrets by reference", async () => {
    const { container } = await podOf({
      env: { LOG_LEVEL: "info" },
      secrets: { DB_PASSWORD: { secret: "api-db", key: "password" } },
    });
    assert.deepEqual(container.env, [
      { name: "LOG_LEVEL", value: "info" },
      { name: "DB_PASSWORD", valueFrom: { secretKeyRef: { name: "api-db", key: "password" } } },
    ]);
  });

  it("have a preStop delay, and time to shut down after it", async () => {
    const { pod, container } = await podOf({ drainSeconds: 10 });
    assert.deepEqual(container.lifecycle, { preStop: { sleep: { seconds: 10 } } });
    assert.equal(pod.terminationGracePeriodSeconds, 40);
  });

  it("have the defaults of Kubernetes without drainSeconds", async () => {
    const { pod, container } = await podOf({});
    assert.equal("lifecycle" in container, false);
    assert.equal("terminationGracePeriodSeconds" in pod, false);
  });

  it("have every declared port, the first named after its protocol", async () => {
    const { container } = await podOf({ protocol: "grpc", ports: { metrics: 9090 } });
    assert.deepEqual(container.ports, [
      { name: "grpc", containerPort: 8080, protocol: "TCP" },
      { name: "metrics", containerPort: 9090, protocol: "TCP" },
    ]);
  });

  for (const [protocol, url] of [
    ["grpc", "grpc://api.production.svc.cluster.local:80"],
    ["tcp", "tcp://api.production.svc.cluster.local:80"],
  ] as const)
    it(`have a URL with the scheme ${protocol}`, async () =>
      assert.equal(await value((await make({ protocol })).result.url), url));

  it("have annotations for Hetzner's cloud controller manager beside those for Traefik", async () => {
    const { resources } = await make({
      service: { type: "LoadBalancer", loadBalancer: { name: "api", location: { location: "fsn1" } } },
      routes: [{ ...route, sticky: { cookie: "session" } }],
    });
    const { metadata } = find(resources, ":Service", "api").inputs;
    const { annotations } = metadata as { annotations: Values };
    assert.equal(annotations["load-balancer.hetzner.cloud/location"], "fsn1");
    assert.equal(annotations["pulumi.com/skipAwait"], "true");
    assert.equal(annotations["traefik.ingress.kubernetes.io/service.sticky.cookie.name"], "session");
  });
});

describe("a canary of an AppService", () => {
  const canary = { image: "ghcr.io/org/api:v2.0.0", weight: 10, replicas: 1 };
  const routes = "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute";

  it("is a Deployment, Service and disruption budget with the app's ServiceAccount, and a weight in the mesh", async () => {
    const { resources } = await make({ canary });
    assert.deepEqual(added(resources), [
      "kubernetes:apps/v1:Deployment api-canary",
      "kubernetes:core/v1:Service api-canary",
      `${routes} api/mesh`,
      "kubernetes:policy/v1:PodDisruptionBudget api-canary",
    ]);
    const labels = { app: "api-canary", "app.kubernetes.io/name": "api-canary" };
    const deployment = find(resources, ":Deployment", "api-canary");
    const { replicas: count, selector, template } = within(deployment.inputs, "spec");
    assert.deepEqual([count, selector], [1, { matchLabels: { app: "api-canary" } }]);
    const { metadata, spec } = template as { metadata: Values; spec: Values };
    assert.deepEqual(metadata, { labels, annotations: { "linkerd.io/inject": "enabled" } });
    assert.equal(spec.serviceAccountName, "api");
    assert.equal((spec.containers as [Values])[0].image, "ghcr.io/org/api:v2.0.0");
    assert.ok(deployment.dependencies.includes(policyId));
    assert.deepEqual(find(resources, ":Service", "api-canary").inputs, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "api-canary", namespace: "production", labels },
      spec: {
        type: "ClusterIP",
        selector: { app: "api-canary" },
        ports: [{ name: "http", port: 80, targetPort: 8080, protocol: "TCP", appProtocol: "http" }],
      },
    });
    const share = find(resources, ":HTTPRoute", "api/mesh");
    for (const service of ["api", "api-canary"])
      assert.ok(share.dependencies.includes(`kubernetes:core/v1:Service ${service}`));
  });

  it("does not change the stable version", async () => {
    const [without, having] = [await make(), await make({ canary })].map(({ resources }) => resources);
    for (const type of [":Deployment", ":Service", ":ServiceAccount", ":PodDisruptionBudget"])
      assert.deepEqual(find(having ?? [], type, "api"), find(without ?? [], type, "api"));
  });

  it("has fixed replicas beside an autoscaled stable version", async () => {
    const { resources } = await makeAny({ ...scaled, autoscaling, canary });
    const { inputs } = find(resources, ":Deployment", "api-canary");
    assert.equal(within(inputs, "spec").replicas, 1);
    assert.equal(resources.filter(({ type }) => type.endsWith(":HorizontalPodAutoscaler")).length, 1);
  });

  it("is not exposed outside the cluster", async () => {
    const { resources } = await make({ canary, service: { type: "NodePort", nodePort: 30090 } });
    assert.equal(within(find(resources, ":Service", "api-canary").inputs, "spec").type, "ClusterIP");
    assert.equal(within(find(resources, ":Service", "api").inputs, "spec").type, "NodePort");
  });

  it("has a second Ingress for nginx if unmeshed", async () => {
    const { resources } = await make({ canary, meshed: false, routes: [route], controller: "nginx" });
    const key = "api-api.example.com-nginx";
    const own = find(resources, ":Ingress", key);
    const its = find(resources, ":Ingress", `${key}-canary`);
    assert.deepEqual(
      resources.filter(({ type }) => type.endsWith(":HTTPRoute")),
      [],
    );
    assert.deepEqual(within(its.inputs, "metadata"), {
      name: "api-api-example-com-nginx-canary",
      namespace: "production",
      labels: { app: "api", "app.kubernetes.io/name": "api" },
      annotations: {
        "nginx.ingress.kubernetes.io/canary": "true",
        "nginx.ingress.kubernetes.io/canary-weight": "10",
        "external-dns.kubernetes.io/controller": "pulumi",
      },
    });
    const written = JSON.stringify(own.inputs.spec);
    assert.equal(JSON.stringify(its.inputs.spec), written.replaceAll('"name":"api"', '"name":"api-canary"'));
    assert.ok(its.dependencies.includes(`kubernetes:networking.k8s.io/v1:Ingress ${key}`));
    assert.ok(own.dependencies.includes("kubernetes:core/v1:Service api-canary"));
  });

  it("is a backend of the HTTPRoute for a Gateway if unmeshed, otherwise only of Linkerd's", async () => {
    const refsOf = async (meshed: boolean) => {
      const { resources } = await make({ canary, meshed, routes: [route], controller: "gateway" });
      const { inputs } = find(resources, ":HTTPRoute", "api-api.example.com");
      const [rule] = within(inputs, "spec").rules as [Values];
      return rule.backendRefs;
    };
    assert.deepEqual(await refsOf(false), [
      { name: "api", port: 80, weight: 90 },
      { name: "api-canary", port: 80, weight: 10 },
    ]);
    assert.deepEqual(await refsOf(true), [{ name: "api", port: 80 }]);
  });

  it("is rejected if nothing would split traffic, and nothing is registered", async () => {
    const { fault, resources } = await attempt(
      () =>
        new AppService(
          "api",
          { ...args, canary, meshed: false, routes: [route] },
          { providers: providers() },
        ),
    );
    assert.ok(pulumi.RunError.isInstance(fault));
    assert.match(fault.message, /^AppService "api": canary cannot be set on an app without mesh, /);
    assert.deepEqual(childrenOf(resources, "api"), []);
  });
});
