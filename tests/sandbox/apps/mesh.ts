import * as assert from "node:assert/strict";

import { readDeployment } from "../../../sandbox/engine/deployment";
import { projectName } from "../../../sandbox/engine/project";
import { home, objects, root } from "../start";
import { plurals, shares, taken } from "./objects";

/** Checks the objects for the mesh, as a real API server accepted them. */
export function mesh(): void {
  describe("What the API server took for the mesh", () => {
    it("has a policy for the callers of each port, and for the ingress on the first one of a routed app", async () => {
      const policies = await objects("prod", plurals.AuthorizationPolicy);
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
    });

    it("has the canary's weight in every route of the mesh", async () => {
      for (const route of ["auth-service.mesh", "auth-service.mesh.users"])
        assert.deepEqual(await shares(route), [
          ["auth-service", 80],
          ["auth-service-canary", 20],
        ]);
    });

    it("has the ServiceProfile under the name that Linkerd looks for", () =>
      taken("ServiceProfile", "user-service.production.svc.cluster.local"));

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
