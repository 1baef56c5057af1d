import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { AppService, type AppServiceArgs } from "../../components/app-service";
import type { EdgeOnly } from "../../components/routing/traefik";
import { childrenOf, find, run, value, type Values } from "../harness";
import { args, own, within } from "./one-app";
import { providers } from "./providers";

const route = {
  host: "api.example.com",
  paths: [
    { path: "/v1", pathType: "Prefix" },
    { path: "/health", pathType: "Exact" },
  ],
  proxied: true,
  dns: "pulumi",
} as const;

const make = (changed: Partial<AppServiceArgs> = {}) =>
  run(() => new AppService("api", { ...args, ...changed }, { providers: providers() }));

describe("AppService with routes", () => {
  it("adds an Ingress per host, a Middleware per rule, and a password per user", async () => {
    const { resources } = await make({
      routes: [
        {
          ...route,
          rateLimit: { requests: 100, period: "1m", burst: 50 },
          cors: { origins: ["https://example.com"], methods: ["GET"], headers: [], maxAgeSeconds: 600 },
          basicAuth: { users: ["ann", "bob"] },
        },
        {
          host: "www.example.com",
          paths: [{ path: "/", pathType: "Prefix" }],
          proxied: true,
          dns: "external-dns",
        },
      ],
    });
    assert.deepEqual(
      childrenOf(resources, "api"),
      [
        ...own,
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

  it("routes a host's paths to its Service, behind the wildcard certificate", async () => {
    const { resources } = await make({ routes: [route] });
    const backend = { service: { name: "api", port: { number: 80 } } };
    const { inputs } = find(resources, ":Ingress", "api-api.example.com");
    assert.deepEqual(inputs.metadata, {
      name: "api-api-example-com",
      namespace: "production",
      labels: { app: "api", "app.kubernetes.io/name": "api" },
      annotations: {
        "external-dns.kubernetes.io/controller": "pulumi",
        "traefik.ingress.kubernetes.io/router.entrypoints": "websecure",
      },
    });
    assert.deepEqual(inputs.spec, {
      ingressClassName: "traefik",
      tls: [{ hosts: ["api.example.com"], secretName: "wildcard-tls" }],
      rules: [
        { host: "api.example.com", http: { paths: route.paths.map((path) => ({ ...path, backend })) } },
      ],
    });
  });

  it("puts the router behind its Middlewares, which are there before it", async () => {
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
  const rateLimit = { requests: 100, period: "1m", burst: 50 };
  const doors: [says: string, proxied: boolean, edgeOnly: EdgeOnly | undefined, annotations: object][] = [
    [
      "lets nobody but the edge in to a proxied host, before its own Middlewares",
      true,
      { tlsOptions: pulumi.output(locked), middleware: pulumi.output(locked) },
      { "tls.options": locked, middlewares: `${locked},${limited}` },
    ],
    [
      "asks for the edge's certificate alone, if told so",
      true,
      { tlsOptions: locked },
      { "tls.options": locked, middlewares: limited },
    ],
    [
      "lets all in to a host that is not proxied, as the edge never comes there",
      false,
      { tlsOptions: locked, middleware: locked },
      { middlewares: limited },
    ],
    ["lets all in without a lock", true, undefined, { middlewares: limited }],
  ];
  for (const [says, proxied, edgeOnly, annotations] of doors)
    it(says, async () => {
      const { resources } = await make({ routes: [{ ...route, proxied, rateLimit }], edgeOnly });
      const { inputs } = find(resources, ":Ingress", "api-api.example.com");
      const router = Object.entries(within(inputs, "metadata", "annotations")).flatMap(([key, each]) => {
        const [, of] = key.split("traefik.ingress.kubernetes.io/router.");
        return of === undefined || of === "entrypoints" ? [] : [[of, each] as const];
      });
      assert.deepEqual(Object.fromEntries(router), annotations);
    });

  for (const [dns, controller] of [
    ["pulumi", "pulumi"],
    ["external-dns", undefined],
  ] as const)
    it(`${controller === undefined ? "leaves its name to" : "keeps its name from"} external-dns, if dns is ${dns}`, async () => {
      const { resources } = await make({ routes: [{ ...route, dns }] });
      const { inputs } = find(resources, ":Ingress", "api-api.example.com");
      const annotations = within(inputs, "metadata", "annotations");
      assert.equal(annotations["external-dns.kubernetes.io/controller"], controller);
    });

  it("keeps a line of user and hash per user, secret, where the Middleware looks for it", async () => {
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

  it("tells its passwords by user and host, as a secret", async () => {
    const { result, outputs } = await make({ routes: [{ ...route, basicAuth: { users: ["ann"] } }] });
    assert.equal(await pulumi.isSecret(result.passwords), true);
    assert.deepEqual(await value(result.passwords), {
      "ann@api.example.com": "password-of-api-api.example.com-ann",
    });
    assert.ok(outputs.find(({ of }) => of.endsWith("AppService api"))?.secrets.includes("passwords"));
  });
});
