import * as assert from "node:assert/strict";

import type { ControllerName } from "../../../components/ingress/controllers";
import { renderForGateway } from "../../../components/ingress/controllers/gateway/gateway-routes";
import { renderForNginx } from "../../../components/ingress/controllers/nginx/nginx-routes";
import { unsupportedFeatures } from "../../../components/ingress/controllers";
import type { ResolvedRoute } from "../../../components/ingress/route";
import { renderForTraefik } from "../../../components/ingress/controllers/traefik/traefik-routes";
import type { SupportingResource, RouteManifest } from "../../../components/ingress/route-manifests";
import { definitionFaults } from "./route-definitions";
import { isUnsupported, rows, type Rendered, type Unsupported } from "./route-fixtures";

const plain: ResolvedRoute = {
  host: "api.example.com",
  paths: [{ path: "/", pathType: "Prefix" }],
  proxied: true,
  dns: "pulumi",
};
const context = { namespace: "production", originLock: {} };
const renderers = {
  traefik: renderForTraefik,
  nginx: renderForNginx,
  gateway: renderForGateway,
} as const;

const renderApp = (controller: ControllerName, route: ResolvedRoute) =>
  renderers[controller]({ name: "api", servicePort: 8080, routes: [route] });

const toEntry = (part: SupportingResource): [string, unknown] => [
  `${part.kind} ${part.objectName.replace(/^api-(api-example-com-)?/, "")}`,
  "data" in part ? part.data : part.spec,
];

const withoutPrefix = (annotations: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => [
      key.replace(/^.*ingress\.kubernetes\.io\//, ""),
      value,
    ]),
  );

function readRule(rule: RouteManifest): Readonly<Record<string, unknown>> {
  if (rule.kind === "Ingress") {
    const { "router.entrypoints": entryPoint, ...rest } = withoutPrefix(rule.annotations(context));
    assert.ok(entryPoint === undefined || entryPoint === "websecure");
    return rest;
  }
  const [only] = rule.spec(context).rules;
  return { ...(only?.filters && { filters: only.filters }), backendRefs: only?.backendRefs };
}

function render(controller: ControllerName, route: ResolvedRoute): Rendered | Unsupported {
  const errors = unsupportedFeatures(route, controller).map(({ field, problem }) => `${field}: ${problem}`);
  if (errors.length > 0) return errors;
  const { service, routes: rules } = renderApp(controller, route);
  const [rule] = rules;
  assert.ok(rule);
  const all = [...(service?.supportingResources ?? []), ...rule.supportingResources];
  return {
    parts: Object.fromEntries(all.map(toEntry)),
    rule: readRule(rule),
    service: service ? withoutPrefix(service.annotations("production")) : {},
  };
}

describe("each feature of a route", () => {
  for (const [feature, changed, by] of rows)
    for (const controller of ["traefik", "nginx", "gateway"] as const) {
      const expected = by[controller];
      const route = { ...plain, ...changed };
      it(`${controller} ${isUnsupported(expected) ? "does not support" : "renders"}: ${feature}`, () => {
        const wanted = isUnsupported(expected) ? expected : { parts: {}, rule: {}, service: {}, ...expected };
        assert.deepEqual(render(controller, route), wanted);
        if (isUnsupported(expected)) return;
        const { service, routes: rules } = renderApp(controller, route);
        for (const part of [
          ...(service?.supportingResources ?? []),
          ...rules.flatMap(({ supportingResources }) => supportingResources),
        ])
          if ("spec" in part) assert.deepEqual(definitionFaults(part.kind, part.spec), []);
        for (const rule of rules)
          if (rule.kind === "HTTPRoute")
            assert.deepEqual(definitionFaults("HTTPRoute", rule.spec(context)), []);
      });
    }

  it("is in the table", () => {
    const tested = new Set(rows.flatMap(([, route]) => Object.keys(route)));
    const fields: Record<Exclude<keyof Required<ResolvedRoute>, "host" | "dns">, true> = {
      paths: true,
      proxied: true,
      rateLimit: true,
      cors: true,
      basicAuth: true,
      redirect: true,
      headers: true,
      maxBodySize: true,
      timeouts: true,
      allowFrom: true,
      sticky: true,
      certificate: true,
    };
    assert.deepEqual([...tested].sort(), Object.keys(fields).sort());
  });
});
