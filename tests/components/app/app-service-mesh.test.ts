import * as assert from "node:assert/strict";

import { buildAuthorization } from "../../../components/linkerd/authorization";
import { find } from "../../harness";
import { make, within } from "./app-service-fixtures";
import { graphApp } from "../network-policy/graph-apps";

const shortly = (dependencies: readonly string[]) => dependencies.map((each) => each.replace(/^.*:/, ""));

const users = { name: "users", path: "/v1/users", pathType: "Prefix" } as const;

describe("AppService in the mesh", () => {
  const apps = [graphApp("api", { routes: [{}] }), graphApp("web", { calls: ["api"] })];
  const authorization = buildAuthorization(graphApp("api", { routes: [{}] }), apps, {
    namespace: "production",
    trustDomain: "cluster.local",
    podCidrs: ["10.42.0.0/16"],
    ingress: [{ namespace: "traefik", name: "traefik" }],
  });

  it("creates Servers and AuthorizationPolicies before the pods", async () => {
    const { resources } = await make({ authorization, canary: { image: "x:2", weight: 10, replicas: 1 } });
    for (const name of ["api", "api-canary"])
      assert.ok(shortly(find(resources, ":Deployment", name).dependencies).includes("Server api-8080"));
    assert.deepEqual(shortly(find(resources, ":Server", "api-8080").dependencies), [
      "AuthorizationPolicy api-8080-callers",
      "AuthorizationPolicy api-8080-ingress",
    ]);
    const mesh = resources.filter(({ type }) => type.startsWith("kubernetes:policy.linkerd.io/"));
    assert.equal(mesh.length, 5);
    for (const { inputs, parent } of mesh) {
      assert.equal(within(inputs, "metadata").namespace, "production");
      assert.equal(parent, "platform:networking:AppService api");
    }
  });

  it("has no Linkerd policy without authorization", async () => {
    const { resources } = await make();
    assert.deepEqual(
      resources.filter(({ type }) => type.includes("policy.linkerd.io")),
      [],
    );
  });

  it("annotates its Service for Linkerd beside the controller's annotations", async () => {
    const { resources } = await make({
      traffic: { timeouts: { request: "10s" }, circuitBreaking: {}, routes: [] },
      routes: [
        {
          host: "api.example.com",
          paths: [{ path: "/", pathType: "Prefix" }],
          proxied: true,
          dns: "pulumi",
          sticky: { cookie: "session" },
        },
      ],
    });
    const annotations = within(find(resources, ":Service", "api").inputs, "metadata", "annotations");
    assert.deepEqual(
      Object.fromEntries(Object.entries(annotations).filter(([key]) => key.includes("linkerd.io"))),
      {
        "timeout.linkerd.io/request": "10s",
        "balancer.linkerd.io/failure-accrual": "consecutive",
      },
    );
    assert.equal(annotations["traefik.ingress.kubernetes.io/service.sticky.cookie.name"], "session");
  });

  it("splits every route between two versions, after both Services", async () => {
    const { resources } = await make({
      canary: { image: "ghcr.io/org/api:v1.1.0", weight: 25, replicas: 1 },
      traffic: { routes: [users] },
    });
    for (const key of ["api/mesh", "api/mesh/users"]) {
      const { inputs, dependencies } = find(resources, ":HTTPRoute", key);
      const [rule] = within(inputs, "spec").rules as { backendRefs: unknown }[];
      assert.deepEqual(rule?.backendRefs, [
        { name: "api", port: 80, weight: 75 },
        { name: "api-canary", port: 80, weight: 25 },
      ]);
      for (const service of ["Service api", "Service api-canary"])
        assert.ok(shortly(dependencies).includes(service), `${key} before ${service}`);
    }
  });
});
