import * as assert from "node:assert/strict";

import { readDeployment } from "../../../sandbox/engine/deployment";
import { projectName } from "../../../sandbox/engine/project";
import { home, root } from "../start";
import { shares } from "./objects";

/** Checks the objects for the mesh, as a real API server accepted them. */
export function mesh(): void {
  describe("What the API server took for the mesh", () => {
    it("has the canary's weight in every route of the mesh", async () => {
      for (const route of ["auth-service.mesh", "auth-service.mesh.users"])
        assert.deepEqual(await shares(route), [
          ["auth-service", 80],
          ["auth-service-canary", 20],
        ]);
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
