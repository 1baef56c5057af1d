import type { ClusterReader } from "./cluster-reader";
import { findNodePortConflicts } from "./node-port-conflicts";
import { findMissingObjects, findObjectConflicts } from "./object-conflicts";
import type { PlannedChanges } from "./planned-objects";
import { findClusterWideConflicts, findReleaseConflicts } from "./release-conflicts";

/**
 * Finds everything in the cluster that conflicts with the planned changes; returns one message each. Lists each kind
 * once, metadata only, in parallel.
 *
 * @throws {Error} The API server does not answer.
 */
export async function findConflicts(cluster: ClusterReader, planned: PlannedChanges): Promise<string[]> {
  const conflicts = await Promise.all([
    findReleaseConflicts(cluster, planned),
    findObjectConflicts(cluster, planned),
    // Outside a first run, the releases in the state have their cluster-wide objects already.
    findClusterWideConflicts(cluster, planned.isFirstRun ? planned.releases : []),
    findNodePortConflicts(cluster, planned),
    findMissingObjects(cluster, planned),
  ]);
  return conflicts.flat();
}
