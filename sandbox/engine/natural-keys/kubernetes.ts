import { z } from "zod";

import { pathOf } from "../../cluster/kube-api";
import type { Inputs, Places } from "./finder";

const metadata = z.looseObject({ name: z.string(), namespace: z.string().optional() });

export async function object(inputs: Inputs, { kube }: Places): Promise<string | undefined> {
  const wanted = z
    .looseObject({ apiVersion: z.string(), kind: z.string(), metadata: metadata.optional() })
    .parse(inputs);
  if (wanted.metadata === undefined) return undefined;
  const path = await pathOf(kube, { ...wanted, ...wanted.metadata });
  const live = path === undefined ? undefined : await kube.get(path);
  if (live === undefined) return undefined;
  const { name, namespace } = z.looseObject({ metadata }).parse(live).metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

const records = z.looseObject({
  items: z.array(
    z.looseObject({
      metadata: z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()).optional() }),
    }),
  ),
});

/**
 * A release is what its newest record says (Helm keeps one Secret for each revision). One that Helm did not finish
 * cannot be taken up by anybody: a first installation, or what a deletion has left, is taken away; an upgrade loses its
 * unfinished record.
 */
export async function release(inputs: Inputs, places: Places): Promise<string | undefined> {
  const { name, namespace = "default" } = z
    .looseObject({ name: z.string(), namespace: z.string().optional() })
    .parse(inputs);
  const revisions = await revisionsOf(name, namespace, places);
  const newest = revisions[0];
  if (newest === undefined) return undefined;
  if (newest.status === "deployed") return `${namespace}/${name}`;
  const earlier = revisions.slice(1).some(({ status }) => status === "deployed" || status === "superseded");
  if (!earlier || newest.status === "uninstalling") {
    await places.uninstall(name, namespace);
    return undefined;
  }
  if (newest.status?.startsWith("pending-")) await places.kube.delete(newest.path);
  return `${namespace}/${name}`;
}

async function revisionsOf(name: string, namespace: string, { kube }: Places) {
  const secrets = `/api/v1/namespaces/${namespace}/secrets`;
  const selector = encodeURIComponent(`owner=helm,name=${name}`);
  const answer = await kube.get(`${secrets}?labelSelector=${selector}`);
  const { items } = records.parse(answer ?? { items: [] });
  return items
    .map((item) => ({
      path: `${secrets}/${item.metadata.name}`,
      status: item.metadata.labels?.status,
      version: Number(item.metadata.labels?.version),
    }))
    .sort((one, other) => other.version - one.version);
}
