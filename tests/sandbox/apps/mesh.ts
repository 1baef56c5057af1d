import * as assert from "node:assert/strict";

import { readDeployment } from "../../../sandbox/engine/deployment";
import { projectName } from "../../../sandbox/engine/project";
import { cluster, home, objects, root } from "../start";
import { plurals, shares, specOf, taken } from "./objects";

const group = "policy.linkerd.io";
const identity = (account: string) => `${account}.serviceaccount.identity.linkerd.cluster.local`;

/** Checks the objects for the mesh, as a real API server accepted them. */
export function mesh(): void {
  describe("What the API server took for the mesh", () => {
    it("has an app's doors in the mesh, one for each port, for the canary as well", async () => {
      const podSelector = {
        matchExpressions: [{ key: "app", operator: "In", values: ["auth-service", "auth-service-canary"] }],
      };
      for (const [port, proxyProtocol] of [
        [8080, "HTTP/1"],
        [9090, "unknown"],
      ] as const) {
        const server = { group, kind: "Server", name: `auth-service-${port}` };
        assert.deepEqual(await specOf("Server", server.name), {
          podSelector,
          port,
          proxyProtocol,
          accessPolicy: "deny",
        });
        assert.deepEqual(await specOf("AuthorizationPolicy", `${server.name}-callers`), {
          targetRef: server,
          requiredAuthenticationRefs: [
            { group, kind: "MeshTLSAuthentication", name: "auth-service-callers" },
          ],
        });
      }
      assert.deepEqual(await specOf("MeshTLSAuthentication", "auth-service-callers"), {
        identities: [identity("api-gateway.production")],
      });
    });

    it("has the ingress let in to a routed app on its first port, and nobody else there", async () => {
      assert.deepEqual(await specOf("MeshTLSAuthentication", "auth-service-ingress"), {
        identities: [identity("traefik.traefik"), identity("ingress-nginx.ingress-nginx")],
      });
      const policies = await objects(await cluster("prod"), plurals.AuthorizationPolicy);
      assert.deepEqual(
        policies.filter((name) => /^production\/(auth-service|user-service)-/.test(name)),
        [
          "production/auth-service-8080-callers",
          "production/auth-service-8080-ingress",
          "production/auth-service-9090-callers",
          "production/user-service-8080-callers",
          "production/user-service-8080-unmeshed",
        ],
      );
      assert.deepEqual(await specOf("NetworkAuthentication", "user-service-unmeshed"), {
        networks: [{ cidr: "10.42.0.0/16" }],
      });
    });

    it("has the canary's weight in every route of the mesh, and on each all that holds for it", async () => {
      for (const [route, request] of [
        ["auth-service.mesh", "5s"],
        ["auth-service.mesh.users", "1s"],
      ] as const) {
        assert.deepEqual(await shares(route), [
          ["auth-service", 80],
          ["auth-service-canary", 20],
        ]);
        const { annotations = {} } = (await taken("HTTPRoute", route)).metadata;
        assert.deepEqual(
          Object.entries(annotations).filter(([key]) => key.includes("linkerd.io")),
          [
            ["retry.linkerd.io/http", "5xx"],
            ["retry.linkerd.io/limit", "2"],
            ["timeout.linkerd.io/request", request],
          ],
        );
      }
    });

    it("has the ServiceProfile under the name that Linkerd looks for", async () => {
      assert.deepEqual(await specOf("ServiceProfile", "user-service.production.svc.cluster.local"), {
        routes: [
          {
            name: "GET /v1/users/{id}",
            condition: { method: "GET", pathRegex: "/v1/users/[^/]+" },
            timeout: "5s",
            isRetryable: true,
          },
        ],
        retryBudget: { retryRatio: 0.2, minRetriesPerSecond: 10, ttl: "10s" },
      });
    });

    it("has the certificates of webhooks from cert-manager, each under its Service's name", async () => {
      const names = await objects(await cluster("prod"), "apis/cert-manager.io/v1/certificates");
      assert.deepEqual(
        names.filter((name) => name.includes("linkerd")),
        [
          "cert-manager/linkerd-trust-anchor",
          "linkerd-viz/tap",
          "linkerd-viz/tap-injector",
          "linkerd-viz/webhook-ca",
          "linkerd/linkerd-identity-issuer",
          "linkerd/linkerd-policy-validator",
          "linkerd/linkerd-proxy-injector",
          "linkerd/linkerd-sp-validator",
          "linkerd/webhook-ca",
        ],
      );
    });

    it("has charts that are told to make none of their own", () => {
      const state = readDeployment(home, projectName(root), "prod");
      const told = (state?.resources ?? [])
        .filter(({ type }) => type === "kubernetes:helm.sh/v3:Release")
        .flatMap(({ inputs }) => {
          const { name, values = {} } = inputs as {
            readonly name: string;
            readonly values?: Readonly<Record<string, { readonly externalSecret?: boolean } | undefined>>;
          };
          return Object.entries(values).flatMap(([part, its]) =>
            its?.externalSecret === undefined ? [] : [`${name} ${part}: ${its.externalSecret}`],
          );
        });
      assert.deepEqual(told.sort(), [
        "linkerd-control-plane policyValidator: true",
        "linkerd-control-plane profileValidator: true",
        "linkerd-control-plane proxyInjector: true",
        "linkerd-viz tap: true",
        "linkerd-viz tapInjector: true",
      ]);
    });
  });
}
