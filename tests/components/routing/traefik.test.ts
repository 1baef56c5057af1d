import * as assert from "node:assert/strict";

import type { Route } from "../../../components/routing/route";
import { traefikAnnotations, traefikMiddlewares } from "../../../components/routing/traefik";

const context = { proxied: true, authSecretName: "api-auth" };
const plain: Route = { host: "api.example.com", paths: [{ path: "/", pathType: "Prefix" }] };
const rateLimit = { requests: 100, period: "1m", burst: 50 };
const cors = {
  origins: ["https://example.com"],
  methods: ["GET", "POST"],
  headers: ["Authorization"],
  maxAgeSeconds: 600,
};
const basicAuth = { users: ["admin"] };

describe("traefikMiddlewares", () => {
  const table: [
    says: string,
    route: Partial<Route>,
    changed: Partial<typeof context>,
    middlewares: unknown,
  ][] = [
    ["makes none for a route that asks for nothing", {}, {}, []],
    [
      "counts a proxied host's clients by the last entry of X-Forwarded-For",
      { rateLimit },
      { proxied: true },
      [
        {
          role: "rate-limit",
          spec: {
            rateLimit: {
              average: 100,
              period: "1m",
              burst: 50,
              sourceCriterion: { ipStrategy: { depth: 1 } },
            },
          },
        },
      ],
    ],
    [
      "counts other clients by the address of their connection",
      { rateLimit },
      { proxied: false },
      [{ role: "rate-limit", spec: { rateLimit: { average: 100, period: "1m", burst: 50 } } }],
    ],
    [
      "lets the origins' pages read, and tells caches so",
      { cors },
      {},
      [
        {
          role: "cors",
          spec: {
            headers: {
              accessControlAllowOriginList: ["https://example.com"],
              accessControlAllowMethods: ["GET", "POST"],
              accessControlAllowHeaders: ["Authorization"],
              accessControlMaxAge: 600,
              addVaryHeader: true,
            },
          },
        },
      ],
    ],
    [
      "asks for a password, and keeps it from the app",
      { basicAuth },
      { authSecretName: "other" },
      [{ role: "basic-auth", spec: { basicAuth: { secret: "other", removeHeader: true } } }],
    ],
  ];
  for (const [says, route, changed, middlewares] of table)
    it(says, () =>
      assert.deepEqual(traefikMiddlewares({ ...plain, ...route }, { ...context, ...changed }), middlewares),
    );

  it("limits before it answers preflights, and answers those before it asks for a password", () => {
    const roles = traefikMiddlewares({ ...plain, basicAuth, cors, rateLimit }, context).map(
      ({ role }) => role,
    );
    assert.deepEqual(roles, ["rate-limit", "cors", "basic-auth"]);
  });
});

describe("traefikAnnotations", () => {
  it("puts a router on TLS alone", () =>
    assert.deepEqual(traefikAnnotations("production", []), {
      "traefik.ingress.kubernetes.io/router.entrypoints": "websecure",
    }));

  it("names Middlewares with their namespace, in their order", () =>
    assert.deepEqual(traefikAnnotations("production", ["b", "a"]), {
      "traefik.ingress.kubernetes.io/router.entrypoints": "websecure",
      "traefik.ingress.kubernetes.io/router.middlewares":
        "production-b@kubernetescrd,production-a@kubernetescrd",
    }));

  const tlsOptions = "traefik-origin-lock@kubernetescrd";
  const own = "production-a@kubernetescrd";
  const locks: [says: string, names: string[], lock: object, annotations: object][] = [
    ["asks for a client certificate", [], { tlsOptions }, { "tls.options": tlsOptions }],
    [
      "refuses addresses before anything else is looked at",
      ["a"],
      { middleware: "traefik-origin-lock@kubernetescrd" },
      { middlewares: `traefik-origin-lock@kubernetescrd,${own}` },
    ],
    [
      "does both, without a Middleware of its own",
      [],
      { tlsOptions, middleware: "traefik-origin-lock@kubernetescrd" },
      { "tls.options": tlsOptions, middlewares: "traefik-origin-lock@kubernetescrd" },
    ],
    ["does neither, where nothing is locked", ["a"], {}, { middlewares: own }],
  ];
  for (const [says, names, lock, annotations] of locks)
    it(says, () => {
      const keyed = Object.entries({ entrypoints: "websecure", ...annotations }).map(([key, each]) => [
        `traefik.ingress.kubernetes.io/router.${key}`,
        each,
      ]);
      assert.deepEqual(traefikAnnotations("production", names, lock), Object.fromEntries(keyed));
    });
});
