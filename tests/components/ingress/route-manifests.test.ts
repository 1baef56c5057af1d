import * as assert from "node:assert/strict";

import type { ControllerName } from "../../../components/ingress/controllers";
import { renderForGateway } from "../../../components/ingress/controllers/gateway/gateway-routes";
import { renderForNginx } from "../../../components/ingress/controllers/nginx/nginx-routes";
import { unsupportedFeatures } from "../../../components/ingress/controllers";
import type { ResolvedRoute } from "../../../components/ingress/route";
import { renderForTraefik } from "../../../components/ingress/controllers/traefik/traefik-routes";
import type { SupportingResource, RouteManifest } from "../../../components/ingress/route-manifests";
import { definitionFaults } from "./route-definitions";
import { isRefused, rows, type Refused, type Said } from "./route-fixtures";

const plain: ResolvedRoute = {
  host: "api.example.com",
  paths: [{ path: "/", pathType: "Prefix" }],
  proxied: true,
  dns: "pulumi",
};
const context = { namespace: "production", originLock: {} };
const translations = {
  traefik: renderForTraefik,
  nginx: renderForNginx,
  gateway: renderForGateway,
} as const;

const translated = (controller: ControllerName, route: ResolvedRoute) =>
  translations[controller]({ name: "api", servicePort: 8080, routes: [route] });

const partOf = (part: SupportingResource): [string, unknown] => [
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

function ruleSays(rule: RouteManifest): Readonly<Record<string, unknown>> {
  if (rule.kind === "Ingress") {
    const { "router.entrypoints": entryPoint, ...rest } = withoutPrefix(rule.annotations(context));
    assert.ok(entryPoint === undefined || entryPoint === "websecure");
    return rest;
  }
  const [only] = rule.spec(context).rules;
  return { ...(only?.filters && { filters: only.filters }), backendRefs: only?.backendRefs };
}

function says(controller: ControllerName, route: ResolvedRoute): Said | Refused {
  const refused = unsupportedFeatures(route, controller).map(({ field, problem }) => `${field}: ${problem}`);
  if (refused.length > 0) return refused;
  const { service, routes: rules } = translated(controller, route);
  const [rule] = rules;
  assert.ok(rule);
  const all = [...(service?.supportingResources ?? []), ...rule.supportingResources];
  return {
    parts: Object.fromEntries(all.map(partOf)),
    rule: ruleSays(rule),
    service: service ? withoutPrefix(service.annotations("production")) : {},
  };
}

describe("each word of a route", () => {
  for (const [word, changed, by] of rows)
    for (const controller of ["traefik", "nginx", "gateway"] as const) {
      const expected = by[controller];
      const route = { ...plain, ...changed };
      it(`${controller} ${isRefused(expected) ? "refuses" : "does"}: ${word}`, () => {
        const wanted = isRefused(expected) ? expected : { parts: {}, rule: {}, service: {}, ...expected };
        assert.deepEqual(says(controller, route), wanted);
        if (isRefused(expected)) return;
        const { service: told, routes: rules } = translated(controller, route);
        for (const part of [
          ...(told?.supportingResources ?? []),
          ...rules.flatMap(({ supportingResources }) => supportingResources),
        ])
          if ("spec" in part) assert.deepEqual(definitionFaults(part.kind, part.spec), []);
        for (const rule of rules)
          if (rule.kind === "HTTPRoute")
            assert.deepEqual(definitionFaults("HTTPRoute", rule.spec(context)), []);
      });
    }

  it("is in the table", () => {
    const shown = new Set(rows.flatMap(([, route]) => Object.keys(route)));
    const words: Record<Exclude<keyof Required<ResolvedRoute>, "host" | "dns">, true> = {
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
    assert.deepEqual([...shown].sort(), Object.keys(words).sort());
  });
});
