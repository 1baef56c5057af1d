import * as assert from "node:assert/strict";

import { unsupportedFeatures } from "../../../components/ingress/controllers";
import type { Route } from "../../../components/ingress/route";

const route = (host: string, more: Partial<Route> = {}): Route => ({
  host,
  paths: [{ path: "/", pathType: "Prefix" }],
  ...more,
});

describe("the routes of one app", () => {
  const sticky = { cookie: "session" };
  const timeouts = { requestSeconds: 30 };
  const redirect = { to: "example.org", status: 301, keepPath: true } as const;
  const differs = (field: string) => [
    {
      field,
      problem:
        "differs from that of b.example.com, but Traefik reads it from the Service that both share; " +
        "want the same on every route of the app, or ingress.controller nginx or gateway",
    },
  ];

  const table: [what: string, its: Partial<Route>, others: Partial<Route>, errors: unknown][] = [
    ["agree if both have the same values", { sticky, timeouts }, { sticky, timeouts }, []],
    ["agree if neither has a value", {}, {}, []],
    ["differ if only one is sticky", { sticky }, {}, differs("sticky")],
    ["differ if they have different cookies", { sticky }, { sticky: { cookie: "x" } }, differs("sticky")],
    [
      "differ if they have different timeouts",
      { timeouts },
      { timeouts: { requestSeconds: 31 } },
      differs("timeouts"),
    ],
    ["have the error only at the route with a value", {}, { sticky, timeouts }, []],
    ["may differ from one that redirects", { sticky }, { redirect }, []],
  ];
  for (const [what, its, others, errors] of table)
    it(`${what}, with Traefik`, () =>
      assert.deepEqual(
        unsupportedFeatures(route("a.example.com", its), "traefik", {
          others: [route("b.example.com", others)],
        }),
        errors,
      ));

  for (const controller of ["nginx", "gateway"] as const)
    it(`may differ with ${controller}, which configures each route`, () =>
      assert.deepEqual(
        unsupportedFeatures(route("a.example.com", { sticky, timeouts }), controller, {
          others: [route("b.example.com")],
        }),
        [],
      ));
});
