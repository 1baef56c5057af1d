import * as assert from "node:assert/strict";

import { resolveCharts } from "../../../components/charts";
import { IngressLayer } from "../../../components/ingress/ingress-layer";
import {
  controllerNames,
  findController,
  type ControllerName,
} from "../../../components/ingress/controllers";
import { nodePortsFor } from "../../../components/ingress/ingress-installation";
import { childrenOf, find, run, value, type RunOptions, type Values } from "../../harness";
import { resolved, behindService, valuesArgs } from "./args";
import { providers } from "../providers";

const { loadBalancer } = valuesArgs;

/** The layer's arguments for each controller. */
const argsFor = (controller: ControllerName) => ({
  ...valuesArgs,
  controller,
  chart: resolveCharts()[findController(controller).installation.identity.chart],
  loadBalancer: {
    ...loadBalancer,
    nodePorts: nodePortsFor(findController(controller).installation, {
      nodePorts: { http: 30080, https: 30443, nginxHealth: 31254 },
    }),
  },
});

const create = (controller: ControllerName, options?: RunOptions) => {
  const { name } = findController(controller).installation.identity;
  return run(() => new IngressLayer(name, argsFor(controller), { providers: providers() }), options);
};

const traefikPermissions = [
  "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole traefik-cluster",
  "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole traefik-namespace",
  "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding traefik-cluster",
  "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding traefik-apps",
  "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding traefik-own",
];

/** The resources of each controller in addition to its namespace and release. */
const extraResources: Readonly<Record<ControllerName, readonly string[]>> = {
  traefik: traefikPermissions,
  nginx: [
    "kubernetes:cilium.io/v2:CiliumNetworkPolicy ingress-nginx-health-policy",
    "kubernetes:core/v1:Service ingress-nginx-health",
  ],
  gateway: [
    "kubernetes:gateway.networking.k8s.io/v1:Gateway traefik-gateway",
    "kubernetes:gateway.networking.k8s.io/v1:GatewayClass traefik-class",
    ...traefikPermissions,
  ],
};

describe("IngressLayer", () => {
  for (const controller of controllerNames) {
    const { name, chart, podSelector } = findController(controller).installation.identity;
    const { namespace } = podSelector;

    describe(`with ${controller}`, () => {
      it(`installs ${chart} in the namespace ${namespace}, which network policies select`, async () => {
        const { resources, result } = await create(controller);
        assert.deepEqual(childrenOf(resources, name), [
          ...[
            ...extraResources[controller],
            `kubernetes:core/v1:Namespace ${name}`,
            `kubernetes:helm.sh/v3:Release ${name}-chart`,
          ].sort(),
        ]);
        const { inputs } = find(resources, ":Release", `${name}-chart`);
        assert.deepEqual([inputs.name, inputs.namespace, inputs.atomic], [name, namespace, true]);
        assert.deepEqual(find(resources, ":Namespace", name).inputs.metadata, {
          name: namespace,
          labels: {
            "pod-security.kubernetes.io/warn": "restricted",
            "pod-security.kubernetes.io/audit": "restricted",
          },
        });
        assert.equal(await value(result.namespace), namespace);
      });

      it("enforces restricted pods with Linkerd's CNI plugin", async () => {
        const { resources } = await run(
          () => new IngressLayer(name, { ...argsFor(controller), meshCni: true }, { providers: providers() }),
        );
        const { labels } = find(resources, ":Namespace", name).inputs.metadata as { labels: object };
        assert.equal(Object.entries(labels).find(([key]) => key.endsWith("/enforce"))?.[1], "restricted");
      });

      it("passes the controller's values to the chart", async () => {
        const args = argsFor(controller);
        const { inputs } = find((await create(controller)).resources, ":Release", `${name}-chart`);
        const { chartValues } = findController(controller).installation;
        assert.deepEqual(inputs.values, await resolved(chartValues(args)));
      });

      it("awaits the release, except ingress-nginx's behind a Service, which restarts until that exists", async () => {
        const args = { ...argsFor(controller), loadBalancer: behindService.loadBalancer };
        const { resources } = await run(() => new IngressLayer(name, args, { providers: providers() }));
        const { inputs } = find(resources, ":Release", `${name}-chart`);
        assert.deepEqual(
          [inputs.skipAwait ?? false, inputs.atomic],
          controller === "nginx" ? [true, false] : [false, true],
        );
      });

      it("warns once in a preview if the controller is retired", async () => {
        const texts = async (preview: boolean) =>
          (await create(controller, { preview })).logs.map(({ message }) => message);
        const warned = await texts(true);
        assert.equal(warned.length, controller === "nginx" ? 1 : 0);
        for (const text of warned)
          assert.match(text, /^ingress-nginx is retired: .*ingress\.controller: traefik/);
        assert.deepEqual(await texts(false), []);
      });
    });
  }

  it("creates a node port for the health check of ingress-nginx, for the load balancer only, before the release", async () => {
    const { resources } = await create("nginx");
    const service = find(resources, ":Service", "ingress-nginx-health");
    const selector = { "app.kubernetes.io/name": "ingress-nginx" };
    assert.deepEqual((service.inputs.spec as Values).selector, selector);
    const policy = find(resources, ":CiliumNetworkPolicy", "ingress-nginx-health-policy");
    // The invariants check whom it denies.
    const { endpointSelector, enableDefaultDeny, ingress } = policy.inputs.spec as Values;
    assert.deepEqual(endpointSelector, { matchLabels: selector });
    assert.deepEqual(enableDefaultDeny, { ingress: false, egress: false });
    const toPorts = [{ ports: [{ port: "10254", protocol: "TCP" }] }];
    assert.deepEqual(ingress, [{ fromCIDR: ["10.0.0.9/32"], toPorts }]);
    assert.ok(service.dependencies.some((each) => each.includes("ingress-nginx-health-policy")));
    const release = find(resources, ":Release", "ingress-nginx-chart");
    assert.ok(release.dependencies.some((each) => each.endsWith(":Service ingress-nginx-health")));
  });

  it("shares no resource between Traefik and ingress-nginx, so that one is created before the other is deleted", async () => {
    const names = async (controller: ControllerName) =>
      (await create(controller)).resources
        .filter(({ type }) => !type.startsWith("pulumi:providers:"))
        .map(({ type, name }) => `${type} ${name}`);
    const traefik = await names("traefik");
    assert.deepEqual(
      (await names("nginx")).filter((each) => traefik.includes(each)),
      [],
    );
    const gateway = await names("gateway");
    assert.deepEqual(
      traefik.filter((each) => !gateway.includes(each)),
      [],
    );
  });
});
