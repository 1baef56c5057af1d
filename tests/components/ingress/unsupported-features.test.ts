import * as assert from "node:assert/strict";

import { unsupportedFeatures } from "../../../components/ingress/controllers";
import type { Route } from "../../../components/ingress/route";

const route = (host: string, more: Partial<Route> = {}): Route => ({
  host,
  paths: [{ path: "/", pathType: "Prefix" }],
  ...more,
});

describe("routes of one app", () => {
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

  const table: [says: string, its: Partial<Route>, others: Partial<Route>, refused: unknown][] = [
    ["agree where they say the same", { sticky, timeouts }, { sticky, timeouts }, []],
    ["agree where neither says anything", {}, {}, []],
    ["differ where only one is sticky", { sticky }, {}, differs("sticky")],
    [
      "differ where each is sticky by another cookie",
      { sticky },
      { sticky: { cookie: "x" } },
      differs("sticky"),
    ],
    [
      "differ where they wait for other times",
      { timeouts },
      { timeouts: { requestSeconds: 31 } },
      differs("timeouts"),
    ],
    ["leave it to the one that says something", {}, { sticky, timeouts }, []],
    ["have nothing to agree on with one that redirects", { sticky }, { redirect }, []],
  ];
  for (const [says, its, others, refused] of table)
    it(`${says}, with Traefik`, () =>
      assert.deepEqual(
        unsupportedFeatures(route("a.example.com", its), "traefik", {
          others: [route("b.example.com", others)],
        }),
        refused,
      ));

  for (const controller of ["nginx", "gateway"] as const)
    it(`need not agree with ${controller}, which is told by route`, () =>
      assert.deepEqual(
        unsupportedFeatures(route("a.example.com", { sticky, timeouts }), controller, {
          others: [route("b.example.com")],
        }),
        [],
      ));
});
