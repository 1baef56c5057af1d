import * as assert from "node:assert/strict";

import { buildAuthorization, type Authorization } from "../../../components/linkerd/authorization";
import type { GraphApp } from "../../../components/network-policy/call-graph";
import { ingressServiceAccounts } from "../../../components/ingress/controllers";
import { graphApp as app } from "../network-policy/graph-apps";

const around = {
  namespace: "production",
  trustDomain: "cluster.local",
  podCidrs: ["10.42.0.0/16"],
  ingress: ingressServiceAccounts,
};

const authorizationIn = (apps: readonly GraphApp[], name = "api"): Authorization => {
  const [it] = apps.filter((each) => each.name === name);
  const found = it && buildAuthorization(it, apps, around);
  assert.ok(found, `${name} has none`);
  return found;
};

/** The authorized clients of each Server, one line for each policy. */
const allowed = ({ authentications, policies }: Authorization) =>
  policies.map(({ spec: { targetRef, requiredAuthenticationRefs } }) => {
    const [ref] = requiredAuthenticationRefs;
    const authentication = authentications.find(({ kind, name }) => kind === ref?.kind && name === ref.name);
    const clients =
      authentication?.kind === "MeshTLSAuthentication"
        ? authentication.spec.identities
        : authentication?.spec.networks.map(({ cidr }) => cidr);
    return `${targetRef.name}: ${clients?.join(" ")}`;
  });

const identity = (account: string) => `${account}.serviceaccount.identity.linkerd.cluster.local`;

describe("buildAuthorization", () => {
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

  it("authorizes meshed callers by identity, at every port", () => {
    const apps = [
      app("api", { ports: { metrics: 9090 } }),
      app("web", { calls: ["api"] }),
      app("admin", { calls: ["api"] }),
      app("other"),
    ];
    const both = `${identity("admin.production")} ${identity("web.production")}`;
    assert.deepEqual(allowed(authorizationIn(apps)), [`api-8080: ${both}`, `api-9090: ${both}`]);
  });

  it("authorizes the ingress controllers of an app with routes, at its first port only", () =>
    assert.deepEqual(allowed(authorizationIn([app("api", { routes: [{}], ports: { metrics: 9090 } })])), [
      `api-8080: ${identity("traefik.traefik")} ${identity("ingress-nginx.ingress-nginx")}`,
    ]));

  it("authorizes all pod CIDRs if a caller is unmeshed", () =>
    assert.deepEqual(
      allowed(
        authorizationIn([
          app("api"),
          app("web", { calls: ["api"] }),
          app("old", { meshed: false, calls: ["api"] }),
        ]),
      ),
      [`api-8080: ${identity("web.production")}`, "api-8080: 10.42.0.0/16"],
    ));

  it("authorizes any address to an app with a NodePort or LoadBalancer Service", () =>
    assert.deepEqual(allowed(authorizationIn([app("api", { exposed: true })])), [
      "api-8080: 0.0.0.0/0 ::/0",
    ]));

  it("uses the namespace and ServiceAccount of an existing caller", () => {
    const elsewhere = { existing: true, namespace: "monitoring", calls: ["api"] };
    const apps = [app("api"), app("a", elsewhere), app("b", { ...elsewhere, serviceAccount: "grafana" })];
    assert.deepEqual(allowed(authorizationIn(apps)), [
      `api-8080: ${identity("default.monitoring")} ${identity("grafana.monitoring")}`,
    ]);
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
  ] as const)
    it(`sets the proxy protocol: ${protocol ?? "default"} on ${port}, and ${JSON.stringify(ports)}`, () =>
      assert.deepEqual(
        authorizationIn([app("api", { protocol, port, ports })]).servers.map(
          ({ spec }) => spec.proxyProtocol,
        ),
        expected,
      ));

  it("authorizes the callers of an existing app over the same pods, at its ports only", () => {
    const api = app("api", { ports: { console: 9001 } });
    const over = { existing: true, podLabels: { app: "api" }, port: 9001, routes: [{}], calls: ["db"] };
    const apps = [api, app("api-console", over), app("db")];
    assert.deepEqual(allowed(authorizationIn(apps)), [
      `api-9001: ${ingressServiceAccounts.map((each) => identity(`${each.name}.${each.namespace}`)).join(" ")}`,
    ]);
    // Its callees authorize the pods' ServiceAccount.
    const db = allowed(authorizationIn(apps, "db"));
    assert.deepEqual(db, [`db-8080: ${identity("api.production")}`]);
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
