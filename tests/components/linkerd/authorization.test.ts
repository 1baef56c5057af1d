import * as assert from "node:assert/strict";

import { buildAuthorization, type Authorization } from "../../../components/linkerd/authorization";
import type { GraphApp } from "../../../components/network-policy/call-graph";
import { graphApp as app } from "../network-policy/graph-apps";

const around = {
  namespace: "production",
  trustDomain: "cluster.local",
  podCidrs: ["10.42.0.0/16"],
  ingress: { namespace: "traefik", name: "traefik" },
};

const authorizationIn = (apps: readonly GraphApp[], name = "api"): Authorization => {
  const [it] = apps.filter((each) => each.name === name);
  const found = it && buildAuthorization(it, apps, around);
  assert.ok(found, `${name} has none`);
  return found;
};

describe("buildAuthorization", () => {
  it("creates nothing for an app with UDP alone, whatever calls it", () => {
    const callers = [app("web", { calls: ["api"] }), app("old", { calls: ["api"], meshed: false })];
    assert.deepEqual(authorizationIn([app("api", { protocol: "udp" }), ...callers]), {
      authentications: [],
      policies: [],
      servers: [],
    });
  });

  it("creates a Server for every port, even without callers", () => {
    const { authentications, policies, servers } = authorizationIn([
      app("api", { ports: { metrics: 9090 } }),
    ]);
    assert.deepEqual({ authentications, policies }, { authentications: [], policies: [] });
    assert.deepEqual(servers, [
      {
        name: "api-8080",
        spec: {
          podSelector: { matchLabels: { app: "api" } },
          port: 8080,
          proxyProtocol: "HTTP/1",
          accessPolicy: "deny",
        },
      },
      {
        name: "api-9090",
        spec: {
          podSelector: { matchLabels: { app: "api" } },
          port: 9090,
          proxyProtocol: "unknown",
          accessPolicy: "deny",
        },
      },
    ]);
  });

  it("authorizes the ingress controller that routes, by objects that bear its name", () => {
    const apps = [app("api", { routes: [{}] })];
    const { authentications, policies } = authorizationIn(apps);
    assert.deepEqual(
      [authentications.map((each) => each.name), policies.map((each) => each.name)],
      [["api-ingress-traefik"], ["api-8080-ingress-traefik"]],
    );
    assert.deepEqual(authentications[0]?.spec, {
      identities: ["traefik.traefik.serviceaccount.identity.linkerd.cluster.local"],
    });
  });

  it("does not parse TLS", () => {
    const { servers } = authorizationIn([app("api", { tls: {}, ports: { metrics: 9090 } })]);
    assert.deepEqual(
      servers.map(({ spec }) => spec.proxyProtocol),
      ["opaque", "unknown"],
    );
  });

  it("authorizes the ingress controller that asks it about requests of other apps", () => {
    const { policies } = authorizationIn([app("api", { authenticates: true })]);
    assert.deepEqual(
      policies.map((each) => each.name),
      ["api-8080-ingress-traefik"],
    );
  });

  it("selects the canary's pods too", () => {
    const { servers } = authorizationIn([app("api", { canary: {} })]);
    assert.deepEqual(servers[0]?.spec.podSelector, {
      matchExpressions: [{ key: "app", operator: "In", values: ["api", "api-canary"] }],
    });
  });

  it("is undefined for unmeshed, existing and external apps", () => {
    for (const changed of [{ meshed: false }, { existing: true }, { external: "api.example.org" }]) {
      const it = app("api", changed);
      assert.equal(buildAuthorization(it, [it, app("web", { calls: ["api"] })], around), undefined);
    }
  });

  for (const [protocol, port, ports, expected] of [
    ["http", 8080, { db: 5432, other: 8081 }, ["HTTP/1", "opaque", "unknown"]],
    ["grpc", 8080, {}, ["unknown"]],
    ["tcp", 9000, {}, ["opaque"]],
    [undefined, 8080, {}, ["HTTP/1"]],
    [
      "tcp",
      9000,
      { web: { port: 3000, protocol: "http" }, ssh: { port: 22, protocol: "tcp" } },
      ["opaque", "opaque", "HTTP/1"],
    ],
    // The proxy does not carry UDP.
    ["udp", 3478, { dns: { port: 53, protocol: "udp" }, metrics: 9090 }, ["unknown"]],
  ] as const)
    it(`sets the proxy protocol: ${protocol ?? "default"} on ${port}, and ${JSON.stringify(ports)}`, () =>
      assert.deepEqual(
        authorizationIn([app("api", { protocol, port, ports })]).servers.map(
          ({ spec }) => spec.proxyProtocol,
        ),
        expected,
      ));

  it("authorizes the ingress controller at exactly the ports that routes lead to", () => {
    const ports = { console: 9001, metrics: 9090 };
    const routes = [{ port: "console" }, { port: 9001 }];
    const { policies } = authorizationIn([app("api", { ports, routes })]);
    assert.deepEqual(
      policies.map(({ spec }) => spec.targetRef.name),
      ["api-9001"],
    );
  });

  it("authorizes the API server, which has no identity, at the ports of webhooks", () => {
    const { authentications, policies } = authorizationIn([
      app("api", { ports: { hook: 9443 }, webhooks: ["hook"] }),
    ]);
    assert.deepEqual(
      policies.map(({ name, spec }) => [name, spec.targetRef.name]),
      [["api-9443-webhooks", "api-9443"]],
    );
    assert.deepEqual(
      authentications.map(({ spec }) => spec),
      [{ networks: [{ cidr: "0.0.0.0/0" }, { cidr: "::/0" }] }],
    );
  });

  it("gives objects of a kind unique names, whatever the names of the apps", () => {
    const tricky = ["a", "a-8080", "a-callers", "a-8080-callers", "callers"];
    const apps = tricky.map((name) =>
      app(name, { calls: tricky, routes: [{}], exposed: true, ports: { more: 9090 } }),
    );
    const all = [...apps, app("old", { meshed: false, calls: tricky })];
    const names = apps.flatMap(({ name }) => {
      const { authentications, policies, servers } = authorizationIn(all, name);
      return [
        ...authentications.map((each) => `${each.kind} ${each.name}`),
        ...policies.map((each) => `policy ${each.name}`),
        ...servers.map((each) => `server ${each.name}`),
      ];
    });
    assert.ok(names.length > 50);
    assert.equal(new Set(names).size, names.length);
  });
});
