import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import type { OriginLockRefs } from "../../../components/ingress/route-manifests";
import { find, value, type Values } from "../../harness";
import { added, key, make, route, within } from "./app-service-fixtures";

describe("the routes of an AppService", () => {
  it("creates an Ingress per host, a Middleware per feature, and a password per user", async () => {
    const { resources } = await make({
      routes: [
        {
          ...route,
          rateLimit: { requests: 100, period: "1m", burst: 50 },
          cors: { origins: ["https://example.com"], methods: ["GET"], headers: [], maxAgeSeconds: 600 },
          basicAuth: { users: ["ann", "bob"] },
        },
        { ...route, host: "www.example.com", paths: [{ path: "/", pathType: "Prefix" }] },
      ],
    });
    assert.deepEqual(
      added(resources),
      [
        "kubernetes:core/v1:Secret api-api.example.com-basic-auth",
        "kubernetes:networking.k8s.io/v1:Ingress api-api.example.com",
        "kubernetes:networking.k8s.io/v1:Ingress api-www.example.com",
        "kubernetes:traefik.io/v1alpha1:Middleware api-api.example.com-basic-auth",
        "kubernetes:traefik.io/v1alpha1:Middleware api-api.example.com-cors",
        "kubernetes:traefik.io/v1alpha1:Middleware api-api.example.com-rate-limit",
        "random:index/randomPassword:RandomPassword api-api.example.com-ann",
        "random:index/randomPassword:RandomPassword api-api.example.com-bob",
      ].sort(),
    );
    for (const { custom, provider, parent } of resources)
      if (custom && parent !== "") assert.notEqual(provider, "");
  });

  it("routes a host's paths to its Service, with Traefik's default certificate", async () => {
    const { resources } = await make({ routes: [route] });
    const backend = { service: { name: "api", port: { number: 80 } } };
    const { inputs } = find(resources, ":Ingress", "api-api.example.com");
    assert.deepEqual(inputs.metadata, {
      name: "api-api-example-com",
      namespace: "production",
      labels: { app: "api", "app.kubernetes.io/name": "api" },
      annotations: { "traefik.ingress.kubernetes.io/router.entrypoints": "websecure" },
    });
    assert.deepEqual(inputs.spec, {
      ingressClassName: "traefik",
      tls: [{ hosts: ["api.example.com"] }],
      rules: [
        { host: "api.example.com", http: { paths: route.paths.map((path) => ({ ...path, backend })) } },
      ],
    });
  });

  it("refers to its Middlewares, which are created before", async () => {
    const { resources } = await make({
      routes: [
        { ...route, rateLimit: { requests: 100, period: "1m", burst: 50 }, basicAuth: { users: ["ann"] } },
      ],
    });
    const { inputs, dependencies } = find(resources, ":Ingress", "api-api.example.com");
    assert.equal(
      within(inputs, "metadata", "annotations")["traefik.ingress.kubernetes.io/router.middlewares"],
      "production-api-api-example-com-rate-limit@kubernetescrd,production-api-api-example-com-basic-auth@kubernetescrd",
    );
    for (const role of ["rate-limit", "basic-auth"]) {
      assert.ok(
        dependencies.includes(`kubernetes:traefik.io/v1alpha1:Middleware api-api.example.com-${role}`),
      );
      const { metadata } = find(resources, ":Middleware", `api-api.example.com-${role}`).inputs;
      assert.deepEqual(metadata, { name: `api-api-example-com-${role}`, namespace: "production" });
    }
  });

  const locked = "traefik-origin-lock@kubernetescrd";
  const limited = "production-api-api-example-com-rate-limit@kubernetescrd";
  const withoutTheEdgesWord = "production-api-api-example-com-request-headers@kubernetescrd";
  const rateLimit = { requests: 100, period: "1m", burst: 50 };
  const doors: [
    says: string,
    proxied: boolean,
    originLock: OriginLockRefs | undefined,
    annotations: object,
  ][] = [
    [
      "lets nobody but the edge in to a proxied host, before its own Middlewares",
      true,
      { clientCertificate: pulumi.output(locked), allowList: pulumi.output(locked) },
      { "tls.options": locked, middlewares: `${locked},${limited}` },
    ],
    [
      "asks for the edge's certificate alone, if told so",
      true,
      { clientCertificate: locked },
      { "tls.options": locked, middlewares: limited },
    ],
    [
      "lets all in to a host that is not proxied, as the edge never comes there",
      false,
      { clientCertificate: locked, allowList: locked },
      { middlewares: `${limited},${withoutTheEdgesWord}` },
    ],
    [
      "refuses addresses alone, if told so, before anything else is looked at",
      true,
      { allowList: locked },
      { middlewares: `${locked},${limited}` },
    ],
    ["lets all in without a lock", true, undefined, { middlewares: limited }],
  ];
  const routerOf = (inputs: Values) =>
    Object.fromEntries(
      Object.entries(within(inputs, "metadata", "annotations")).flatMap(([name, each]) => {
        const [, of] = name.split("traefik.ingress.kubernetes.io/router.");
        return of === undefined || of === "entrypoints" ? [] : [[of, each] as const];
      }),
    );
  for (const [says, proxied, originLock, annotations] of doors)
    it(says, async () => {
      const { resources } = await make({ routes: [{ ...route, proxied, rateLimit }], originLock });
      assert.deepEqual(routerOf(find(resources, ":Ingress", key).inputs), annotations);
    });

  it("applies the origin lock to a host without other Middlewares too", async () => {
    const originLock = { clientCertificate: locked, allowList: locked };
    const { resources } = await make({ routes: [route], originLock });
    assert.deepEqual(routerOf(find(resources, ":Ingress", key).inputs), {
      "tls.options": locked,
      middlewares: locked,
    });
  });

  it("creates a Secret with an htpasswd line per user", async () => {
    const { resources } = await make({ routes: [{ ...route, basicAuth: { users: ["ann", "bob"] } }] });
    const { inputs, secrets } = find(resources, ":Secret", "api-api.example.com-basic-auth");
    assert.deepEqual(inputs.stringData, {
      auth: "ann:hash-of-api-api.example.com-ann\nbob:hash-of-api-api.example.com-bob",
    });
    assert.deepEqual(secrets, ["stringData"]);
    const { spec } = find(resources, ":Middleware", "api-api.example.com-basic-auth").inputs;
    const { secret } = within(spec as Values, "basicAuth");
    assert.deepEqual(
      [secret, "production"],
      [within(inputs, "metadata").name, within(inputs, "metadata").namespace],
    );
    assert.deepEqual(find(resources, ":RandomPassword", "api-api.example.com-ann").inputs, {
      length: 32,
      special: false,
    });
  });

  it("outputs its passwords by user and host, as a secret", async () => {
    const { result, outputs } = await make({ routes: [{ ...route, basicAuth: { users: ["ann"] } }] });
    assert.equal(await pulumi.isSecret(result.passwords), true);
    assert.deepEqual(await value(result.passwords), {
      "ann@api.example.com": "password-of-api-api.example.com-ann",
    });
    assert.ok(outputs.find(({ of }) => of.endsWith("AppService api"))?.secrets.includes("passwords"));
  });

  it("is ignored by external-dns if Pulumi creates the record", async () => {
    for (const [dns, annotations] of [
      ["external-dns", {}],
      ["pulumi", { "external-dns.kubernetes.io/controller": "pulumi" }],
    ] as const)
      for (const [controller, type] of [
        ["traefik", ":Ingress"],
        ["gateway", ":HTTPRoute"],
      ] as const) {
        const { resources } = await make({ routes: [{ ...route, dns }], controller });
        const { metadata } = find(resources, type, key).inputs;
        const said = Object.entries(within(metadata as Values, "annotations")).filter(([name]) =>
          name.startsWith("external-dns"),
        );
        assert.deepEqual(Object.fromEntries(said), annotations);
      }
  });
});
