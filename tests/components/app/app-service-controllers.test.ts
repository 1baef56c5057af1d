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
    const { ingressClassName, tls } = within(find(resources, ":Ingress", `${key}-nginx`).inputs, "spec");
    assert.deepEqual([ingressClassName, tls], ["nginx", [{ hosts: ["api.example.com"] }]]);
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
    const { annotations } = within(find(resources, ":HTTPRoute", key).inputs, "metadata");
    assert.deepEqual(JSON.parse((annotations as Values)["pulumi.com/waitFor"] as string), [
      'jsonpath={.status.parents[0].conditions[?(@.type=="Accepted")].status}=True',
      'jsonpath={.status.parents[0].conditions[?(@.type=="ResolvedRefs")].status}=True',
    ]);
  });

  for (const [controller, ingress] of [
    ["traefik", key],
    ["nginx", `${key}-nginx`],
  ] as const)
    it(`creates a certificate with certificate: own, before the Ingress of ${controller}`, async () => {
      const { resources } = await make({ routes: [{ ...route, certificate: "own" }], controller });
      const { metadata, spec } = find(resources, ":Certificate", key).inputs as {
        metadata: Values;
        spec: Values;
      };
      assert.deepEqual(metadata.annotations, {
        "pulumi.com/waitFor": "condition=Ready",
        "pulumi.com/timeoutSeconds": "900",
      });
      assert.deepEqual([spec.commonName, spec.dnsNames], ["api.example.com", ["api.example.com"]]);
      assert.deepEqual(within(find(resources, ":Ingress", ingress).inputs, "spec").tls, [
        { hosts: ["api.example.com"], secretName: spec.secretName },
      ]);
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
