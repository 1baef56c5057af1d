import type { Fault } from "./faults";
import type { Balancer } from "./load-balancer-faults";
import { rangeOf } from "./schema/cluster";

/** What the cloud controller manager has no word for, and what it does instead. */
const onlyPulumi = {
  networkId: "the manager has its own network",
  labelSelector: "the manager's targets are the cluster's nodes: ccm.nodeSelector chooses among them",
  servers: "the manager's targets are the cluster's nodes",
  ips: "the manager's targets are the cluster's nodes",
  services: "its Service leads to the ingress controller alone",
  labels: "the manager sets the labels itself",
} as const;

/** Faults of a load balancer that the cloud controller manager makes. Paths are below `loadBalancer`. */
export function ccmFaults(loadBalancer: Balancer, awaitReady: boolean | undefined): Fault[] {
  const faults: Fault[] = [];
  for (const [key, why] of Object.entries(onlyPulumi)) {
    const value = loadBalancer[key as keyof typeof onlyPulumi];
    if (value !== undefined && (typeof value !== "object" || Object.keys(value).length > 0))
      faults.push({ path: key, problem: `is given with managedBy ccm, want none: ${why}` });
  }
  const { privateIp, ccm } = loadBalancer;
  if (privateIp === undefined) {
    const problem =
      "is missing with managedBy ccm, want a free address of the manager's network: " +
      "the ingress believes what comes from there, and no status tells it";
    faults.push({ path: "privateIp", problem });
  }
  const [address, subnet] = [rangeOf(`${privateIp ?? ""}/32`), rangeOf(ccm?.subnet ?? "")];
  if (address && subnet && (address.first < subnet.first || address.first > subnet.last)) {
    const problem = `got ${ccm?.subnet ?? ""}, which does not hold privateIp ${privateIp ?? ""}, want the subnet that does`;
    faults.push({ path: "ccm.subnet", problem });
  }
  if (ccm?.healthCheck?.protocol === "tcp")
    for (const key of ["path", "domain", "statusCodes", "validateCertificate"] as const)
      if (ccm.healthCheck[key] !== undefined) {
        const problem = "is given with protocol tcp, want protocol: http or https, or none";
        faults.push({ path: `ccm.healthCheck.${key}`, problem });
      }
  if (awaitReady === false) {
    const problem =
      "got ccm with awaitReady false, want awaitReady: true: the addresses are known when the Service is ready";
    faults.push({ path: "managedBy", problem });
  }
  return faults;
}
