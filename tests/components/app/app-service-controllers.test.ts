import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { AppService, type AppServiceArgs } from "../../../components/app/app-service";
import { attempt, find, value, type Values } from "../../harness";
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

  const canary = { image: "ghcr.io/org/api:v2.0.0", weight: 10, replicas: 1 };
  for (const [what, changed, message] of [
    [
      "an unsupported feature of a route",
      { routes: [{ ...route, certificate: "own" }], controller: "gateway" },
      /^AppService "api": the route of api\.example\.com: certificate got own, /,
    ],
    [
      "a feature that needs an annotation of an existing Service",
      { existing: true, routes: [{ ...route, timeouts: { requestSeconds: 30 } }] },
      /^AppService "api": the route of api\.example\.com: timeouts cannot /,
    ],
    [
      "a canary whose traffic nothing would split",
      { canary, meshed: false, routes: [route] },
      /^AppService "api": canary cannot be set on an app without mesh, /,
    ],
  ] as const)
    it(`rejects ${what}, and registers nothing`, async () => {
      const { fault, resources } = await attempt(
        () => new AppService("api", { ...args, ...changed } as AppServiceArgs, { providers: providers() }),
      );
      assert.ok(pulumi.RunError.isInstance(fault));
      assert.match(fault.message, message);
      assert.ok(resources.every(({ type }) => type.startsWith("pulumi:providers:")));
    });
});

describe("the passwords of an AppService", () => {
  it("are in a Secret with an htpasswd line per user", async () => {
    const { resources } = await make({ routes: [{ ...route, basicAuth: { users: ["ann", "bob"] } }] });
    assert.deepEqual(find(resources, ":Secret", `${key}-basic-auth`).inputs.stringData, {
      auth: `ann:hash-of-${key}-ann\nbob:hash-of-${key}-bob`,
    });
    const { length, special } = find(resources, ":RandomPassword", `${key}-ann`).inputs;
    assert.deepEqual([length, special], [32, false]);
  });

  it("are a secret output, by user and host", async () => {
    const { result } = await make({ routes: [{ ...route, basicAuth: { users: ["ann"] } }] });
    assert.equal(await pulumi.isSecret(result.passwords), true);
    assert.deepEqual(await value(result.passwords), { "ann@api.example.com": `password-of-${key}-ann` });
  });
});
