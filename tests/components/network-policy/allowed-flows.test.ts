import * as assert from "node:assert/strict";

import fc from "fast-check";

import { findAllowedFlows } from "../../../components/network-policy/allowed-flows";
import { graphApp as app } from "./graph-apps";

const ingress = { namespace: "traefik", app: "traefik" };

const apps = [
  app("web", { meshed: false, routes: [{}], calls: ["api"], ports: { metrics: 9090 } }),
  app("api", {
    calls: ["db", "grafana", "payments"],
    egress: [
      { host: "*.example.org", ports: [443], protocol: "TCP" },
      { cidr: "203.0.113.0/24", ports: [123], protocol: "UDP" },
    ],
  }),
  app("db", { port: 5432, exposed: true }),
  app("grafana", { port: 3000, existing: true, namespace: "monitoring" }),
  app("payments", { port: 443, external: "api.stripe.com" }),
  app("lone"),
];

describe("findAllowedFlows", () => {
  it("has a row for each route, call and egress, and none for undeclared flows", () =>
    assert.deepEqual(findAllowedFlows(apps, ingress), [
      { from: "api", to: "*.example.org", ports: [443], protocol: "TCP", meshed: false },
      { from: "api", to: "203.0.113.0/24", ports: [123], protocol: "UDP", meshed: false },
      { from: "api", to: "db", ports: [5432], protocol: "TCP", meshed: true },
      { from: "api", to: "monitoring/grafana", ports: [3000], protocol: "TCP", meshed: true },
      { from: "api", to: "payments", ports: [443], protocol: "TCP", meshed: false },
      { from: "outside", to: "db", ports: [5432], protocol: "TCP", meshed: false },
      { from: "traefik/traefik", to: "web", ports: [8080], protocol: "TCP", meshed: false },
      { from: "web", to: "api", ports: [8080], protocol: "TCP", meshed: false },
    ]));

  it("lists all ports of a callee, and only the routed port for an ingress controller", () => {
    const rows = findAllowedFlows(
      [app("a", { calls: ["b"] }), app("b", { ports: { admin: 8081 }, routes: [{}] })],
      ingress,
    );
    assert.deepEqual(
      rows.map(({ from, ports }) => [from, ports]),
      [
        ["a", [8080, 8081]],
        ["traefik/traefik", [8080]],
      ],
    );
  });

  it("does not depend on the order of the apps", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(apps, { minLength: apps.length }), (others) => {
        assert.deepEqual(findAllowedFlows(others, ingress), findAllowedFlows(apps, ingress));
      }),
    );
  });
});
