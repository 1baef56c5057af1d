import * as assert from "node:assert/strict";

import {
  controllerNames,
  findController,
  unsupportedFeatures,
  type ControllerName,
} from "../../../components/ingress/controllers";
import type { ResolvedRoute } from "../../../components/ingress/route";
import type { SupportingResource, RouteManifest } from "../../../components/ingress/route-manifests";
import {
  context,
  isUnsupported,
  plain,
  rows,
  type Rendered,
  type Row,
  type Unsupported,
} from "./route-fixtures";

const renderApp = (controller: ControllerName, route: ResolvedRoute) =>
  findController(controller).routes.render({ name: "api", servicePort: 8080, routes: [route] });

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

function readAnnotations(annotations: Readonly<Record<string, string>>) {
  const { "router.entrypoints": entryPoint, ...rest } = withoutPrefix(annotations);
  assert.ok(entryPoint === undefined || entryPoint === "websecure");
  return rest;
}

function readRules(route: RouteManifest): Pick<Rendered, "rule" | "pathIngresses" | "rules"> {
  if (route.kind === "Ingress") {
    const single = (route.pathIngresses ?? []).map(
      ({ path, annotations }) => [path.path, readAnnotations(annotations(context))] as const,
    );
    return { rule: readAnnotations(route.annotations(context)), pathIngresses: Object.fromEntries(single) };
  }
  const [first, ...others] = route.spec(context).rules;
  return {
    rule: { ...(first?.filters && { filters: first.filters }), backendRefs: first?.backendRefs },
    rules: Object.fromEntries(
      others.map(({ matches: [match], filters }) => [match?.path.value ?? "", filters] as const),
    ),
  };
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
    ...readRules(rule),
    service: service ? withoutPrefix(service.annotations("production")) : {},
  };
}

/** Adds the controllers that support the field of an error, by the results of all. */
function withRemedy(error: string, by: Row): string {
  const [field = ""] = error.split(": ");
  const others = controllerNames.filter((name) => {
    const result = by[name];
    return result && !(isUnsupported(result) && result.some((each) => each.startsWith(`${field}: `)));
  });
  return `${error}, or ingress.controller ${others.join(" or ")}`;
}

describe("each feature of a route", () => {
  for (const row of rows)
    for (const controller of controllerNames) {
      const { feature, route: changed } = row;
      const expected = row[controller];
      const route = { ...plain, ...changed };
      if (expected === undefined) {
        it(`${controller} does not support any of: ${feature}`, () => {
          const fields = unsupportedFeatures(route, controller).map(({ field }) => field);
          assert.ok(
            fields.some((field) => field in changed),
            `the row has no result of ${controller}`,
          );
        });
        continue;
      }
      it(`${controller} ${isUnsupported(expected) ? "does not support" : "renders"}: ${feature}`, () => {
        const wanted = isUnsupported(expected)
          ? expected.map((error) => withRemedy(error, row))
          : {
              parts: {},
              rule: {},
              service: {},
              ...(controller === "gateway" ? { rules: {} } : { pathIngresses: {} }),
              ...expected,
            };
        assert.deepEqual(render(controller, route), wanted);
      });
    }

  it("is in the table", () => {
    const tested = new Set(rows.flatMap(({ route }) => Object.keys(route)));
    const fields: Record<Exclude<keyof Required<ResolvedRoute>, "port" | "dns">, true> = {
      host: true,
      paths: true,
      proxied: true,
      rateLimit: true,
      cors: true,
      basicAuth: true,
      forwardAuth: true,
      authUrl: true,
      redirect: true,
      headers: true,
      maxBodySize: true,
      compress: true,
      timeouts: true,
      allowFrom: true,
      sticky: true,
      certificate: true,
    };
    assert.deepEqual([...tested].sort(), Object.keys(fields).sort());
  });
});
