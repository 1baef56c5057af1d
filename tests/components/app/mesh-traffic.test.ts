import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import {
  createMeshTraffic,
  needsHttpRoutes,
  buildMeshTraffic,
  type MeshApp,
  type Traffic,
} from "../../../components/app/mesh-traffic";
import { find, run } from "../../harness";
import { providers } from "../providers";

const api: MeshApp = { name: "api", servicePort: 80 };

const shaped = (traffic: Partial<Traffic>, changed: Partial<MeshApp> = {}) =>
  buildMeshTraffic({ ...api, traffic: { routes: [], ...traffic }, ...changed });

const users = { name: "users", method: "GET", path: "/v1/users", pathType: "Prefix" } as const;

describe("the traffic of an app", () => {
  it("has no configuration by default", () => {
    for (const traffic of [buildMeshTraffic(api), shaped({})])
      assert.deepEqual(traffic, { annotations: {}, routes: [], profile: undefined });
  });

  it("is configured by annotations of its Service if all requests are treated alike", () =>
    assert.deepEqual(
      shaped({
        timeouts: { request: "10s", response: "2s", idle: "1m" },
        retry: { http: ["gateway-error", "429"], limit: 3, timeout: "500ms" },
        circuitBreaking: { maxFailures: 5, minPenalty: "2s", maxPenalty: "30s", jitterRatio: 0.25 },
      }),
      {
        annotations: {
          "timeout.linkerd.io/request": "10s",
          "timeout.linkerd.io/response": "2s",
          "timeout.linkerd.io/idle": "1m",
          "retry.linkerd.io/http": "gateway-error,429",
          "retry.linkerd.io/limit": "3",
          "retry.linkerd.io/timeout": "500ms",
          "balancer.linkerd.io/failure-accrual": "consecutive",
          "balancer.linkerd.io/failure-accrual-consecutive-max-failures": "5",
          "balancer.linkerd.io/failure-accrual-consecutive-min-penalty": "2s",
          "balancer.linkerd.io/failure-accrual-consecutive-max-penalty": "30s",
          "balancer.linkerd.io/failure-accrual-consecutive-jitter-ratio": "0.25",
        },
        routes: [],
        profile: undefined,
      },
    ));

  for (const [duration, expected] of [
    ["1500ms", "1500ms"],
    ["1m30s", "90s"],
    ["60s", "1m"],
    ["48h", "48h"],
    ["1h0m0s1ms", "3600001ms"],
  ] as const)
    it(`converts ${duration} to ${expected}`, () =>
      assert.deepEqual(shaped({ timeouts: { request: duration } }).annotations, {
        "timeout.linkerd.io/request": expected,
      }));
});

describe("the routes of an app in the mesh", () => {
  const parentRefs = [{ group: "core", kind: "Service", name: "api", port: 80 }];
  const backendRefs = [{ name: "api", port: 80 }];

  it("include a catch-all, without which other requests would get 404", () => {
    const { routes } = shaped({ routes: [users] });
    const routeOf = (suffix: string, match: object) => ({
      key: `api/mesh${suffix}`,
      name: `api.mesh${suffix.replace("/", ".")}`,
      annotations: {},
      spec: { parentRefs, rules: [{ matches: [match], backendRefs }] },
    });
    assert.deepEqual(routes, [
      routeOf("", { path: { type: "PathPrefix", value: "/" } }),
      routeOf("/users", { path: { type: "PathPrefix", value: "/v1/users" }, method: "GET" }),
    ]);
  });

  for (const [pathType, type] of [
    ["Prefix", "PathPrefix"],
    ["Exact", "Exact"],
    ["RegularExpression", "RegularExpression"],
  ] as const)
    it(`match a path of type ${pathType}, with any method by default`, () => {
      const { routes } = shaped({ routes: [{ name: "x", path: "/x", pathType }] });
      assert.deepEqual(routes[1]?.spec.rules[0]?.matches, [{ path: { type, value: "/x" } }]);
    });

  const retry = { http: ["5xx"], limit: 2 };
  const retried = { "retry.linkerd.io/http": "5xx", "retry.linkerd.io/limit": "2" };
  const limited = { "timeout.linkerd.io/request": "9s" };
  const ofAll = { timeouts: { request: "9s" }, retry };

  it("repeat all annotations except circuit breaking, which stays on the Service", () => {
    const { annotations, routes } = shaped({ ...ofAll, circuitBreaking: {}, routes: [users] });
    assert.deepEqual(annotations, { "balancer.linkerd.io/failure-accrual": "consecutive" });
    for (const route of routes) assert.deepEqual(route.annotations, { ...limited, ...retried });
  });

  it("override the app's timeouts and retries independently", () => {
    const own = (changed: object) =>
      shaped({ ...ofAll, routes: [{ ...users, ...changed }] }).routes[1]?.annotations;
    assert.deepEqual(own({ timeouts: { response: "1s" } }), {
      "timeout.linkerd.io/response": "1s",
      ...retried,
    });
    assert.deepEqual(own({ retry: { http: ["503"], limit: 1 } }), {
      ...limited,
      "retry.linkerd.io/http": "503",
      "retry.linkerd.io/limit": "1",
    });
  });

  for (const [method, again] of [
    ["GET", true],
    ["PUT", true],
    ["DELETE", true],
    ["POST", false],
    ["PATCH", false],
  ] as const)
    it(`${again ? "inherit" : "do not inherit"} the app's retries for ${method}`, () => {
      const [, route] = shaped({ ...ofAll, routes: [{ ...users, method }] }).routes;
      assert.deepEqual(route?.annotations, again ? { ...limited, ...retried } : limited);
    });

  it("retry a POST with a retry policy of its own", () => {
    const [, route] = shaped({ routes: [{ ...users, method: "POST", retry }] }).routes;
    assert.deepEqual(route?.annotations, retried);
  });
});

