import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { AppService } from "../../../components/app/app-service";
import { attempt, find, type Values } from "../../harness";
import { added, args, key, make, route, within } from "./app-service-fixtures";
import { providers } from "../providers";

describe("an AppService under another controller", () => {
  it("creates an Ingress with name and class of nginx, and the same Secrets", async () => {
    const { resources } = await make({
      routes: [{ ...route, basicAuth: { users: ["ann"] } }],
      controller: "nginx",
      ingressClassName: "nginx",
    });
    assert.deepEqual(added(resources), [
      `kubernetes:core/v1:Secret ${key}-basic-auth`,
      `kubernetes:networking.k8s.io/v1:Ingress ${key}-nginx`,
      `random:index/randomPassword:RandomPassword ${key}-ann`,
    ]);
    const { inputs, dependencies } = find(resources, ":Ingress", `${key}-nginx`);
    assert.equal(within(inputs, "metadata").name, "api-api-example-com-nginx");
    assert.equal(within(inputs, "spec").ingressClassName, "nginx");
    assert.deepEqual(within(inputs, "spec").tls, [{ hosts: ["api.example.com"] }]);
    assert.ok(dependencies.includes(`kubernetes:core/v1:Secret ${key}-basic-auth`));
  });

  it("creates an HTTPRoute, and waits until it is accepted", async () => {
    const { resources } = await make({
      routes: [{ ...route, sticky: { cookie: "session" } }],
      controller: "gateway",
    });
    assert.deepEqual(added(resources), [
      `kubernetes:gateway.networking.k8s.io/v1:HTTPRoute ${key}`,
      `kubernetes:traefik.io/v1alpha1:TraefikService ${key}-backend`,
    ]);
    const { inputs, dependencies } = find(resources, ":HTTPRoute", key);
    const { name, namespace, annotations } = within(inputs, "metadata");
    assert.deepEqual([name, namespace], ["api-api-example-com", "production"]);
    assert.deepEqual(JSON.parse((annotations as Values)["pulumi.com/waitFor"] as string), [
      'jsonpath={.status.parents[0].conditions[?(@.type=="Accepted")].status}=True',
      'jsonpath={.status.parents[0].conditions[?(@.type=="ResolvedRefs")].status}=True',
    ]);
    assert.ok(dependencies.includes(`kubernetes:traefik.io/v1alpha1:TraefikService ${key}-backend`));
    assert.ok(dependencies.includes("kubernetes:core/v1:Service api"));
  });

  it("creates the ConfigMap of nginx's response headers before the Ingress", async () => {
    const response = { set: { "X-Frame-Options": "DENY" }, remove: [] };
    const { resources } = await make({
      routes: [{ ...route, headers: { request: { set: {}, remove: [] }, response } }],
      controller: "nginx",
    });
    assert.deepEqual(find(resources, ":ConfigMap", `${key}-response-headers`).inputs, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "api-api-example-com-response-headers", namespace: "production" },
      data: { "X-Frame-Options": "DENY" },
    });
    const { dependencies } = find(resources, ":Ingress", `${key}-nginx`);
    assert.ok(dependencies.includes(`kubernetes:core/v1:ConfigMap ${key}-response-headers`));
  });

  it("annotates the Service with Traefik's timeouts and sticky session", async () => {
    const { resources } = await make({
      routes: [{ ...route, sticky: { cookie: "session" }, timeouts: { requestSeconds: 30 } }],
    });
    const { inputs, dependencies } = find(resources, ":Service", "api");
    const prefix = "traefik.ingress.kubernetes.io/service";
    assert.deepEqual(within(inputs, "metadata", "annotations"), {
      [`${prefix}.nativelb`]: "false",
      [`${prefix}.sticky.cookie.name`]: "session",
      [`${prefix}.sticky.cookie.secure`]: "true",
      [`${prefix}.sticky.cookie.httponly`]: "true",
      [`${prefix}.sticky.cookie.samesite`]: "lax",
      [`${prefix}.serverstransport`]: "production-api-timeouts@kubernetescrd",
    });
    assert.ok(dependencies.includes("kubernetes:traefik.io/v1alpha1:ServersTransport api-timeouts"));
    assert.deepEqual(find(resources, ":ServersTransport", "api-timeouts").inputs.spec, {
      forwardingTimeouts: { responseHeaderTimeout: "30s" },
    });
  });

  it("does not annotate a Service without need", async () => {
    const { resources } = await make({ routes: [route] });
    assert.equal("annotations" in within(find(resources, ":Service", "api").inputs, "metadata"), false);
  });

  for (const [controller, ingress] of [
    ["traefik", key],
    ["nginx", `${key}-nginx`],
  ] as const)
    it(`creates a certificate with certificate: own, before the Ingress of ${controller}`, async () => {
      const { resources } = await make({ routes: [{ ...route, certificate: "own" }], controller });
      assert.deepEqual(find(resources, ":Certificate", key).inputs, {
        apiVersion: "cert-manager.io/v1",
        kind: "Certificate",
        metadata: {
          name: "api-api-example-com",
          namespace: "production",
          annotations: { "pulumi.com/waitFor": "condition=Ready", "pulumi.com/timeoutSeconds": "900" },
        },
        spec: {
          secretName: "api-api-example-com-tls",
          issuerRef: { kind: "ClusterIssuer", name: "letsencrypt-prod" },
          commonName: "api.example.com",
          dnsNames: ["api.example.com"],
        },
      });
      const { inputs, dependencies } = find(resources, ":Ingress", ingress);
      assert.deepEqual(within(inputs, "spec").tls, [
        { hosts: ["api.example.com"], secretName: "api-api-example-com-tls" },
      ]);
      assert.ok(dependencies.includes(`kubernetes:cert-manager.io/v1:Certificate ${key}`));
    });

  const lock = pulumi.output("production/origin-lock-ca");
  it("applies the origin lock to proxied hosts only", async () => {
    const { resources } = await make({
      routes: [route, { ...route, host: "www.example.com", proxied: false }],
      controller: "nginx",
      originLock: { clientCertificate: lock },
    });
    const asked = ["api", "www"].map((label) => {
      const { inputs } = find(resources, ":Ingress", `api-${label}.example.com-nginx`);
      return within(inputs, "metadata", "annotations")["nginx.ingress.kubernetes.io/auth-tls-secret"];
    });
    assert.deepEqual(asked, ["production/origin-lock-ca", undefined]);
  });

  it("rejects an unsupported feature, and registers nothing", async () => {
    const { fault, resources } = await attempt(
      () =>
        new AppService(
          "api",
          { ...args, routes: [{ ...route, certificate: "own" }], controller: "gateway" },
          { providers: providers() },
        ),
    );
    assert.ok(pulumi.RunError.isInstance(fault));
    assert.match(fault.message, /^AppService "api": the route of api\.example\.com: certificate got own, /);
    assert.ok(resources.every(({ type }) => type.startsWith("pulumi:providers:")));
  });
});
