import * as assert from "node:assert/strict";

import { renderForGateway } from "../../../components/ingress/controllers/gateway/gateway-routes";
import { renderForNginx } from "../../../components/ingress/controllers/nginx/nginx-routes";
import {
  controllerNames,
  unsupportedCanary,
  unsupportedFeatures,
  unsupportedTls,
  type ControllerName,
} from "../../../components/ingress/controllers";
import type { ResolvedRoute } from "../../../components/ingress/route";
import { renderForTraefik } from "../../../components/ingress/controllers/traefik/traefik-routes";
import type { TlsApp } from "../../../components/ingress/ingress-controller";
import type { RoutedApp, RouteManifest } from "../../../components/ingress/route-manifests";
import type { BackendTls } from "../../../components/app/app-ports";
import { definitionFaults } from "./route-definitions";
import { context, plain } from "./route-fixtures";

const sticky = { cookie: "session" };
const timeouts = { requestSeconds: 30 };

const app = (changed: Partial<RoutedApp> = {}, route: Partial<ResolvedRoute> = {}): RoutedApp => ({
  name: "api",
  servicePort: 80,
  routes: [{ ...plain, ...route }],
  ...changed,
});

const canary = (weight: number, meshed: boolean) => ({
  canary: { serviceName: "api-canary", weight },
  meshed,
});

/** The weighted backends of a route of a Gateway: its own or those of a TraefikService. */
function readBackends(rule: RouteManifest | undefined): unknown {
  assert.equal(rule?.kind, "HTTPRoute");
  const spec = rule.spec(context);
  const part = rule.supportingResources.find(({ kind }) => kind === "TraefikService");
  if (part === undefined || !("spec" in part)) return spec.rules[0]?.backendRefs;
  assert.ok("weighted" in part.spec);
  return part.spec.weighted;
}

const stickyTo = (name: string) => ({
  cookie: { name, secure: true, httpOnly: true, sameSite: "lax" },
});

describe("a canary of an app whose requests the mesh does not split", () => {
  for (const weight of [0, 10, 100])
    it(`gets ${weight} % of a Gateway's requests by weight`, () =>
      assert.deepEqual(readBackends(renderForGateway(app(canary(weight, false))).routes[0]), [
        { name: "api", port: 80, weight: 100 - weight },
        { name: "api-canary", port: 80, weight },
      ]));

  it("gets its share through a TraefikService with timeouts", () =>
    assert.deepEqual(readBackends(renderForGateway(app(canary(10, false), { timeouts })).routes[0]), {
      services: [
        { name: "api", port: 80, weight: 90, serversTransport: "api-api-example-com-timeouts" },
        { name: "api-canary", port: 80, weight: 10, serversTransport: "api-api-example-com-timeouts" },
      ],
    }));

  it("keeps a session at its version and at its pod, by a cookie for each, meshed or not", () => {
    for (const meshed of [true, false])
      assert.deepEqual(readBackends(renderForGateway(app(canary(10, meshed), { sticky })).routes[0]), {
        services: [
          { name: "api", port: 80, weight: 90, nativeLB: false, sticky: stickyTo("session") },
          { name: "api-canary", port: 80, weight: 10, nativeLB: false, sticky: stickyTo("session") },
        ],
        sticky: stickyTo("session-version"),
      });
  });

  for (const [weight, route, session] of [
    [0, {}, {}],
    [10, {}, {}],
    [100, {}, {}],
    [
      10,
      { sticky },
      {
        "nginx.ingress.kubernetes.io/affinity": "cookie",
        "nginx.ingress.kubernetes.io/affinity-mode": "persistent",
        "nginx.ingress.kubernetes.io/session-cookie-name": "session",
        "nginx.ingress.kubernetes.io/session-cookie-secure": "true",
        "nginx.ingress.kubernetes.io/session-cookie-samesite": "Lax",
        "nginx.ingress.kubernetes.io/service-upstream": "false",
      },
    ],
  ] as const)
    it(`gets ${weight} % of nginx's requests${"sticky" in route ? ", all or none of a session," : ""} by a second Ingress`, () => {
      const [rule] = renderForNginx(app(canary(weight, false), route)).routes;
      assert.equal(rule?.kind, "Ingress");
      assert.deepEqual(rule.canary, {
        pulumiName: "api-api.example.com-nginx-canary",
        objectName: "api-api-example-com-nginx-canary",
        serviceName: "api-canary",
        annotations: {
          "nginx.ingress.kubernetes.io/canary": "true",
          "nginx.ingress.kubernetes.io/canary-weight": String(weight),
          ...session,
        },
      });
      const [alone] = renderForNginx(app({}, route)).routes;
      assert.ok(alone?.kind === "Ingress" && !("canary" in alone));
      assert.deepEqual(rule.annotations(context), alone.annotations(context));
    });
});

