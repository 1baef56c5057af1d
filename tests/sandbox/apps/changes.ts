import * as assert from "node:assert/strict";

import type { Run, World } from "../edge/world";
import { assertChanged, objects } from "../start";
import { closing, clusterwide, isOpening } from "./first-up";
import { half, oneMoreCall, throughGateway, withoutCanary } from "./settings";
import { assertBefore, begun, of, type Step } from "./steps";
import { shares, specOf } from "./objects";
import { closed } from "./workloads";

/** Changes of a stack that is there, each of which touches what it must and nothing else. */
export function changes(world: World): void {
  describe("A canary that is given half of the requests", () => {
    it("changes the routes of its app in the mesh, and nothing else", async () => {
      const run = await world.up(half);
      assertChanged(run, { update: 2 });
      assert.deepEqual(begun(run), [
        "updating HTTPRoute auth-service/mesh",
        "updating HTTPRoute auth-service/mesh/users",
      ]);
      assert.deepEqual(await shares("auth-service.mesh"), [
        ["auth-service", 50],
        ["auth-service-canary", 50],
      ]);
    });
  });

  describe("One more call", () => {
    it("changes the policies of the two apps, and who may come in to the one that is called", async () => {
      const run = await world.up(oneMoreCall);
      assertChanged(run, { create: 2, update: 2 });
      assert.deepEqual(begun(run), [
        "creating AuthorizationPolicy admin-8080-unmeshed",
        "creating NetworkAuthentication admin-unmeshed",
        "updating CiliumNetworkPolicy admin-policy",
        "updating CiliumNetworkPolicy legacy-policy",
      ]);
    });
  });

  describe("A Gateway in place of the Ingress objects, the cluster opened, and one more canary, in one up", () => {
    let run: Run;
    it("is one up", async () => {
      run = await world.up(throughGateway);
      // The lock's list of edges moves to the apps' namespace, where a Gateway looks for it.
      const replaced = begun(run).filter((each) => each.startsWith("replac"));
      assert.deepEqual(replaced, ["replacing Middleware origin-lock"]);
      assert.deepEqual(await objects("prod", "apis/networking.k8s.io/v1/ingresses"), []);
    });

    it("leaves no host without a rule for a moment", () => {
      const isOutside = ({ kind, name }: Step) => kind === "HTTPRoute" && !name.includes("/mesh");
      assertBefore(run, isOutside, ({ kind }) => kind === "Ingress", "the new rules before the old ones");
    });

    it("has the Gateway split what comes to an app that is not in the mesh", async () => {
      assert.deepEqual(await shares("docs-docs-example-com"), [
        ["docs", 70],
        ["docs-canary", 30],
      ]);
    });

    it("changes an autoscaled Deployment, and not how many pods it has", async () => {
      assert.ok(begun(run).includes("updating Deployment docs"));
      assert.equal((await specOf("Deployment", "docs")).replicas, 3);
    });

    it("leaves it to the mesh to split what comes to an app that is", async () => {
      assert.deepEqual(await shares("auth-service-auth-example-com"), [["auth-service", 1]]);
      assert.deepEqual(await shares("auth-service.mesh"), [
        ["auth-service", 50],
        ["auth-service-canary", 50],
      ]);
    });

    it("opens the cluster before it takes away what kept it alive", async () => {
      assertBefore(run, of(clusterwide, closing), isOpening, "what closes before what opens");
      const left = await objects("prod", "apis/cilium.io/v2/ciliumclusterwidenetworkpolicies");
      assert.deepEqual(left, closed);
    });
  });

  describe("A canary that goes", () => {
    let run: Run;
    it("takes along what was its own, and nothing else changes but what spoke of it", async () => {
      run = await world.up(withoutCanary);
      assert.deepEqual(begun(run, clusterwide), [
        "deleting Deployment auth-service-canary",
        "deleting PodDisruptionBudget auth-service-canary",
        "deleting Service auth-service-canary",
        "updating CiliumNetworkPolicy api-gateway-policy",
        "updating CiliumNetworkPolicy auth-service-policy",
        "updating CiliumNetworkPolicy auth-service-policy-traefik",
        "updating HTTPRoute auth-service/mesh",
        "updating HTTPRoute auth-service/mesh/users",
        "updating Server auth-service-8080",
        "updating Server auth-service-9090",
      ]);
      // The others close the cluster again.
      assertChanged(run, { create: 3, update: 7, delete: 3 });
      assert.deepEqual(await shares("auth-service.mesh"), [["auth-service", 1]]);
    });

    it("has its share of the requests until the last", () => {
      const routes = of("HTTPRoute", "auth-service/mesh", "auth-service/mesh/users");
      for (const kind of ["Service", "Deployment"])
        assertBefore(run, routes, of(kind, "auth-service-canary"), `the routes before the ${kind}`);
    });
  });
}
