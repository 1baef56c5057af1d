import * as assert from "node:assert/strict";

import fc from "fast-check";

import { buildDeploymentSpec, type PodArgs } from "../../../components/app/deployment";
import type { Values } from "../../harness";
import { restrictedFaults } from "./pod-security";

const number = fc.integer({ min: 1, max: 65535 });

const probe = fc.record(
  {
    path: fc.constantFrom("/", "/health"),
    tcp: fc.constant(true as const),
    port: fc.constantFrom("metrics", 9090),
    periodSeconds: fc.integer({ min: 1, max: 60 }),
  },
  { requiredKeys: [] },
);

/** Any pods that settings can ask for. */
const pods: fc.Arbitrary<PodArgs> = fc.record(
  {
    image: fc.constant("ghcr.io/org/api:v1.0.0"),
    port: number,
    protocol: fc.constantFrom("http", "grpc", "tcp"),
    ports: fc.constantFrom<Record<string, number>>({}, { metrics: 9090 }),
    meshed: fc.boolean(),
    resources: fc.constant({ cpu: "100m", memory: "128Mi" }),
    env: fc.constantFrom<Record<string, string>>({}, { LOG_LEVEL: "info" }),
    secrets: fc.constantFrom<NonNullable<PodArgs["secrets"]>>({}, { TOKEN: { secret: "api", key: "token" } }),
    healthPath: fc.constant("/health"),
    probes: fc.record({ startup: probe, readiness: probe, liveness: probe }, { requiredKeys: [] }),
    drainSeconds: fc.integer({ min: 1, max: 600 }),
  },
  { requiredKeys: ["image", "port", "meshed", "resources", "env"] },
);

const podOf = (args: PodArgs): Values => {
  const written = JSON.stringify(buildDeploymentSpec("api", args, "api"));
  return (JSON.parse(written) as { template: { spec: Values } }).template.spec;
};

const plain: PodArgs = {
  image: "ghcr.io/org/api:v1.0.0",
  port: 8080,
  meshed: false,
  resources: { cpu: "100m", memory: "128Mi" },
  env: {},
};

/** What breaks each rule: a change of the pod, or of its container. */
const broken: [rule: string, pod: Values, container?: Values][] = [
  ["host namespaces", { hostNetwork: true }],
  ["host namespaces", { hostPID: true }],
  ["host namespaces", { hostIPC: true }],
  ["host ports", {}, { ports: [{ containerPort: 8080, hostPort: 8080 }] }],
  ["host of a probe", {}, { livenessProbe: { httpGet: { path: "/", port: 80, host: "10.0.0.1" } } }],
  ["host of a probe", {}, { lifecycle: { preStop: { httpGet: { path: "/", port: 80, host: "10.0.0.1" } } } }],
  ["volumes", { volumes: [{ name: "host", hostPath: { path: "/" } }] }],
  [
    "sysctls",
    { securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" }, sysctls: [] } },
  ],
  ["run as non-root", { securityContext: { seccompProfile: { type: "RuntimeDefault" } } }],
  ["seccomp", { securityContext: { runAsNonRoot: true } }],
];

/** As above, in the security context of the container. */
const brokenContexts: [rule: string, context: Values][] = [
  ["privileged container", { privileged: true }],
  ["privilege escalation", { allowPrivilegeEscalation: true }],
  ["capabilities dropped", { capabilities: { drop: ["NET_RAW"] } }],
  ["capabilities added", { capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] } }],
  ["run as non-root", { runAsNonRoot: false }],
  ["run as user", { runAsUser: 0 }],
  ["seccomp", { seccompProfile: { type: "Unconfined" } }],
  ["AppArmor", { appArmorProfile: { type: "Unconfined" } }],
  ["SELinux", { seLinuxOptions: { user: "root" } }],
  ["proc mount", { procMount: "Unmasked" }],
];

describe("the pods of an app", () => {
  it("meet Pod Security restricted, whatever the settings", () =>
    fc.assert(fc.property(pods, (args) => assert.deepEqual(restrictedFaults(podOf(args)), []))));

  for (const [rule, pod, container = {}] of [
    ...broken,
    ...brokenContexts.map(
      ([rule, context]) =>
        [
          rule,
          {},
          {
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] }, ...context },
          },
        ] as [string, Values, Values],
    ),
  ])
    it(`would not meet it: ${rule}, with ${JSON.stringify({ ...pod, ...container })}`, () => {
      const [only] = podOf(plain).containers as [Values];
      const changed = { ...podOf(plain), ...pod, containers: [{ ...only, ...container }] };
      assert.deepEqual(restrictedFaults(changed), [rule]);
    });
});
