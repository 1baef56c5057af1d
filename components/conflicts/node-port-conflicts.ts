import { z } from "zod";

import { objectMetadata, stackAnnotation, type ClusterReader } from "./cluster-reader";
import { objectId, type PlannedChanges } from "./planned-objects";

const services = z.object({
  items: z.array(
    z.object({
      metadata: objectMetadata,
      spec: z.object({ ports: z.array(z.object({ nodePort: z.number().optional() })).default([]) }),
    }),
  ),
});

/** Finds node ports that a Service of another owner uses. */
export async function findNodePortConflicts(
  cluster: ClusterReader,
  { nodePorts, stack }: PlannedChanges,
): Promise<string[]> {
  if (nodePorts.length === 0) return [];
  const { items } = await cluster.read("/api/v1/services", services);
  return items.flatMap(({ metadata, spec }) => {
    const { annotations } = metadata;
    if (annotations[stackAnnotation] === stack) return [];
    const service = objectId(metadata);
    const release = `${annotations["meta.helm.sh/release-namespace"] ?? ""}/${annotations["meta.helm.sh/release-name"] ?? ""}`;
    return nodePorts
      .filter(({ port, owner }) => owner !== service && owner !== release && hasNodePort(spec, port))
      .map(
        ({ path, port }) =>
          `${path}: got ${port}, which is a node port of the Service ${service}, want another`,
      );
  });
}

const hasNodePort = (
  { ports }: { readonly ports: readonly { nodePort?: number | undefined }[] },
  port: number,
) => ports.some((each) => each.nodePort === port);
