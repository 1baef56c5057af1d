import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { find, value } from "../../harness";
import { added, make, route } from "./app-service-fixtures";

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
  });

  it("creates a Secret with an htpasswd line per user", async () => {
    const { resources } = await make({ routes: [{ ...route, basicAuth: { users: ["ann", "bob"] } }] });
    assert.deepEqual(find(resources, ":Secret", "api-api.example.com-basic-auth").inputs.stringData, {
      auth: "ann:hash-of-api-api.example.com-ann\nbob:hash-of-api-api.example.com-bob",
    });
    assert.deepEqual(find(resources, ":RandomPassword", "api-api.example.com-ann").inputs, {
      length: 32,
      special: false,
    });
  });

  it("outputs its passwords by user and host, as a secret", async () => {
    const { result } = await make({ routes: [{ ...route, basicAuth: { users: ["ann"] } }] });
    assert.equal(await pulumi.isSecret(result.passwords), true);
    assert.deepEqual(await value(result.passwords), {
      "ann@api.example.com": "password-of-api-api.example.com-ann",
    });
  });
});
