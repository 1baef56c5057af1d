import * as assert from "node:assert/strict";

import type { ControllerName } from "../../../components/ingress/controllers";
import { renderForGateway } from "../../../components/ingress/controllers/gateway/gateway-routes";
import { renderForNginx } from "../../../components/ingress/controllers/nginx/nginx-routes";
import { unsupportedCanary, unsupportedFeatures } from "../../../components/ingress/controllers";
import type { ResolvedRoute } from "../../../components/ingress/route";
import { renderForTraefik } from "../../../components/ingress/controllers/traefik/traefik-routes";
import type { RoutedApp, RouteManifest } from "../../../components/ingress/route-manifests";
import { definitionFaults } from "./route-definitions";

const plain: ResolvedRoute = {
  host: "api.example.com",
  paths: [{ path: "/", pathType: "Prefix" }],
  proxied: true,
  dns: "pulumi",
};
const context = { namespace: "production", originLock: {} };
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

/** To which Services a Gateway sends what a route takes, in its own words or in those of a TraefikService. */
function sharesOf(rule: RouteManifest | undefined): unknown {
  assert.equal(rule?.kind, "HTTPRoute");
  const spec = rule.spec(context);
  assert.deepEqual(definitionFaults("HTTPRoute", spec), []);
  const part = rule.supportingResources.find(({ kind }) => kind === "TraefikService");
  if (part === undefined || !("spec" in part)) return spec.rules[0]?.backendRefs;
  assert.deepEqual(definitionFaults("TraefikService", part.spec), []);
  assert.ok("weighted" in part.spec);
  return part.spec.weighted;
}

const stickyTo = (name: string) => ({
  cookie: { name, secure: true, httpOnly: true, sameSite: "lax" },
});

