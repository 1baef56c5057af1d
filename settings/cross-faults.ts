import { appFaults } from "./app-faults";
import { certificateFaults } from "./certificate-faults";
import { ciliumFaults } from "./cilium-faults";
import { clusterFaults } from "./cluster-faults";
import { dnsFaults } from "./dns-faults";
import { edgeFaults } from "./edge-faults";
import { egressFaults } from "./egress-faults";
import { externalDnsFaults } from "./external-dns-faults";
import type { Fault } from "./faults";
import { ingressFaults } from "./ingress-faults";
import { meshFaults } from "./mesh-faults";
import { ownerFaults } from "./owner-faults";
import { proxiedFaults } from "./proxied-faults";
import { routeFaults } from "./route-faults";
import type { Config } from "./schema";
import { trafficFaults } from "./traffic-faults";
import { wafFaults } from "./waf-faults";
import type { ReadableApp } from "./whole-apps";
import { workloadFaults } from "./workload-faults";

/**
 * What could be read, even where another part could not: so that all faults are told at once. A key that could not be
 * read is missing; one that was not said is there, undefined.
 */
export type Readable = Partial<Omit<Config, "apps">> & {
  /** All apps; what could not be read of one is empty. */
  readonly apps: Readonly<Record<string, ReadableApp>>;
  /** Whether all of it could be read. If not, what seems to be missing may stand in the other part. */
  readonly isWhole: boolean;
};

/** Faults between settings that are each right in themselves. */
export const crossFaults = (config: Readable): Fault[] =>
  [
    clusterFaults,
    ciliumFaults,
    meshFaults,
    ingressFaults,
    dnsFaults,
    certificateFaults,
    workloadFaults,
    trafficFaults,
    appFaults,
    egressFaults,
    routeFaults,
    externalDnsFaults,
    ownerFaults,
    edgeFaults,
    proxiedFaults,
    wafFaults,
  ].flatMap((faults) => faults(config));