describe("the canary of an app in the mesh", () => {
  for (const weight of [0, 10, 100])
    it(`gets ${weight} percent of the requests of every route`, () => {
      const { routes } = shaped({ routes: [users] }, { canary: { weight } });
      assert.equal(routes.length, 2);
      for (const { spec } of routes)
        assert.deepEqual(spec.rules[0]?.backendRefs, [
          { name: "api", port: 80, weight: 100 - weight },
          { name: "api-canary", port: 80, weight },
        ]);
    });

  it("needs one route, and so the CRDs of Gateway API", () => {
    const { routes } = buildMeshTraffic({ ...api, canary: { weight: 10 } });
    assert.deepEqual(
      routes.map(({ name }) => name),
      ["api.mesh"],
    );
    const meshed = true;
    assert.equal(needsHttpRoutes({ meshed, canary: { weight: 10 } }), true);
    assert.equal(needsHttpRoutes({ meshed, traffic: { routes: [users] } }), true);
    assert.equal(needsHttpRoutes({ meshed, traffic: { routes: [], circuitBreaking: {} } }), false);
    assert.equal(needsHttpRoutes({ meshed }), false);
    assert.equal(needsHttpRoutes({ meshed: false, canary: { weight: 10 } }), false);
  });
});

describe("createMeshTraffic", () => {
  const profile = {
    routes: [
      { name: "all", pathRegex: "/.*", isRetryable: false },
      { name: "get", method: "GET", pathRegex: "/a", timeout: "5s", isRetryable: true },
    ],
    retryBudget: { retryRatio: 0.2, minRetriesPerSecond: 10, ttl: "10s" },
  } as const;

  const create = (traffic: ReturnType<typeof buildMeshTraffic>) =>
    run(() => {
      const parent = new pulumi.ComponentResource("test:test:Test", "test", {}, { providers: providers() });
      createMeshTraffic("api", traffic, pulumi.output("production"), { parent });
    });

  it("creates the catch-all first, so that every request matches a route at all times", async () => {
    const { resources } = await create(shaped({ routes: [users, { ...users, name: "all" }] }));
    const first = find(resources, ":HTTPRoute", "api/mesh");
    assert.deepEqual(first.inputs.metadata, { name: "api.mesh", namespace: "production" });
    assert.deepEqual(first.dependencies, []);
    for (const name of ["api/mesh/users", "api/mesh/all"])
      assert.deepEqual(find(resources, ":HTTPRoute", name).dependencies, [
        "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute api/mesh",
      ]);
  });

  it("creates a ServiceProfile named by the Service's FQDN", async () => {
    const { resources } = await create(buildMeshTraffic({ ...api, serviceProfile: profile }));
    const { metadata, spec } = find(resources, ":ServiceProfile", "api").inputs;
    assert.deepEqual(metadata, { name: "api.production.svc.cluster.local", namespace: "production" });
    assert.deepEqual(spec, {
      routes: [
        { name: "all", condition: { pathRegex: "/.*" } },
        { name: "get", condition: { method: "GET", pathRegex: "/a" }, timeout: "5s", isRetryable: true },
      ],
      retryBudget: profile.retryBudget,
    });
    assert.equal(resources.filter(({ type }) => type.endsWith(":HTTPRoute")).length, 0);
  });
});
