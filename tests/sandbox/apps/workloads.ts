import * as assert from "node:assert/strict";

import { objects, read, request } from "../start";
import { plurals, specOf } from "./objects";

/** The policies of the platform's own pods, whether the cluster is closed or not. */
export const closed = [
  ...["cert-manager", "hubble", "linkerd", "linkerd-viz", "no-metadata", "traefik"].map(
    (each) => `platform-${each}`,
  ),
];

/** Checks workloads, Services and policies, as a real API server returns them. */
export function workloads(): void {
  describe("What the API server took for pods, Services and the network", () => {
    it("has an autoscaler, which sets how many pods the Deployment has", async () => {
      const { scaleTargetRef } = await specOf("HorizontalPodAutoscaler", "docs");
      assert.deepEqual(scaleTargetRef, { apiVersion: "apps/v1", kind: "Deployment", name: "docs" });
      // As the autoscaler does, with its manager: the ups after it change the Deployment and not this.
      await request("prod", `/${plurals.Deployment}/docs/scale`, "PATCH", { spec: { replicas: 3 } });
    });

    it("has what closes the cluster and what keeps it alive, for all namespaces", async () => {
      const names = await objects("prod", plurals.CiliumClusterwideNetworkPolicy);
      assert.deepEqual(
        names,
        [...closed, "platform-default-deny", "platform-kube-system", "platform-lifelines"].sort(),
      );
      const { specs } = (await read(
        "prod",
        `/${plurals.CiliumClusterwideNetworkPolicy}/platform-default-deny`,
      )) as {
        readonly specs: readonly [{ readonly ingress: unknown; readonly egress: unknown }];
      };
      assert.deepEqual([specs[0].ingress, specs[0].egress], [[{}], [{}]]);
    });
  });
}
