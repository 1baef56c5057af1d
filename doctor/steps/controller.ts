import { ingressPods } from "../../components/ingress/controllers";
import type { Context } from "../context";
import { kinds, type ObjectOf } from "../kinds";

/** The pods of the ingress controllers that are installed. */
export async function findControllerPods({
  cluster,
}: Pick<Context, "cluster">): Promise<readonly ObjectOf<typeof kinds.pod>[]> {
  const pods = await Promise.all(
    ingressPods.map(async ({ namespace, app }) =>
      (await cluster.list(kinds.pod, namespace)).filter(
        ({ metadata }) => metadata.labels["app.kubernetes.io/name"] === app,
      ),
    ),
  );
  return pods.flat();
}
