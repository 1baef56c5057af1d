import { call, request, type Access } from "./access";

/** Faults of objects in the cluster: `Kind.name` to `late:<seconds>`, `stuck`, `fail` or `flap`. */
export type Faults = Readonly<Record<string, string>>;

const collection = "/api/v1/namespaces/kube-system/configmaps";
const name = "sandbox-faults";

/** Replaces the faults of the cluster; its controllers follow at once. */
export async function setFaults(access: Access, faults: Faults): Promise<void> {
  const { status } = await request(access, `${collection}/${name}`);
  if (status === 404 && Object.keys(faults).length === 0) return;
  const body = JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: faults });
  // A server-side apply removes the faults that are no longer given.
  await call(access, `${collection}/${name}?fieldManager=sandbox&force=true`, {
    method: "PATCH",
    type: "application/apply-patch+yaml",
    body,
  });
}
