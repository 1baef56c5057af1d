import * as assert from "node:assert/strict";

import { MeshScrapes } from "../../../components/linkerd/proxy-metrics-access";
import { childrenOf, find, run } from "../../harness";
import { providers } from "../providers";

const made = () =>
  run(
    () =>
      new MeshScrapes(
        "scrapes",
        { namespaces: { apps: "production", traefik: "traefik" }, trustDomain: "mesh.example.com" },
        { providers: providers() },
      ),
  );

const group = "policy.linkerd.io";

describe("MeshScrapes", () => {
  it("creates a Server, a policy and an authentication in each namespace", async () => {
    const { resources } = await made();
    assert.deepEqual(
      childrenOf(resources, "scrapes"),
      ["apps", "traefik"]
        .flatMap((place) => [
          `kubernetes:${group}/v1alpha1:AuthorizationPolicy scrapes-${place}`,
          `kubernetes:${group}/v1alpha1:MeshTLSAuthentication scrapes-${place}-prometheus`,
          `kubernetes:${group}/v1beta3:Server scrapes-${place}-proxy-admin`,
        ])
        .sort(),
    );
  });

  for (const [place, namespace] of [
    ["apps", "production"],
    ["traefik", "traefik"],
  ] as const)
    it(`authorizes only the Prometheus of linkerd-viz to the metrics of every proxy in ${namespace}`, async () => {
      const { resources } = await made();
      const written = (type: string, name: string) => {
        const { metadata, spec } = find(resources, type, name).inputs;
        return { metadata, spec };
      };
      assert.deepEqual(written(":Server", `scrapes-${place}-proxy-admin`), {
        metadata: { name: "proxy-admin", namespace },
        spec: { podSelector: {}, port: 4191, proxyProtocol: "HTTP/1", accessPolicy: "deny" },
      });
      assert.deepEqual(written(":AuthorizationPolicy", `scrapes-${place}`), {
        metadata: { name: "prometheus-scrape", namespace },
        spec: {
          targetRef: { group, kind: "Server", name: "proxy-admin" },
          requiredAuthenticationRefs: [{ group, kind: "MeshTLSAuthentication", name: "prometheus" }],
        },
      });
      assert.deepEqual(written(":MeshTLSAuthentication", `scrapes-${place}-prometheus`), {
        metadata: { name: "prometheus", namespace },
        spec: { identities: ["prometheus.linkerd-viz.serviceaccount.identity.linkerd.mesh.example.com"] },
      });
    });

  it("creates the Server last", async () => {
    const { resources } = await made();
    const door = find(resources, ":Server", "scrapes-apps-proxy-admin");
    const policy = find(resources, ":AuthorizationPolicy", "scrapes-apps");
    assert.deepEqual(door.dependencies, [`${policy.type} ${policy.name}`]);
    assert.deepEqual(policy.dependencies, [
      `kubernetes:${group}/v1alpha1:MeshTLSAuthentication scrapes-apps-prometheus`,
    ]);
  });

  it("authorizes an unmeshed Prometheus by pod CIDRs", async () => {
    const { resources } = await run(
      () =>
        new MeshScrapes(
          "own",
          {
            namespaces: { apps: "production" },
            trustDomain: "cluster.local",
            scraper: { podCidrs: ["10.42.0.0/16"] },
          },
          { providers: providers() },
        ),
    );
    const { inputs } = find(resources, ":NetworkAuthentication", "own-apps-prometheus");
    assert.deepEqual(inputs.spec, { networks: [{ cidr: "10.42.0.0/16" }] });
  });
});
