import * as assert from "node:assert/strict";

import fc from "fast-check";

import {
  controllerNames,
  findController,
  unsupportedFeatures,
} from "../../../components/ingress/controllers";
import type { Route } from "../../../components/ingress/route";
import { route as shape } from "../../../settings/apps/routes";
import { definitionFaults } from "./route-definitions";

const header = fc.constantFrom("X-A", "X-Frame-Options", "Server", "Authorization");
const changes = fc.record(
  {
    set: fc.dictionary(header, fc.constantFrom("DENY", "a b", '"$x"'), { maxKeys: 2 }),
    remove: fc.uniqueArray(fc.constantFrom("X-Powered-By", "Via"), { maxLength: 2 }),
  },
  { requiredKeys: [] },
);

/** Any route that is valid in the settings. */
const routes = fc
  .record(
    {
      paths: fc.uniqueArray(
        fc.record({
          path: fc.constantFrom("/", "/v1", "/a.b", "/v1:batch", "/a%20b", "/~me", "/über"),
          pathType: fc.constantFrom("Prefix", "Exact"),
          rewrite: fc.constantFrom(undefined, "/", "/v2"),
        }),
        { minLength: 1, maxLength: 4, selector: ({ path }) => path },
      ),
      rateLimit: fc.record(
        {
          requests: fc.integer({ min: 1, max: 1000 }),
          period: fc.constantFrom("1s", "1m", "90s", "1h", "250ms"),
          burst: fc.integer({ min: 1, max: 200 }),
        },
        { requiredKeys: ["requests", "period"] },
      ),
      cors: fc.record(
        {
          origins: fc.constantFrom(
            ["https://example.com", "http://localhost:3000"],
            ["https://*.example.com"],
          ),
          methods: fc.constantFrom([], ["GET"]),
          headers: fc.constantFrom([], ["Accept"]),
          credentials: fc.boolean(),
          exposeHeaders: fc.constant(["X-Total"]),
        },
        { requiredKeys: ["origins"] },
      ),
      basicAuth: fc.constantFrom({ users: ["ann"] }, { secret: "our-basic-auth" }),
      forwardAuth: fc.record(
        {
          app: fc.constant("oauth2-proxy"),
          path: fc.constantFrom("/oauth2/auth", "/a%20b"),
          responseHeaders: fc.constantFrom([], ["X-Auth-Request-User"]),
          signIn: fc.constantFrom("/oauth2/start", "https://auth.example.com/start?a=b"),
        },
        { requiredKeys: ["app", "path"] },
      ),
      redirect: fc.record(
        {
          to: fc.constantFrom("example.org", "http://example.org:81/a?b=$c", "https://example.org/%C3%BC"),
          status: fc.constantFrom(301, 302, 307, 308),
          keepPath: fc.boolean(),
        },
        { requiredKeys: ["to"] },
      ),
      headers: fc.record({ request: changes, response: changes }),
      compress: fc.constant(true),
      maxBodySize: fc.constantFrom("1Ki", "10Mi", "2Gi"),
      timeouts: fc.constantFrom({ requestSeconds: 30 }, { connectSeconds: 5 }),
      allowFrom: fc.constant(["203.0.113.0/24", "2001:db8::/32"]),
      sticky: fc.constant({ cookie: "session" }),
      certificate: fc.constantFrom("wildcard", "own"),
    } satisfies Record<Exclude<keyof Route, "host" | "port">, fc.Arbitrary<unknown>>,
    { requiredKeys: [] },
  )
  .map((input) => shape.safeParse({ host: "api.example.com", ...input }))
  .filter(({ success }) => success)
  .map(({ data }) => data as NonNullable<typeof data>);

/** What the objects of a route with a field contain. Undefined: the manifest has the field itself, or it is below. */
const patterns: Readonly<Record<keyof Route, RegExp | undefined>> = {
  host: undefined,
  port: undefined,
  paths: undefined,
  certificate: undefined,
  headers: undefined,
  rateLimit: /rateLimit|limit-rp/,
  cors: /accessControl|enable-cors/,
  basicAuth: /-basic-auth/,
  forwardAuth: /oauth2-proxy\.production/,
  redirect: /[rR]edirect/,
  compress: /"compress":/,
  maxBodySize: /maxRequestBodyBytes|proxy-body-size/,
  timeouts: /30|"5s?"/,
  allowFrom: /203\.0\.113\.0\/24.*2001:db8::\/32/,
  sticky: /session/,
};
const fields = Object.keys(patterns) as (keyof Route)[];

describe("any route that is valid in the settings", () => {
  for (const controller of controllerNames)
    it(`is not supported by ${controller}, or is rendered as objects that are valid by their CRDs`, () => {
      fc.assert(
        fc.property(routes, fc.boolean(), (input, proxied) => {
          const authUrl = input.forwardAuth && `http://oauth2-proxy.production:4180${input.forwardAuth.path}`;
          const route = { ...input, proxied, authUrl };
          if (unsupportedFeatures(route, controller).length > 0) return;
          const app = { name: "api", servicePort: 80, routes: [route] };
          const { service, routes: rules } = findController(controller).routes.render(app);
          const context = { namespace: "production", originLock: {} };
          const parts = [
            ...(service?.supportingResources ?? []),
            ...rules.flatMap((rule) => rule.supportingResources),
          ];
          for (const part of parts)
            if ("spec" in part) assert.deepEqual(definitionFaults(part.kind, part.spec), []);
          for (const rule of rules) {
            if (rule.kind === "HTTPRoute")
              assert.deepEqual(definitionFaults("HTTPRoute", rule.spec(context)), []);
            else for (const each of Object.values(rule.annotations(context))) assert.match(each, /^[^\n]+$/);
          }
          // Each feature of the route appears in the objects: none is dropped.
          const rendered = JSON.stringify([
            parts,
            ...rules.map((rule) =>
              rule.kind === "HTTPRoute" ? rule.spec(context) : rule.annotations(context),
            ),
            service?.annotations("production"),
          ]);
          for (const field of fields) {
            const isIgnored = route.redirect !== undefined && ["timeouts", "sticky"].includes(field);
            const pattern = patterns[field];
            if (route[field] !== undefined && pattern && !isIgnored) assert.match(rendered, pattern, field);
          }
          for (const name of [route.headers?.request, route.headers?.response].flatMap((each) => [
            ...Object.keys(each?.set ?? {}),
            ...(each?.remove ?? []),
          ]))
            assert.ok(rendered.includes(name), name);
        }),
        { numRuns: 500 },
      );
    });
});
