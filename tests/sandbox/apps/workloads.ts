import * as assert from "node:assert/strict";

import { objects, request } from "../start";
import { plurals, specOf } from "./objects";

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
      assert.deepEqual(names, [
        "platform-certificates",
        "platform-controllers-cert-manager",
        "platform-controllers-external-dns",
        "platform-default-deny",
        "platform-dns",
        "platform-ingress-ingress-nginx",
        "platform-ingress-traefik",
        "platform-kube-system",
        "platform-lifelines",
        "platform-mesh",
        "platform-mesh-viz",
        "platform-no-metadata",
        "platform-webhooks-cert-manager",
        "platform-webhooks-ingress-nginx",
        "platform-webhooks-linkerd",
        "platform-webhooks-linkerd-viz",
      ]);
      const { ingress, egress } = await specOf("CiliumClusterwideNetworkPolicy", "platform-default-deny");
      assert.deepEqual([ingress, egress], [[{}], [{}]]);
    });
  });
}
