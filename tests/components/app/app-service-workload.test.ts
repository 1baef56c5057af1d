import * as assert from "node:assert/strict";

import { AppService, type AppServiceArgs } from "../../../components/app/app-service";
import { find, run, type Values } from "../../harness";
import { added, args, make, meshAnnotations, route, within } from "./app-service-fixtures";
import { providers } from "../providers";

/** Makes an app of any sort. */
const makeAny = (its: AppServiceArgs) => run(() => new AppService("api", its, { providers: providers() }));

const { replicas, ...scaled } = args;
const autoscaling = { min: 2, max: 10, cpuPercent: 70 };

describe("an AppService with autoscaling", () => {
  it("creates an autoscaler with its bounds", async () => {
    const { resources } = await makeAny({ ...scaled, autoscaling });
    assert.deepEqual(added(resources), ["kubernetes:autoscaling/v2:HorizontalPodAutoscaler api"]);
    const { inputs } = find(resources, ":HorizontalPodAutoscaler", "api");
    const { scaleTargetRef, ...bounds } = within(inputs, "spec");
    assert.deepEqual(scaleTargetRef, { apiVersion: "apps/v1", kind: "Deployment", name: "api" });
    assert.deepEqual(bounds, {
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

  it("sets no replicas with autoscaling, and ignores changes of them", async () => {
    const { resources } = await makeAny({ ...scaled, autoscaling });
    const { inputs, ignoreChanges } = find(resources, ":Deployment", "api");
    assert.equal("replicas" in within(inputs, "spec"), false);
    assert.deepEqual(ignoreChanges, ["spec.replicas"]);
    const fixed = find((await make()).resources, ":Deployment", "api");
    assert.deepEqual([within(fixed.inputs, "spec").replicas, fixed.ignoreChanges], [replicas, []]);
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

  it("have a Service with annotations for the cloud controller manager, Traefik and Linkerd", async () => {
    const { resources } = await make({
      service: { type: "LoadBalancer", loadBalancer: { name: "api", location: { location: "fsn1" } } },
      routes: [{ ...route, sticky: { cookie: "session" } }],
      traffic: { timeouts: { request: "10s" }, routes: [] },
    });
    const { metadata } = find(resources, ":Service", "api").inputs;
    const { annotations } = metadata as { annotations: Values };
    assert.equal(annotations["load-balancer.hetzner.cloud/location"], "fsn1");
    assert.equal(annotations["pulumi.com/skipAwait"], "true");
    assert.equal(annotations["traefik.ingress.kubernetes.io/service.sticky.cookie.name"], "session");
    assert.equal(annotations["timeout.linkerd.io/request"], "10s");
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
    const deployment = find(resources, ":Deployment", "api-canary");
    const { replicas: count, template } = within(deployment.inputs, "spec");
    assert.equal(count, 1);
    const { metadata, spec } = template as { metadata: Values; spec: Values };
    assert.deepEqual(metadata.annotations, meshAnnotations);
    assert.equal(spec.serviceAccountName, "api");
    assert.equal((spec.containers as [Values])[0].image, "ghcr.io/org/api:v2.0.0");
  });

  it("does not change the stable version", async () => {
    const [without, having] = [await make(), await make({ canary })].map(({ resources }) => resources);
    for (const type of [":Deployment", ":Service", ":ServiceAccount", ":PodDisruptionBudget"])
      assert.deepEqual(find(having ?? [], type, "api"), find(without ?? [], type, "api"));
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
    assert.deepEqual(within(its.inputs, "metadata", "annotations"), {
      "nginx.ingress.kubernetes.io/canary": "true",
      "nginx.ingress.kubernetes.io/canary-weight": "10",
      "external-dns.kubernetes.io/controller": "pulumi",
    });
    const written = JSON.stringify(own.inputs.spec);
    assert.equal(JSON.stringify(its.inputs.spec), written.replaceAll('"name":"api"', '"name":"api-canary"'));
  });
});
