import { appNamespaceLabel, podSecurityLabel } from "../namespaces";
import { celList, type AdmissionPolicy } from "./admission-policy";

/** The capabilities that a container may add at the level `baseline`. */
const baselineCapabilities = [
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
];

/**
 * The policy of pods in the apps' namespaces: no pod gets the node's file system, devices, processes or network. It is
 * what the Pod Security level `baseline` keeps from the node, which cannot be enforced itself: Linkerd's init container adds
 * capabilities, to set up the iptables of its pod. A namespace with the level `privileged` is exempt, and one with a
 * stricter level needs it no more.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
 */
export const podPolicy: AdmissionPolicy = {
  name: "platform-pods",
  namespaceSelector: {
    matchExpressions: [
      { key: appNamespaceLabel, operator: "Exists" },
      { key: podSecurityLabel("enforce"), operator: "NotIn", values: ["privileged"] },
    ],
  },
  spec: {
    failurePolicy: "Fail",
    matchConstraints: {
      resourceRules: [
        { apiGroups: [""], apiVersions: ["v1"], resources: ["pods"], operations: ["CREATE"] },
        {
          apiGroups: [""],
          apiVersions: ["v1"],
          resources: ["pods/ephemeralcontainers"],
          operations: ["UPDATE"],
        },
      ],
    },
    variables: [
      {
        name: "containers",
        expression:
          "object.spec.containers + object.spec.?initContainers.orValue([]) + object.spec.?ephemeralContainers.orValue([]).map(each, dyn(each))",
      },
    ],
    validations: [
      {
        expression:
          "!object.spec.?hostNetwork.orValue(false) && !object.spec.?hostPID.orValue(false) && !object.spec.?hostIPC.orValue(false)",
        message: "spec: got hostNetwork, hostPID or hostIPC, want none of them",
      },
      {
        expression: "object.spec.?volumes.orValue([]).all(volume, !has(volume.hostPath))",
        message: "spec.volumes: got a hostPath, want a volume that is not a folder of the node",
      },
      {
        expression:
          "variables.containers.all(each, !each.?securityContext.?privileged.orValue(false) && each.?ports.orValue([]).all(port, port.?hostPort.orValue(0) == 0))",
        message: "a container: got privileged or a hostPort, want neither",
      },
      {
        expression: `variables.containers.all(each, each.?securityContext.?capabilities.?add.orValue([]).all(added, added in ${celList(baselineCapabilities)} || (each.name == "linkerd-init" && added in ["NET_ADMIN", "NET_RAW"])))`,
        message: `a container: got an added capability, want none but ${baselineCapabilities.join(", ")}`,
      },
    ].map((validation) => ({
      ...validation,
      message: `${validation.message}; pods of apps get nothing of their node`,
    })),
  },
};
