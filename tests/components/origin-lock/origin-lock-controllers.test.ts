import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { OriginLock, type OriginLockArgs } from "../../../components/origin-lock/origin-lock";
import { attempt, childrenOf, find, value } from "../../harness";
import { allowList, args, activated, ca, client, createLock, secret, uploaded } from "./created-origin-lock";
import { providers } from "../providers";

describe("OriginLock, by controller", () => {
  const reference = "traefik-origin-lock@kubernetescrd";
  const openHost = { "traefik.ingress.kubernetes.io/router.tls.options": "traefik-open@kubernetescrd" };
  const locks: [what: string, changed: Partial<OriginLockArgs>, refs: object, children?: string[]][] = [
    ["both", {}, { clientCertificate: reference, allowList: reference, openHost }],
    ["the client certificate alone", { allowedCidrs: undefined }, { clientCertificate: reference, openHost }],
    ["the allow-list alone", { clientCertificate: false }, { allowList: reference }, [allowList]],
    ["nothing", { clientCertificate: false, allowedCidrs: undefined }, {}, []],
  ];
  for (const [what, changed, refs, children] of locks)
    it(`has references for Traefik's routes of proxied hosts: ${what}`, async () => {
      const { resources, result } = await createLock(changed);
      assert.deepEqual(await value(pulumi.output(result.refs)), refs);
      if (children !== undefined) assert.deepEqual(childrenOf(resources, "origin-lock"), children);
      else assert.ok(childrenOf(resources, "origin-lock").includes(secret));
    });

  it("creates nginx's CA Secret in the apps' namespace, and refers to it once origin pulls are enabled", async () => {
    const { resources, result } = await createLock({ controller: "nginx", allowedCidrs: undefined });
    assert.deepEqual(
      childrenOf(resources, "origin-lock"),
      [...ca(1), ...client(1), uploaded, activated, secret].sort(),
    );
    const { metadata } = find(resources, ":Secret", "origin-lock-ca").inputs;
    assert.deepEqual(metadata, { name: "origin-lock-ca", namespace: "production" });
    assert.deepEqual(await value(pulumi.output(result.refs)), {
      clientCertificate: "production/origin-lock-ca",
    });
  });

  const elsewhere = { otherNamespaces: ["linkerd-viz", "monitoring"] };
  it("creates nginx's CA Secret in every namespace of routes, before the edge gets a certificate of it", async () => {
    const { resources, result } = await createLock({
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

  const unsupported: [changed: Partial<OriginLockArgs>, arg: string][] = [
    [{ controller: "nginx" }, "allowedCidrs"],
  ];
  for (const [changed, arg] of unsupported)
    it(`throws for ${arg} with controller ${changed.controller ?? ""}, and registers nothing`, async () => {
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
