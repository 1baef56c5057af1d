import * as assert from "node:assert/strict";

import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { OriginLock, type OriginLockArgs } from "../../../components/origin-lock/origin-lock";
import { attempt, childrenOf, find, run, value } from "../../harness";
import {
  allowList,
  args,
  asked,
  ca,
  caPem,
  client,
  make,
  option,
  secret,
  shown,
} from "./created-origin-lock";
import { providers } from "../providers";

describe("OriginLock, by who routes", () => {
  const reference = "traefik-origin-lock@kubernetescrd";
  const locks: [says: string, changed: Partial<OriginLockArgs>, refs: object, children?: string[]][] = [
    ["both", {}, { clientCertificate: reference, allowList: reference }],
    ["the client certificate alone", { allowedCidrs: undefined }, { clientCertificate: reference }],
    ["the allow-list alone", { clientCertificate: false }, { allowList: reference }, [allowList]],
    ["nothing", { clientCertificate: false, allowedCidrs: undefined }, {}, []],
  ];
  for (const [says, changed, refs, children] of locks)
    it(`names what Traefik is to put before a proxied host: ${says}`, async () => {
      const { resources, result } = await make(changed);
      assert.deepEqual(await value(pulumi.output(result.refs)), refs);
      if (children !== undefined) assert.deepEqual(childrenOf(resources, "origin-lock"), children);
      else assert.ok(childrenOf(resources, "origin-lock").includes(option));
    });

  const named: [changed: Partial<OriginLockArgs>, clientCertificate?: string, allowList?: string][] = [
    [{}, option, allowList],
    [{ controller: "nginx", allowedCidrs: undefined }, asked],
    [{ controller: "nginx", allowedCidrs: undefined, ca: caPem(7) }, secret],
    [{ controller: "gateway", clientCertificate: false }, undefined, allowList],
  ];
  for (const [changed, ...lock] of named)
    it(`names what is there already to whoever reads it: ${lock.join(" ").trim()}`, async () => {
      const { resources } = await run(() => {
        const { refs } = new OriginLock("origin-lock", { ...args, ...changed }, { providers: providers() });
        const read = (name: string, reference: pulumi.Input<string> = "") =>
          new kubernetes.core.v1.Namespace(name, { metadata: { annotations: { reference } } });
        read("clientCertificate", refs.clientCertificate);
        read("allowList", refs.allowList);
      });
      for (const [at, reader] of ["clientCertificate", "allowList"].entries()) {
        const { dependencies } = find(resources, ":Namespace", reader);
        const wanted = lock[at];
        if (wanted === undefined) assert.deepEqual(dependencies, []);
        else assert.ok(dependencies.includes(wanted));
      }
    });

  it("has nginx trust its CA beside the apps, and names it when the edge has been told", async () => {
    const { resources, result } = await make({ controller: "nginx", allowedCidrs: undefined });
    assert.deepEqual(
      childrenOf(resources, "origin-lock"),
      [...ca(1), ...client(1), shown, asked, secret].sort(),
    );
    const { metadata } = find(resources, ":Secret", "origin-lock-ca").inputs;
    assert.deepEqual(metadata, { name: "origin-lock-ca", namespace: "production" });
    assert.deepEqual(await value(pulumi.output(result.refs)), {
      clientCertificate: "production/origin-lock-ca",
    });
  });

  it("has a Gateway's routes name a Middleware beside them", async () => {
    const { resources, result } = await make({ controller: "gateway", clientCertificate: false });
    const { metadata } = find(resources, ":Middleware", "origin-lock").inputs;
    assert.deepEqual(metadata, { name: "origin-lock", namespace: "production" });
    assert.deepEqual(await value(pulumi.output(result.refs)), { allowList: "origin-lock" });
  });

  for (const changed of [{}, { controller: "gateway", clientCertificate: false }] as const)
    it(`makes no Middleware before Traefik's definitions are there: ${JSON.stringify(changed)}`, async () => {
      const { resources } = await run(() => {
        const traefik = new kubernetes.core.v1.Namespace("layer", { metadata: { name: "traefik" } });
        const ingressNamespace = traefik.metadata.name;
        new OriginLock("origin-lock", { ...args, ...changed, ingressNamespace }, { providers: providers() });
      });
      const { dependencies } = find(resources, ":Middleware", "origin-lock");
      assert.ok(dependencies.includes("kubernetes:core/v1:Namespace layer"));
    });

  const elsewhere = { otherNamespaces: ["linkerd-viz", "monitoring"] };
  it("has nginx trust its CA in every namespace of routes, before the edge shows a certificate of it", async () => {
    const { resources, result } = await make({
      controller: "nginx",
      allowedCidrs: undefined,
      ...elsewhere,
    });
    const own = find(resources, ":Secret", "origin-lock-ca");
    for (const namespace of elsewhere.otherNamespaces) {
      const copy = find(resources, ":Secret", `origin-lock-ca-${namespace}`);
      assert.deepEqual(copy.inputs, {
        ...own.inputs,
        metadata: { name: "origin-lock-ca", namespace },
      });
      assert.deepEqual(copy.hooks, own.hooks);
      const edge = find(resources, ":AuthenticatedOriginPullsCertificate", "origin-lock");
      assert.ok(edge.dependencies.includes(`kubernetes:core/v1:Secret origin-lock-ca-${namespace}`));
    }
    assert.deepEqual(await value(pulumi.output(result.refsByNamespace)), {
      "linkerd-viz": { clientCertificate: "linkerd-viz/origin-lock-ca" },
      monitoring: { clientCertificate: "monitoring/origin-lock-ca" },
    });
  });

  it("puts nothing into a further namespace before the ingress, which comes after those of the platform", async () => {
    const { resources } = await run(() => {
      const layer = new kubernetes.core.v1.Namespace("layer", { metadata: { name: "ingress-nginx" } });
      new OriginLock(
        "origin-lock",
        {
          ...args,
          ...elsewhere,
          controller: "nginx",
          allowedCidrs: undefined,
          ingressNamespace: layer.metadata.name,
        },
        { providers: providers() },
      );
    });
    for (const namespace of elsewhere.otherNamespaces) {
      const { dependencies } = find(resources, ":Secret", `origin-lock-ca-${namespace}`);
      assert.ok(dependencies.includes("kubernetes:core/v1:Namespace layer"));
    }
  });

  it("has nginx name no copy before it is there, with a CA of the zone's owner too", async () => {
    const { resources } = await run(() => {
      const lock = new OriginLock(
        "origin-lock",
        { ...args, ...elsewhere, controller: "nginx", allowedCidrs: undefined, ca: "pem" },
        { providers: providers() },
      );
      const only = pulumi.output(lock.refsByNamespace["linkerd-viz"]);
      new kubernetes.core.v1.ConfigMap(
        "rule",
        { data: { only: only.apply((each) => each?.clientCertificate ?? "") } },
        { parent: lock },
      );
    });
    const { dependencies } = find(resources, ":ConfigMap", "rule");
    assert.ok(dependencies.includes("kubernetes:core/v1:Secret origin-lock-ca-linkerd-viz"));
  });

  it("has a Gateway's routes find the Middleware in every namespace of routes", async () => {
    const { resources, result } = await make({
      controller: "gateway",
      clientCertificate: false,
      ...elsewhere,
    });
    const own = find(resources, ":Middleware", "origin-lock");
    for (const namespace of elsewhere.otherNamespaces)
      assert.deepEqual(find(resources, ":Middleware", `origin-lock-${namespace}`).inputs, {
        ...own.inputs,
        metadata: { name: "origin-lock", namespace },
      });
    assert.deepEqual(await value(pulumi.output(result.refsByNamespace)), {
      "linkerd-viz": { allowList: "origin-lock" },
      monitoring: { allowList: "origin-lock" },
    });
  });

  it("needs no copy for Traefik's Ingress objects, which name what is in another namespace", async () => {
    const { resources, result } = await make(elsewhere);
    assert.deepEqual(
      childrenOf(resources, "origin-lock"),
      childrenOf((await make()).resources, "origin-lock"),
    );
    assert.deepEqual(result.refsByNamespace, {});
  });

  const impossible: [changed: Partial<OriginLockArgs>, arg: string][] = [
    [{ controller: "gateway" }, "clientCertificate"],
    [{ controller: "nginx" }, "allowedCidrs"],
  ];
  for (const [changed, arg] of impossible)
    it(`refuses ${arg} with controller ${changed.controller ?? ""}, and registers nothing`, async () => {
      const { fault, resources } = await attempt(
        () => new OriginLock("origin-lock", { ...args, ...changed }, { providers: providers() }),
      );
      assert.equal(
        fault?.message,
        `OriginLock "origin-lock": ${arg} is not supported by controller ${changed.controller ?? ""}`,
      );
      assert.deepEqual(childrenOf(resources, "origin-lock"), []);
      assert.ok(resources.every(({ type }) => type.startsWith("pulumi:providers:")));
    });
});