describe("a canary of an app that the mesh splits", () => {
  it("is split once: a Gateway sends all to the app's Service", () => {
    assert.deepEqual(readBackends(renderForGateway(app(canary(10, true))).routes[0]), [
      { name: "api", port: 80 },
    ]);
    assert.deepEqual(readBackends(renderForGateway(app(canary(10, true), { timeouts })).routes[0]), {
      services: [{ name: "api", port: 80, serversTransport: "api-api-example-com-timeouts" }],
    });
  });

  it("is split once: nginx has one Ingress, or two with sticky sessions, which bypass the mesh", () => {
    const count = (route: Partial<ResolvedRoute>) =>
      renderForNginx(app(canary(10, true), route)).routes.filter((rule) => "canary" in rule).length;
    assert.deepEqual([count({}), count({ sticky })], [0, 1]);
  });

  it("changes nothing of Traefik's Ingress objects", () => {
    const [split, alone] = [app(canary(10, true)), app()].map((each) => renderForTraefik(each));
    assert.equal(split?.service, undefined);
    const annotations = [split, alone].map((each) => {
      const rule = each?.routes[0];
      return rule?.kind === "Ingress" ? rule.annotations(context) : assert.fail();
    });
    assert.deepEqual(annotations[0], annotations[1]);
  });

  it("gets no requests of a host that redirects", () => {
    const redirect = { to: "example.org", status: 301, keepPath: false } as const;
    const [rule] = renderForNginx(app(canary(10, false), { redirect })).routes;
    assert.ok(rule?.kind === "Ingress" && !("canary" in rule));
  });
});

describe("an app with protocol grpc", () => {
  const grpc = { protocol: "grpc" } as const;

  it("sets the scheme by an annotation of the Service for Traefik", () => {
    const { service } = renderForTraefik(app(grpc));
    assert.deepEqual(service?.annotations("production"), {
      "traefik.ingress.kubernetes.io/service.serversscheme": "h2c",
    });
    assert.equal(renderForTraefik({ ...app(grpc), routes: [] }).service, undefined);
    assert.equal(renderForTraefik(app({ protocol: "http" })).service, undefined);
  });

  it("sets the protocol by an annotation of each Ingress for nginx", () => {
    const [rule] = renderForNginx(app(grpc)).routes;
    assert.equal(rule?.kind, "Ingress");
    assert.deepEqual(rule.annotations(context), { "nginx.ingress.kubernetes.io/backend-protocol": "GRPC" });
  });

  it("sets the scheme of a TraefikService for a Gateway, which otherwise reads it from the Service's port", () => {
    assert.deepEqual(readBackends(renderForGateway(app(grpc)).routes[0]), [{ name: "api", port: 80 }]);
    assert.deepEqual(readBackends(renderForGateway(app(grpc, { timeouts })).routes[0]), {
      services: [{ name: "api", port: 80, scheme: "h2c", serversTransport: "api-api-example-com-timeouts" }],
    });
  });
});

describe("a route to a further port", () => {
  const ports = { console: 9001, rpc: { port: 50051, protocol: "grpc" } } as const;

  it("leads there by number or name with a Gateway", () => {
    for (const [port, number] of [
      ["console", 9001],
      [9001, 9001],
      ["rpc", 50051],
      ["http", 80],
    ] as const)
      assert.deepEqual(readBackends(renderForGateway(app({ ports }, { port })).routes[0]), [
        { name: "api", port: number },
      ]);
    assert.deepEqual(readBackends(renderForGateway(app({ ports }, { port: "rpc", timeouts })).routes[0]), {
      services: [
        { name: "api", port: 50051, scheme: "h2c", serversTransport: "api-api-example-com-timeouts" },
      ],
    });
  });

  it("has the protocol of that port with Ingress objects", () => {
    const scheme = (port: string) => renderForTraefik(app({ ports }, { port })).service !== undefined;
    assert.deepEqual([scheme("rpc"), scheme("console")], [true, false]);
    const [rule] = renderForNginx(app({ ports }, { port: "rpc" })).routes;
    assert.ok(rule?.kind === "Ingress");
    assert.match(JSON.stringify(rule.annotations(context)), /"GRPC"/);
  });

  it("cannot be gRPC with Traefik and a Service that is managed elsewhere", () => {
    const problem =
      "got 50051 with protocol grpc, but Traefik reads that from an annotation of the Service, which is managed elsewhere; " +
      "want a port with another protocol, or ingress.controller nginx or gateway";
    const found = unsupportedFeatures({ ...plain, port: "rpc" }, "traefik", { existing: true, ports });
    assert.deepEqual(found, [{ field: "port", problem }]);
  });
});

