import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { buildDeploymentSpec, type PodArgs } from "../../../components/app/deployment";
import { findNodeFields, mergeFields } from "../../../components/app/pod-fields";
import { value } from "../../harness";

const app: PodArgs = {
  image: "ghcr.io/org/api:v1",
  port: 8080,
  meshed: false,
  resources: { cpu: "50m", memory: "128Mi" },
  env: { LOG_LEVEL: "info", MODE: "a" },
};

const podOf = async (changes: Partial<PodArgs>, owner?: string) =>
  value(pulumi.output(buildDeploymentSpec("api", { ...app, ...changes }, "api", owner).template));

describe("fields in Kubernetes' words", () => {
  it("are merged into the pod, items of lists by name", async () => {
    const { spec } = await podOf({
      container: {
        command: ["/serve"],
        env: [
          { name: "MODE", value: "b" },
          { name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
        ],
        volumeMounts: [{ name: "cache", mountPath: "/cache" }],
        securityContext: { runAsUser: 1000 },
      },
      pod: {
        containers: [{ name: "proxy", image: "nginx:1" }],
        initContainers: [{ name: "migrate", image: "ghcr.io/org/api:v1" }],
        nodeSelector: { disk: "ssd" },
        securityContext: { fsGroup: 1000 },
        volumes: [{ name: "cache", emptyDir: {} }],
      },
    });
    const [own, proxy] = spec?.containers ?? [];
    assert.deepEqual(own?.env, [
      { name: "LOG_LEVEL", value: "info" },
      { name: "MODE", value: "b" },
      { name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
    ]);
    assert.deepEqual(own.command, ["/serve"]);
    assert.deepEqual(own.securityContext, {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      runAsUser: 1000,
    });
    assert.deepEqual(proxy, { name: "proxy", image: "nginx:1" });
    assert.deepEqual(spec?.initContainers, [{ name: "migrate", image: "ghcr.io/org/api:v1" }]);
    assert.deepEqual(spec.securityContext, {
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
      fsGroup: 1000,
    });
    assert.deepEqual([spec.nodeSelector, spec.volumes], [{ disk: "ssd" }, [{ name: "cache", emptyDir: {} }]]);
  });

  it("replace a list without names, and a probe of another kind is added", () => {
    assert.deepEqual(mergeFields({ args: ["a"], env: [{ name: "A" }] }, { args: ["b"] }), {
      args: ["b"],
      env: [{ name: "A" }],
    });
  });

  it("leave a pod without them as it was", async () =>
    assert.deepEqual(await podOf({ pod: {}, container: {} }), await podOf({})));

  it("mount files beside other volumes, and roll the pods when a file changes", async () => {
    const files = { "/etc/app/config.yaml": "a: 1", "/srv/.env": "A=1" };
    const { metadata, spec } = await podOf(
      { files, pod: { volumes: [{ name: "cache", emptyDir: {} }] } },
      "owner",
    );
    assert.deepEqual(spec?.volumes, [
      { name: "files", configMap: { name: "owner-files" } },
      { name: "cache", emptyDir: {} },
    ]);
    assert.deepEqual(spec.containers[0]?.volumeMounts, [
      { name: "files", mountPath: "/etc/app/config.yaml", subPath: "etc..app..config.yaml", readOnly: true },
      { name: "files", mountPath: "/srv/.env", subPath: "srv...env", readOnly: true },
    ]);
    const changed = await podOf({ files: { ...files, "/srv/.env": "A=2" } }, "owner");
    assert.notDeepEqual(changed.metadata?.annotations, metadata?.annotations);
  });

  it("of the node are found", () => {
    assert.deepEqual(
      findNodeFields({
        pod: {
          volumes: [
            { name: "a", emptyDir: {} },
            { name: "b", hostPath: { path: "/" } },
          ],
          initContainers: [{ name: "c", securityContext: { privileged: true } }],
        },
        container: { securityContext: { privileged: true } },
      }),
      [
        "pod.volumes.1.hostPath",
        "container.securityContext.privileged",
        "pod.initContainers.0.securityContext.privileged",
      ],
    );
    assert.deepEqual(findNodeFields({ container: { securityContext: { privileged: false } } }), []);
  });
});

describe("an app without a port", () => {
  it("has neither ports nor probes", async () => {
    const { spec } = await podOf({ port: undefined });
    const [container] = spec?.containers ?? [];
    assert.deepEqual(Object.keys(container ?? {}), ["name", "image", "env", "resources", "securityContext"]);
  });

  it("with a port has no probe that is off", async () => {
    const { spec } = await podOf({ probes: { liveness: { off: true } } });
    const [container] = spec?.containers ?? [];
    assert.deepEqual([container?.livenessProbe, typeof container?.readinessProbe], [undefined, "object"]);
  });
});
