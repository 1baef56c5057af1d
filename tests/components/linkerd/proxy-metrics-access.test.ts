import * as assert from "node:assert/strict";

import { MeshScrapes } from "../../../components/linkerd/proxy-metrics-access";
import { find, run } from "../../harness";
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
