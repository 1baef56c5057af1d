import type { Value, Values } from "../../harness";

/** The values under a key, wherever it is. */
function found(value: Value | undefined, key: string): Value[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((each) => found(each, key));
  return Object.entries(value).flatMap(([name, each]) => [
    ...(name === key ? [each] : []),
    ...found(each, key),
  ]);
}

const record = (value: Value | undefined): Values => (value ?? {}) as Values;

const list = (value: Value | undefined): Values[] => (value ?? []) as Values[];

/** The volumes that hold nothing of the node's. */
const volumeTypes = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

/**
 * What Pod Security's level `restricted`, with all of `baseline`, has against a pod: the rules that it breaks, by name.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export function restrictedFaults(pod: Values): string[] {
  const ofPod = record(pod.securityContext);
  const containers = [...list(pod.initContainers), ...list(pod.containers), ...list(pod.ephemeralContainers)];
  const contexts = containers.map((each) => record(each.securityContext));
  const every = (rule: (context: Values) => boolean) => contexts.length > 0 && contexts.every(rule);
  const capabilities = (context: Values, which: string) =>
    (record(context.capabilities)[which] ?? []) as string[];
  const seccomp = (context: Values) => record(context.seccompProfile).type;
  const safe = (type: Value | undefined) => type === "RuntimeDefault" || type === "Localhost";
  const rules: Readonly<Record<string, boolean>> = {
    "host namespaces": ["hostNetwork", "hostPID", "hostIPC"].every((key) => pod[key] !== true),
    "host ports": found(pod.containers ?? [], "hostPort").every((each) => each === 0),
    "host of a probe": found([pod.containers ?? []], "host").every((each) => each === ""),
    "privileged container": every(({ privileged }) => privileged !== true),
    "privilege escalation": every(({ allowPrivilegeEscalation }) => allowPrivilegeEscalation === false),
    "capabilities dropped": every((each) => capabilities(each, "drop").includes("ALL")),
    "capabilities added": every((each) =>
      capabilities(each, "add").every((added) => added === "NET_BIND_SERVICE"),
    ),
    "run as non-root": every(
      ({ runAsNonRoot }) =>
        runAsNonRoot === true || (runAsNonRoot === undefined && ofPod.runAsNonRoot === true),
    ),
    "run as user": [ofPod, ...contexts].every(({ runAsUser }) => runAsUser !== 0),
    seccomp: every((each) => safe(seccomp(each) ?? seccomp(ofPod))),
    AppArmor: [ofPod, ...contexts].every(
      ({ appArmorProfile }) => record(appArmorProfile).type !== "Unconfined",
    ),
    SELinux: [ofPod, ...contexts].every(({ seLinuxOptions }) => {
      const { user, role, type } = record(seLinuxOptions);
      return user === undefined && role === undefined && (type === undefined || type === "container_t");
    }),
    "proc mount": every(({ procMount }) => procMount === undefined || procMount === "Default"),
    sysctls: ofPod.sysctls === undefined,
    volumes: list(pod.volumes).every((volume) =>
      Object.keys(volume).every((key) => key === "name" || volumeTypes.includes(key)),
    ),
  };
  return Object.entries(rules).flatMap(([rule, isKept]) => (isKept ? [] : [rule]));
}
