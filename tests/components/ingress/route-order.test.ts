import * as assert from "node:assert/strict";

import { renderForGateway } from "../../../components/ingress/controllers/gateway/gateway-routes";
import { renderForNginx } from "../../../components/ingress/controllers/nginx/nginx-routes";
import { responseHeaderNames, type ResolvedRoute } from "../../../components/ingress/route";
import { renderForTraefik } from "../../../components/ingress/controllers/traefik/traefik-routes";

const headers = (name: string) => ({
  request: { set: { [name]: "x" }, remove: [] },
  response: { set: { [name]: "y" }, remove: [] },
});

/** A route with all features but a redirect. */
const everything: ResolvedRoute = {
  host: "api.example.com",
  paths: [
    { path: "/v1", pathType: "Prefix" },
    { path: "/health", pathType: "Exact" },
  ],
  proxied: true,
  dns: "pulumi",
  headers: headers("X-Team"),
  maxBodySize: "1Gi",
  basicAuth: { users: ["ann"] },
  cors: { origins: ["https://example.com"], methods: ["GET"], headers: ["Accept"], maxAgeSeconds: 0 },
  rateLimit: { requests: 1, period: "1s" },
  allowFrom: ["203.0.113.0/24"],
  timeouts: { requestSeconds: 30 },
  sticky: { cookie: "session" },
};
const app = { name: "api", servicePort: 8080, routes: [everything] };
const roles = [
  "allow-from",
  "response-headers",
  "rate-limit",
  "cors",
  "basic-auth",
  "max-body",
  "request-headers",
];

describe("a route with all features", () => {
  const locked = (originLock: { readonly clientCertificate?: string; readonly allowList?: string }) => ({
    namespace: "production",
    originLock,
  });

  it("passes Traefik's Middlewares in order, after the origin lock", () => {
    const [rule] = renderForTraefik(app).routes;
    assert.ok(rule?.kind === "Ingress");
    const lock = "traefik-origin-lock@kubernetescrd";
    assert.deepEqual(rule.annotations(locked({ clientCertificate: lock, allowList: lock })), {
      "traefik.ingress.kubernetes.io/router.entrypoints": "websecure",
      "traefik.ingress.kubernetes.io/router.middlewares": [
        lock,
        ...roles.map((role) => `production-api-api-example-com-${role}@kubernetescrd`),
      ].join(","),
    });
    assert.deepEqual(
      rule.supportingResources.map(({ pulumiName, objectName }) => [pulumiName, objectName]),
      roles.map((role) => [`api-api.example.com-${role}`, `api-api-example-com-${role}`]),
    );
  });

  it("passes an HTTPRoute's filters in the same order, and attaches to the Gateway's HTTPS listener", () => {
    const [rule] = renderForGateway(app).routes;
    assert.ok(rule?.kind === "HTTPRoute");
    const spec = rule.spec(locked({ allowList: "origin-lock" }));
    const [{ filters = [], matches, backendRefs } = { matches: [] }] = spec.rules;
    assert.deepEqual(
      filters.map((filter) => (filter.type === "ExtensionRef" ? filter.extensionRef.name : filter.type)),
      [
        "origin-lock",
        "api-api-example-com-allow-from",
        "ResponseHeaderModifier",
        "api-api-example-com-rate-limit",
        "api-api-example-com-cors",
        "api-api-example-com-basic-auth",
        "api-api-example-com-max-body",
        "RequestHeaderModifier",
      ],
    );
    assert.deepEqual(matches, [
      { path: { type: "PathPrefix", value: "/v1" } },
      { path: { type: "Exact", value: "/health" } },
    ]);
    assert.equal(backendRefs?.length, 1);
    assert.deepEqual(spec.parentRefs, [{ name: "platform", namespace: "traefik", sectionName: "https" }]);
    assert.deepEqual(spec.hostnames, ["api.example.com"]);
  });

  it("makes nginx require the edge's certificate, by a CA in the app's namespace", () => {
    const routes = [{ ...everything, headers: undefined }];
    const [rule] = renderForNginx({ ...app, routes }).routes;
    assert.ok(rule?.kind === "Ingress");
    const annotations = rule.annotations(locked({ clientCertificate: "production/origin-lock-ca" }));
    const prefix = "nginx.ingress.kubernetes.io/auth-tls";
    assert.equal(annotations[`${prefix}-secret`], "production/origin-lock-ca");
    assert.equal(annotations[`${prefix}-verify-client`], "on");
    for (const [key, value] of Object.entries(annotations)) {
      assert.ok(key.startsWith("nginx.ingress.kubernetes.io/"));
      assert.equal(typeof value, "string");
    }
  });
});

describe("a route with forward authentication", () => {
  const route = {
    ...everything,
    forwardAuth: { app: "oauth2-proxy", path: "/auth", responseHeaders: ["X-User"] },
    authUrl: "http://oauth2-proxy.production.svc.cluster.local:4180/auth",
  };

  it("asks after the limit and CORS, about the request that the app would get, and before it reads the body", () => {
    const [rule] = renderForTraefik({ ...app, routes: [route] }).routes;
    const asked = rule?.supportingResources.map(({ objectName }) =>
      objectName.replace("api-api-example-com-", ""),
    );
    assert.deepEqual(asked, [
      ...roles.slice(0, roles.indexOf("max-body")),
      "request-headers",
      "forward-auth",
      "max-body",
    ]);
  });
});

describe("responseHeaderNames", () => {
  it("lists each name that a route sets in responses once", () => {
    const route = (name?: string): ResolvedRoute => ({
      ...everything,
      headers: name === undefined ? undefined : headers(name),
    });
    const routes = [route("X-B"), route(), route("X-A"), route("X-B")];
    assert.deepEqual(responseHeaderNames(routes), ["X-A", "X-B"]);
  });
});
