import * as assert from "node:assert/strict";

import type { GraphApp } from "../../components/network-policy/call-graph";
import { changed, runProgram, stackConfig, type StackConfig } from "../config";
import type { Recorded } from "../harness";
import { engineForSuite, type AllowLocalhost, type Pod, type PolicyObject } from "./engine";
import { differences, buildWorld } from "./world";

type SaidApp = Pick<GraphApp, "port"> &
  Partial<Omit<GraphApp, "name" | "exposed" | "external">> & {
    readonly service?: { readonly type: string; readonly externalName?: string };
  };

/** The graph that the settings of a stack declare. */
function declaredIn(config: StackConfig): GraphApp[] {
  const apps = config["platform-networking:apps"] as Readonly<Record<string, SaidApp>>;
  return Object.entries(apps).map(([name, { service, ...said }]) => ({
    ...{ meshed: true, routes: [], calls: [], ...said, name },
    exposed: service?.type === "NodePort" || service?.type === "LoadBalancer",
    external: service?.externalName,
  }));
}

/** The inputs of every resource whose type ends so, by its name. */
const inputsOf = (resources: readonly Recorded[], end: RegExp): Map<string, unknown> =>
  new Map(resources.filter(({ type }) => end.test(type)).map(({ name, inputs }) => [name, inputs]));

interface Deployment {
  readonly metadata: { readonly namespace: string };
  readonly spec: { readonly template: { readonly metadata: { readonly labels: Pod["labels"] } } };
}

/** What the program registers of the apps: the policies as Kubernetes gets them, and the pods. */
async function registered(config: StackConfig) {
  const { resources } = await runProgram(config);
  const policies = inputsOf(resources, /:Cilium(Clusterwide)?NetworkPolicy$/);
  const deployments = [...inputsOf(resources, /:Deployment$/)] as [string, Deployment][];
  const pods = deployments.map(([name, { metadata, spec }]): [string, Pod] => [
    name,
    { namespace: metadata.namespace, labels: spec.template.metadata.labels },
  ]);
  return { policies: [...policies.values()] as PolicyObject[], pods: Object.fromEntries(pods) };
}

/** The document's stack, with apps of every sort beside it. */
const everySort: Readonly<Record<string, unknown>> = {
  "ingress.gatewayApi": "installed",
  "apps.api-gateway.calls": ["auth-service", "user-service", "orders", "metrics"],
  "apps.api-gateway.ports": { metrics: 9090 },
  "apps.web-frontend.calls": ["mail"],
  "apps.auth-service.canary": { image: "ghcr.io/org/auth:v2.0.0", weight: 10 },
  "apps.user-service.meshed": false,
  "apps.user-service.egress": [
    { host: "api.example.org", ports: [443] },
    { cidr: "203.0.113.0/24", ports: [5432] },
  ],
  "apps.orders": {
    image: "ghcr.io/org/orders:v1.0.0",
    port: 9000,
    service: { type: "NodePort" },
    protocol: "tcp",
  },
  "apps.metrics": {
    existing: true,
    namespace: "monitoring",
    port: 9090,
    podLabels: { app: "prometheus" },
    calls: ["api-gateway"],
  },
  "apps.legacy": { existing: true, port: 8080, meshed: false, calls: ["orders"] },
  "apps.mail": { service: { type: "ExternalName", externalName: "mail.example.net" }, port: 587 },
};

describe("Cilium, asked about what the program registers", () => {
  const engine = engineForSuite();

  const holds = async (config: StackConfig, clusterDefaultDeny: boolean, allowLocalhost: AllowLocalhost) => {
    const namespace = config["platform-networking:namespace"] as string;
    const wanted = changed(config, { "cilium.clusterDefaultDeny": clusterDefaultDeny });
    const { policies, pods } = await registered(wanted);
    const world = buildWorld(declaredIn(config), { namespace, clusterDefaultDeny, allowLocalhost }, policies);
    const own = Object.entries(world.ends).filter(
      ([, { app }]) => app !== undefined && app.existing !== true,
    );
    assert.deepEqual(pods, Object.fromEntries(own.map(([name, { pod }]) => [name, pod])));
    assert.deepEqual(await differences(engine, world), []);
  };

  for (const [what, config] of [
    ["dev", stackConfig("dev")],
    ["prod", stackConfig("prod")],
    ["prod with apps of every sort", changed(stackConfig("prod"), everySort)],
  ] as const)
    for (const clusterDefaultDeny of [false, true])
      it(`lets pass in ${what} what its settings declare${clusterDefaultDeny ? ", every namespace closed" : ""}`, async () => {
        await holds(config, clusterDefaultDeny, "always");
        await holds(config, clusterDefaultDeny, "policy");
      });
});
