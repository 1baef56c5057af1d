import * as assert from "node:assert/strict";

import type { Run, World } from "../edge/world";
import { assertChanged, succeeded } from "../start";
import { rich } from "./settings";
import { assertBefore, of, stepsOf, type Step } from "./steps";

export const clusterwide = "CiliumClusterwideNetworkPolicy";
export const closing = "cilium-platform-default-deny";

/** A policy that opens a part of the closed cluster. */
export const isOpening = ({ kind, name }: Step): boolean => kind === clusterwide && name !== closing;

/** Of an app's port: `<app>-<port>`, by the app and the port. */
const server = /^(.+)-(\d+)$/;

/** The apps' Servers that a run created. */
const serversOf = (run: Run) =>
  stepsOf(run).flatMap(({ kind, name, what }) => {
    const [, app, port] = server.exec(name) ?? [];
    return kind === "Server" && what === "created" && app && port ? [{ name, app, port }] : [];
  });

/** The policies of those Servers that a run created, each with its required authentication. */
const policiesOf = (run: Run) =>
  serversOf(run).flatMap(({ name: its, app }) =>
    stepsOf(run)
      .filter(
        ({ kind, name, what }) =>
          kind === "AuthorizationPolicy" && what === "created" && name.startsWith(`${its}-`),
      )
      .map(({ name }) => ({ name, server: its, proof: `${app}-${name.slice(its.length + 1)}` })),
  );

/** From the plain stack to one of every kind of app. */
export function firstUp(world: World): void {
  describe("The first up of the stack, and one more that gives it every kind of app", () => {
    const runs: Run[] = [];

    it("only makes, and then makes and changes, and neither replaces nor deletes anything", async () => {
      const plain = await world.up();
      const full = await world.up(rich);
      runs.push(plain, full);
      const { create: made = 0 } = plain.report?.changes ?? {};
      const { create = 0, update = 0 } = full.report?.changes ?? {};
      assertChanged(plain, { create: made });
      assertChanged(full, { create, update });
      assert.ok(made > 130 && create > 60, `${made} and ${create} made`);
    });

    it("closes each app's doors in the mesh before its first pod starts", () => {
      const made = runs.flatMap(serversOf);
      assert.deepEqual(made.map(({ name }) => name).sort(), [
        "admin-8080",
        "api-gateway-8080",
        "auth-service-8080",
        "auth-service-9090",
        "grafana-3000",
        "user-service-8080",
        "web-frontend-8080",
      ]);
      for (const run of runs)
        for (const { name, app } of serversOf(run))
          assertBefore(
            run,
            of("Server", name),
            of("Deployment", app, `${app}-canary`),
            `the Server ${name} before the Deployment`,
          );
    });

    it("lets callers in before it closes a door, by what they can show by then", () => {
      assert.equal(runs.flatMap(policiesOf).length, 7);
      for (const run of runs)
        for (const { name, server: its, proof } of policiesOf(run)) {
          assertBefore(run, of("AuthorizationPolicy", name), of("Server", its), `${name} before ${its}`);
          if (stepsOf(run).some((step) => step.name === proof))
            assertBefore(
              run,
              of("MeshTLSAuthentication", proof),
              of("AuthorizationPolicy", name),
              `${proof} before ${name}`,
            );
        }
    });

    it("closes the cluster when all is there that keeps it alive", () => {
      const [, full] = runs;
      assert.ok(full);
      const made = stepsOf(full).filter((step) => isOpening(step) && step.what === "created");
      assert.equal(made.length, 14);
      assertBefore(full, isOpening, of(clusterwide, closing), "what opens before what closes");
    });

    it("gives the canary its share when there is one", () => {
      const [, full] = runs;
      assert.ok(full);
      const routes = of("HTTPRoute", "auth-service/mesh", "auth-service/mesh/users");
      assertBefore(
        full,
        of("Service", "auth-service-canary"),
        routes,
        "the canary's Service before the routes",
      );
    });

    it("is followed by one that changes nothing, and by a refresh that finds no drift", async () => {
      assertChanged(await world.up());
      assertChanged(await succeeded(world.run("refresh")));
    });
  });
}
