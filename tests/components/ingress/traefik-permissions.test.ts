import * as assert from "node:assert/strict";

import { resolveCharts } from "../../../components/charts";
import { IngressLayer } from "../../../components/ingress/ingress-layer";
import {
  buildClusterRules,
  buildNamespaceRules,
} from "../../../components/ingress/controllers/traefik/traefik-permissions";
import { find, run, type Values } from "../../harness";
import { providers } from "../providers";
import { at, valuesArgs } from "./args";

const create = (controller: "gateway" | "traefik") =>
  run(
    () =>
      new IngressLayer(
        "traefik",
        {
          ...valuesArgs,
          controller,
          chart: resolveCharts().traefik,
          routesFrom: ["production", "linkerd-viz"],
          namespaces: ["team-a", "linkerd-viz"],
        },
        { providers: providers() },
      ),
  );

describe("Traefik's permissions", () => {
  const served = ["linkerd-viz", "production", "team-a", "traefik"];

  for (const controller of ["traefik", "gateway"] as const)
    it(`are those of the namespaces that it watches, and exist before it: ${controller}`, async () => {
      const { resources } = await create(controller);
      const bindings = resources.filter(({ type }) => type.endsWith(":RoleBinding"));
      const namespaces = bindings.map(({ inputs }) => (inputs.metadata as Values).namespace).sort();
      assert.deepEqual(namespaces, served);
      const subjects = [{ kind: "ServiceAccount", name: "traefik", namespace: "traefik" }];
      for (const { inputs } of bindings) {
        assert.deepEqual(inputs.subjects, subjects);
        assert.equal((inputs.roleRef as Values).name, "platform-traefik-namespace");
      }

      const release = find(resources, ":Release", "traefik-chart");
      for (const name of ["traefik-own", "traefik-apps", "traefik-in-team-a", "traefik-in-linkerd-viz"])
        assert.ok(
          release.dependencies.some((each) => each.endsWith(`:RoleBinding ${name}`)),
          name,
        );
      assert.ok(release.dependencies.some((each) => each.endsWith(":ClusterRoleBinding traefik-cluster")));

      const watched = [
        "kubernetesCRD",
        "kubernetesIngress",
        ...(controller === "gateway" ? ["kubernetesGateway"] : []),
      ];
      for (const each of watched) {
        const list = at(release.inputs.values, `providers.${each}.namespaces`) as string[];
        assert.deepEqual(list.toSorted(), served, each);
      }
    });

  for (const readsGateways of [false, true])
    it(`in the whole cluster have no Secrets and change nothing but a status, ${readsGateways ? "with" : "without"} Gateway API`, () => {
      const rules = buildClusterRules(readsGateways);
      assert.deepEqual(
        rules.flatMap(({ resources }) => resources).sort(),
        readsGateways
          ? ["gatewayclasses", "gatewayclasses/status", "ingressclasses", "namespaces", "nodes"]
          : ["ingressclasses", "nodes"],
      );
      for (const { resources, verbs } of [...rules, ...buildNamespaceRules(readsGateways)])
        assert.deepEqual(
          verbs,
          resources.every((each) => each.endsWith("/status")) ? ["update"] : ["get", "list", "watch"],
        );
    });
});
