import { checkK3s } from "../../components/cilium/k3s-components";
import { readClusterInfo } from "../../components/cilium/cluster-info";
import type { Check } from "../diagnose";
import { countOf, observe, type Finding } from "../finding";
import { isTrue, kinds } from "../kinds";
import { checkWorkload } from "./pods";

/** Checks the nodes, k3s' flags, the API server's extensions, Cilium and CoreDNS. */
export const checkCluster: Check = async (context) => {
  const { cluster, readCluster, declared } = context;
  const [nodes, apiServices, info] = await Promise.all([
    cluster.list(kinds.node),
    cluster.list(kinds.apiService),
    readClusterInfo(readCluster),
  ]);
  const findings: Finding[] = [];
  for (const { metadata, spec, status } of nodes) {
    const object = `Node ${metadata.name}`;
    if (!isTrue(status.conditions, "Ready")) {
      const { reason = "", message = "" } = status.conditions.find(({ type }) => type === "Ready") ?? {};
      findings.push({
        code: "cluster/node-not-ready",
        object,
        problem: `is not ready: ${[reason, message].filter(Boolean).join(": ")}`,
        fix: `on the node: journalctl -u k3s -u k3s-agent --since -1h`,
      });
    }
    if (spec.unschedulable)
      findings.push({
        code: "cluster/node-cordoned",
        object,
        problem: "is cordoned: no new pod starts on it",
        fix: `kubectl uncordon ${metadata.name}`,
      });
  }
  const k3s = checkK3s(info);
  if (k3s.length > 0)
    findings.push({
      code: "cluster/k3s-flag",
      object: "k3s",
      problem: `does what Cilium does. ${k3s.join(" ")}`,
      fix: "on each server, change the flags in /etc/rancher/k3s/config.yaml (docs/cilium.md), then: systemctl restart k3s",
    });
  for (const { metadata, status } of apiServices)
    if (!isTrue(status.conditions, "Available")) {
      const { message = "" } = status.conditions.find(({ type }) => type === "Available") ?? {};
      findings.push({
        code: "cluster/api-service",
        object: `APIService ${metadata.name}`,
        problem: `is not available: ${message}. While it is not, no namespace can be deleted. Restore its server, or remove it`,
        fix: `kubectl delete apiservice ${metadata.name}`,
      });
    }
  const workloads = declared.filter(
    ({ step, kind, namespace }) =>
      step === "cluster" && /^(Deployment|DaemonSet)$/.test(kind) && namespace !== undefined,
  );
  const coreDns = { apiVersion: "apps/v1", kind: "Deployment", name: "coredns", namespace: "kube-system" };
  const pods = await observe([...workloads, coreDns].map((each) => checkWorkload(context, each)));
  return { seen: [countOf(nodes.length, "node")], findings: [...findings, ...pods.findings] };
};