describe("an app with TLS", () => {
  const verified = { serverName: "api.production.svc", caSecret: "api-ca" };
  const transports = (parts: readonly { readonly kind: string; readonly spec?: unknown }[] = []) =>
    parts.filter(({ kind }) => kind === "ServersTransport").map(({ spec }) => spec);

  const specs: [string, BackendTls, object][] = [
    ["a Secret", verified, { serverName: "api.production.svc", rootCAs: [{ secret: "api-ca" }] }],
    [
      "a ConfigMap",
      { serverName: "api.production.svc", caConfigMap: "api-ca" },
      { serverName: "api.production.svc", rootCAs: [{ configMap: "api-ca" }] },
    ],
    ["nothing", { insecureSkipVerify: true }, { insecureSkipVerify: true }],
  ];
  for (const [by, tls, spec] of specs)
    it(`is verified by Traefik by ${by}, with a ServersTransport`, () => {
      for (const protocol of ["http", "grpc"] as const) {
        const { service } = renderForTraefik(app({ tls, protocol }));
        assert.deepEqual(service?.annotations("production"), {
          "traefik.ingress.kubernetes.io/service.serversscheme": "https",
          "traefik.ingress.kubernetes.io/service.serverstransport": "production-api-transport@kubernetescrd",
        });
        assert.deepEqual(transports(service.supportingResources), [spec]);
        const [rule] = renderForGateway(app({ tls, protocol })).routes;
        assert.deepEqual(transports(rule?.supportingResources), [spec]);
        assert.deepEqual(readBackends(rule), {
          services: [
            { name: "api", port: 80, scheme: "https", serversTransport: "api-api-example-com-transport" },
          ],
        });
      }
      assert.deepEqual(definitionFaults("ServersTransport", spec), []);
    });

  it("shares the ServersTransport with the timeouts", () => {
    const forwardingTimeouts = { responseHeaderTimeout: "30s" };
    const wanted = [
      { forwardingTimeouts, serverName: "api.production.svc", rootCAs: [{ secret: "api-ca" }] },
    ];
    const withBoth = app({ tls: verified }, { timeouts });
    assert.deepEqual(transports(renderForTraefik(withBoth).service?.supportingResources), wanted);
    assert.deepEqual(transports(renderForGateway(withBoth).routes[0]?.supportingResources), wanted);
  });

  it("is verified by nginx by a Secret, with annotations of each Ingress", () => {
    const annotations = (changed: Partial<RoutedApp>) => {
      const [rule] = renderForNginx(app(changed)).routes;
      return rule?.kind === "Ingress" ? rule.annotations(context) : assert.fail();
    };
    const prefix = "nginx.ingress.kubernetes.io";
    assert.deepEqual(annotations({ tls: verified }), {
      [`${prefix}/backend-protocol`]: "HTTPS",
      [`${prefix}/proxy-ssl-secret`]: "production/api-ca",
      [`${prefix}/proxy-ssl-verify`]: "on",
      [`${prefix}/proxy-ssl-name`]: "api.production.svc",
      [`${prefix}/proxy-ssl-server-name`]: "on",
      [`${prefix}/proxy-ssl-protocols`]: "TLSv1.2 TLSv1.3",
    });
    const tls = { insecureSkipVerify: true } as const;
    assert.deepEqual(annotations({ tls }), { [`${prefix}/backend-protocol`]: "HTTPS" });
    assert.deepEqual(annotations({ tls, protocol: "grpc" }), { [`${prefix}/backend-protocol`]: "GRPCS" });
  });

  it("is not supported with a Service that Traefik cannot read it from, or that nginx cannot verify", () => {
    const routes = [plain];
    const errors = (given: Omit<TlsApp, "routes">) =>
      controllerNames.map((name) => unsupportedTls({ ...given, routes }, name));
    assert.deepEqual(errors({ tls: verified }), [undefined, undefined, undefined]);
    assert.deepEqual(errors({ tls: verified, existing: true }), [
      "cannot be combined with existing: true, since Traefik reads it from the Service, which is managed elsewhere; want none, or ingress.controller nginx or gateway",
      undefined,
      undefined,
    ]);
    assert.deepEqual(errors({ tls: { serverName: "api", caConfigMap: "api-ca" } }), [
      undefined,
      "has caConfigMap, but ingress-nginx reads a CA from a Secret only; want caSecret, or ingress.controller traefik or gateway",
      undefined,
    ]);
    assert.deepEqual(errors({ tls: verified, protocol: "grpc" }), [
      undefined,
      "cannot be verified with protocol: grpc, since ingress-nginx has annotations for the CA of HTTP only; want protocol: http, or ingress.controller traefik or gateway",
      undefined,
    ]);
    assert.equal(unsupportedTls({ tls: verified, existing: true, routes: [] }, "traefik"), undefined);
  });
});

