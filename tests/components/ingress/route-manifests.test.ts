import * as assert from "node:assert/strict";

import type { Controller } from "../../../components/ingress/controllers";
import { gatewayTranslation } from "../../../components/ingress/controllers/gateway/gateway-routes";
import { nginxTranslation } from "../../../components/ingress/controllers/nginx/nginx-routes";
import { refusals } from "../../../components/ingress/refusals";
import type { PlacedRoute } from "../../../components/ingress/route";
import { traefikTranslation } from "../../../components/ingress/controllers/traefik/traefik-routes";
import type { Part, Rule } from "../../../components/ingress/translation";
import { definitionFaults } from "./route-definitions";
import { isRefused, rows, type Refused, type Said } from "./route-fixtures";

const plain: PlacedRoute = {
  host: "api.example.com",
  paths: [{ path: "/", pathType: "Prefix" }],
  proxied: true,
  dns: "pulumi",
};
const around = { namespace: "production", edgeOnly: {} };
const translations = {
  traefik: traefikTranslation,
  nginx: nginxTranslation,
  gateway: gatewayTranslation,
} as const;

const translated = (controller: Controller, route: PlacedRoute) =>
  translations[controller]({ name: "api", servicePort: 8080, routes: [route] });

const partOf = (part: Part): [string, unknown] => [
  `${part.kind} ${part.name.replace(/^api-(api-example-com-)?/, "")}`,
  part.kind === "ConfigMap" ? part.data : part.spec,
];

const withoutPrefix = (annotations: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => [
      key.replace(/^.*ingress\.kubernetes\.io\//, ""),
      value,
    ]),
  );

function ruleSays(rule: Rule): Readonly<Record<string, unknown>> {
  if (rule.kind === "Ingress") {
    const { "router.entrypoints": entryPoint, ...rest } = withoutPrefix(rule.annotations(around));
    assert.ok(entryPoint === undefined || entryPoint === "websecure");
    return rest;
  }
  const [only] = rule.spec(around).rules;
  return { ...(only?.filters && { filters: only.filters }), backendRefs: only?.backendRefs };
}

function says(controller: Controller, route: PlacedRoute): Said | Refused {
  const refused = refusals(route, controller).map(({ word, problem }) => `${word}: ${problem}`);
  if (refused.length > 0) return refused;
  const { service, rules } = translated(controller, route);
  const [rule] = rules;
  assert.ok(rule);
  const all = [...(service?.parts ?? []), ...rule.parts];
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
        const { service: told, rules } = translated(controller, route);
        for (const part of [...(told?.parts ?? []), ...rules.flatMap(({ parts }) => parts)])
          if (part.kind !== "ConfigMap") assert.deepEqual(definitionFaults(part.kind, part.spec), []);
        for (const rule of rules)
          if (rule.kind === "HTTPRoute")
            assert.deepEqual(definitionFaults("HTTPRoute", rule.spec(around)), []);
      });
    }

  it("is in the table", () => {
    const shown = new Set(rows.flatMap(([, route]) => Object.keys(route)));
    const words: Record<Exclude<keyof Required<PlacedRoute>, "host" | "dns">, true> = {
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
