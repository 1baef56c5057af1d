import * as assert from "node:assert/strict";

import * as kubernetes from "@pulumi/kubernetes";

import * as made from "../../components/custom-resources";
import { find, run } from "../harness";

describe("custom resources", () => {
  const kinds = {
    certificate: ["cert-manager.io/v1", "Certificate"],
    issuer: ["cert-manager.io/v1", "Issuer"],
    clusterIssuer: ["cert-manager.io/v1", "ClusterIssuer"],
    bundle: ["trust.cert-manager.io/v1alpha1", "Bundle"],
    networkPolicy: ["cilium.io/v2", "CiliumNetworkPolicy"],
    middleware: ["traefik.io/v1alpha1", "Middleware"],
    tlsOption: ["traefik.io/v1alpha1", "TLSOption"],
  } as const satisfies Record<keyof typeof made, readonly [string, string]>;

  it("has a maker for each kind, and each is known here", () =>
    assert.deepEqual(Object.keys(kinds).sort(), Object.keys(made).sort()));

  const metadata = { name: "x", namespace: "y", annotations: { a: "b" } };
  const opts = () => ({ provider: new kubernetes.Provider("kubernetes", {}) });
  const specs = {
    certificate: { secretName: "x", issuerRef: { kind: "Issuer", name: "i" } },
    issuer: { selfSigned: {} },
    clusterIssuer: { ca: { secretName: "x" } },
    bundle: { sources: [], target: { configMap: { key: "k" } } },
    networkPolicy: { endpointSelector: {}, ingress: [], egress: [] },
    middleware: { basicAuth: { secret: "x", removeHeader: true } },
    tlsOption: { minVersion: "VersionTLS13" },
  } as const;
  const makers: Record<keyof typeof kinds, () => unknown> = {
    certificate: () => made.certificate("one", metadata, specs.certificate, opts()),
    issuer: () => made.issuer("one", metadata, specs.issuer, opts()),
    clusterIssuer: () => made.clusterIssuer("one", metadata, specs.clusterIssuer, opts()),
    bundle: () => made.bundle("one", metadata, specs.bundle, opts()),
    networkPolicy: () => made.networkPolicy("one", metadata, specs.networkPolicy, opts()),
    middleware: () => made.middleware("one", metadata, specs.middleware, opts()),
    tlsOption: () => made.tlsOption("one", metadata, specs.tlsOption, opts()),
  };

  for (const [maker, [apiVersion, kind]] of Object.entries(kinds) as [
    keyof typeof kinds,
    readonly [string, string],
  ][])
    it(`writes a ${kind} of ${apiVersion} with the metadata and the spec it is given`, async () => {
      const { resources } = await run(() => {
        makers[maker]();
      });
      const { inputs, provider } = find(resources, `:${kind}`, "one");
      assert.deepEqual(inputs, { apiVersion, kind, metadata, spec: specs[maker] });
      assert.equal(provider, "kubernetes");
    });
});