describe("a canary of an app, where the mesh does not split", () => {
  for (const weight of [0, 10, 100])
    it(`has ${weight} % of a Gateway's requests by weight`, () =>
      assert.deepEqual(sharesOf(renderForGateway(app(canary(weight, false))).routes[0]), [
        { name: "api", port: 80, weight: 100 - weight },
        { name: "api-canary", port: 80, weight },
      ]));

  it("has its share where Traefik must know more about the way there", () =>
    assert.deepEqual(sharesOf(renderForGateway(app(canary(10, false), { timeouts })).routes[0]), {
      services: [
        { name: "api", port: 80, weight: 90, serversTransport: "api-api-example-com-timeouts" },
        { name: "api-canary", port: 80, weight: 10, serversTransport: "api-api-example-com-timeouts" },
      ],
    }));

  it("keeps a session at its version and at its pod, each by a cookie, meshed or not", () => {
    for (const meshed of [true, false])
      assert.deepEqual(sharesOf(renderForGateway(app(canary(10, meshed), { sticky })).routes[0]), {
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
    it(`has ${weight} % of nginx's requests${"sticky" in route ? ", of a session all or none," : ""} by an Ingress beside the app's`, () => {
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
    assert.deepEqual(sharesOf(renderForGateway(app(canary(10, true))).routes[0]), [
      { name: "api", port: 80 },
    ]);
    assert.deepEqual(sharesOf(renderForGateway(app(canary(10, true), { timeouts })).routes[0]), {
      services: [{ name: "api", port: 80, serversTransport: "api-api-example-com-timeouts" }],
    });
  });

  it("is split once: nginx has one Ingress, and where a session goes past the mesh, two", () => {
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

  it("has no part in a host that leads elsewhere", () => {
    const redirect = { to: "example.org", status: 301, keepPath: false } as const;
    const [rule] = renderForNginx(app(canary(10, false), { redirect })).routes;
    assert.ok(rule?.kind === "Ingress" && !("canary" in rule));
  });
});

describe("an app that speaks gRPC", () => {
  const grpc = { protocol: "grpc" } as const;

  it("is asked so by Traefik, which reads it off the Service", () => {
    const { service } = renderForTraefik(app(grpc));
    assert.deepEqual(service?.annotations("production"), {
      "traefik.ingress.kubernetes.io/service.serversscheme": "h2c",
    });
    assert.equal(renderForTraefik({ ...app(grpc), routes: [] }).service, undefined);
    assert.equal(renderForTraefik(app({ protocol: "http" })).service, undefined);
  });

  it("is asked so by nginx, host by host", () => {
    const [rule] = renderForNginx(app(grpc)).routes;
    assert.equal(rule?.kind, "Ingress");
    assert.deepEqual(rule.annotations(context), { "nginx.ingress.kubernetes.io/backend-protocol": "GRPC" });
  });

  it("is asked so by a Gateway, which reads it off the Service's port but where it goes another way", () => {
    assert.deepEqual(sharesOf(renderForGateway(app(grpc)).routes[0]), [{ name: "api", port: 80 }]);
    assert.deepEqual(sharesOf(renderForGateway(app(grpc, { timeouts })).routes[0]), {
      services: [{ name: "api", port: 80, scheme: "h2c", serversTransport: "api-api-example-com-timeouts" }],
    });
  });
});

describe("a Service of another name than the app's", () => {
  it("is what a Gateway leads to, while all that is made is called after the app", () => {
    const [rule] = renderForGateway(app({ serviceName: "web" }, { timeouts })).routes;
    assert.deepEqual(sharesOf(rule), {
      services: [{ name: "web", port: 80, serversTransport: "api-api-example-com-timeouts" }],
    });
    assert.equal(rule?.objectName, "api-api-example-com");
    assert.deepEqual(sharesOf(renderForGateway(app({ serviceName: "web" })).routes[0]), [
      { name: "web", port: 80 },
    ]);
  });
});

describe("what a controller cannot do for an app", () => {
  const others = "or ingress.controller nginx or gateway";
  const onService = (field: string) => ({
    field,
    problem:
      "cannot be combined with existing: true, since Traefik reads it from the Service, which is managed elsewhere; " +
      `want none, ${others}`,
  });

  it("is to say on the Service of another what Traefik reads there", () => {
    const route = { ...plain, sticky, timeouts };
    assert.deepEqual(unsupportedFeatures(route, "traefik", { existing: true }), [
      onService("sticky"),
      onService("timeouts"),
    ]);
    // Of two routes that differ, it is enough to say it once.
    assert.deepEqual(unsupportedFeatures(route, "traefik", { existing: true, others: [plain] }), [
      onService("sticky"),
      onService("timeouts"),
    ]);
    for (const controller of ["nginx", "gateway"] as const)
      assert.deepEqual(unsupportedFeatures(route, controller, { existing: true }), []);
    assert.deepEqual(unsupportedFeatures(plain, "traefik", { existing: true }), []);
  });

  it("is to keep a session with Traefik where the mesh is to split", () => {
    const problem =
      "cannot be combined with canary, since for a session Traefik connects to the pods of one Service and bypasses the mesh, which splits the requests; " +
      `want exactly one of them, ${others}`;
    const route = { ...plain, sticky };
    assert.deepEqual(unsupportedFeatures(route, "traefik", { canary: {} }), [{ field: "sticky", problem }]);
    for (const controller of ["nginx", "gateway"] as const)
      assert.deepEqual(unsupportedFeatures(route, controller, { canary: {} }), []);
    assert.deepEqual(unsupportedFeatures(plain, "traefik", { canary: {} }), []);
  });

  const nobody =
    "cannot be set on an app without mesh and without route, since nothing could split its requests; want meshed: true, or none";
  const traefik =
    "cannot be set on an app without mesh, since Traefik does not split the requests of an Ingress; only the mesh does; " +
    `want meshed: true, ${others}`;
  const redirect = { to: "example.org", status: 301, keepPath: true } as const;
  const rows: [
    says: string,
    meshed: boolean,
    routes: ResolvedRoute[],
    by: Record<ControllerName, string | undefined>,
  ][] = [
    ["meshed", true, [], { traefik: undefined, nginx: undefined, gateway: undefined }],
    ["meshed, with a route", true, [plain], { traefik: undefined, nginx: undefined, gateway: undefined }],
    ["not meshed, with a route", false, [plain], { traefik, nginx: undefined, gateway: undefined }],
    ["not meshed, without a route", false, [], { traefik: nobody, nginx: nobody, gateway: nobody }],
    [
      "not meshed, with a route elsewhere",
      false,
      [{ ...plain, redirect }],
      { traefik: nobody, nginx: nobody, gateway: nobody },
    ],
  ];
  for (const [says, meshed, routes, by] of rows)
    for (const [controller, refused] of Object.entries(by))
      it(`${refused === undefined ? "is not" : "is"} a canary of an app that is ${says}, with ${controller}`, () => {
        assert.equal(
          unsupportedCanary({ canary: {}, meshed, routes }, controller as ControllerName),
          refused,
        );
        assert.equal(unsupportedCanary({ meshed, routes }, controller as ControllerName), undefined);
      });
});