describe("the unsupported features of an app", () => {
  const others = "or ingress.controller nginx or gateway";
  const onService = (field: string) => ({
    field,
    problem:
      "cannot be combined with existing: true, since Traefik reads it from the Service, which is managed elsewhere; " +
      `want none, ${others}`,
  });

  it("include features that Traefik reads from a Service that is managed elsewhere", () => {
    const route = { ...plain, sticky, timeouts };
    // Of two routes that differ, the errors are the same.
    for (const others of [[], [plain]])
      assert.deepEqual(unsupportedFeatures(route, "traefik", { existing: true, others }), [
        onService("sticky"),
        onService("timeouts"),
      ]);
    for (const controller of ["nginx", "gateway"] as const)
      assert.deepEqual(unsupportedFeatures(route, controller, { existing: true }), []);
    assert.deepEqual(unsupportedFeatures(plain, "traefik", { existing: true }), []);
  });

  it("include sticky sessions with Traefik together with a canary", () => {
    const problem =
      "cannot be combined with canary, since for a session Traefik connects to the pods of one Service and bypasses the mesh, which splits the requests; " +
      `want exactly one of them, ${others}`;
    const route = { ...plain, sticky };
    assert.deepEqual(unsupportedFeatures(route, "traefik", { canary: {} }), [{ field: "sticky", problem }]);
    for (const controller of ["nginx", "gateway"] as const)
      assert.deepEqual(unsupportedFeatures(route, controller, { canary: {} }), []);
    assert.deepEqual(unsupportedFeatures(plain, "traefik", { canary: {} }), []);
  });

  const unsplit =
    "cannot be set on an app without mesh and without route, since nothing could split its requests; want meshed: true, or none";
  const traefik =
    "cannot be set on an app without mesh, since Traefik does not split the requests of an Ingress; only the mesh does; " +
    `want meshed: true, ${others}`;
  const redirect = { to: "example.org", status: 301, keepPath: true } as const;
  const rows: [
    what: string,
    meshed: boolean,
    routes: ResolvedRoute[],
    errorWith: (controller: ControllerName) => string | undefined,
  ][] = [
    ["meshed", true, [], () => undefined],
    ["meshed, with a route", true, [plain], () => undefined],
    ["not meshed, with a route", false, [plain], (name) => (name === "traefik" ? traefik : undefined)],
    ["not meshed, without a route", false, [], () => unsplit],
    ["not meshed, with a redirect", false, [{ ...plain, redirect }], () => unsplit],
  ];
  for (const [what, meshed, routes, errorWith] of rows)
    for (const controller of controllerNames) {
      const error = errorWith(controller);
      it(`${error === undefined ? "do not include" : "include"} a canary of an app that is ${what}, with ${controller}`, () => {
        assert.equal(unsupportedCanary({ canary: {}, meshed, routes }, controller), error);
        assert.equal(unsupportedCanary({ meshed, routes }, controller), undefined);
      });
    }
});

describe("the routes of one app", () => {
  const redirect = { to: "example.org", status: 301, keepPath: true } as const;
  const errorOf = (field: string) => [
    {
      field,
      problem:
        "differs from that of b.example.com, but Traefik reads it from the Service that both share; " +
        "want the same on every route of the app, or ingress.controller nginx or gateway",
    },
  ];
  const check = (
    controller: ControllerName,
    its: Partial<ResolvedRoute>,
    others: Partial<ResolvedRoute> = {},
  ) =>
    unsupportedFeatures({ ...plain, ...its }, controller, {
      others: [{ ...plain, host: "b.example.com", ...others }],
    });

  const table: [
    what: string,
    its: Partial<ResolvedRoute>,
    others: Partial<ResolvedRoute>,
    errors: unknown,
  ][] = [
    ["agree if both have the same values", { sticky, timeouts }, { sticky, timeouts }, []],
    ["agree if neither has a value", {}, {}, []],
    ["differ if only one is sticky", { sticky }, {}, errorOf("sticky")],
    ["differ if they have different cookies", { sticky }, { sticky: { cookie: "x" } }, errorOf("sticky")],
    [
      "differ if they have different timeouts",
      { timeouts },
      { timeouts: { requestSeconds: 31 } },
      errorOf("timeouts"),
    ],
    ["have the error only at the route with a value", {}, { sticky, timeouts }, []],
    ["may differ from one that redirects", { sticky }, { redirect }, []],
  ];
  for (const [what, its, others, errors] of table)
    it(`${what}, with Traefik`, () => assert.deepEqual(check("traefik", its, others), errors));

  for (const controller of ["nginx", "gateway"] as const)
    it(`may differ with ${controller}, which configures each route`, () =>
      assert.deepEqual(check(controller, { sticky, timeouts }), []));
});
