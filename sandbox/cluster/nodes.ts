import { z } from "zod";

import { call, type Access } from "./access";

/** A node of a cluster: a server at Hetzner. */
export interface ClusterNode {
  /** Hetzner's id of the server. */
  readonly id: number;
  readonly name: string;
}

const path = "/api/v1/nodes";
const list = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });

/** The k3s arguments of a server that is set up as docs/getting-started.md asks for. */
const serverArgs = [
  "server",
  "--flannel-backend",
  "none",
  "--disable-network-policy",
  "--disable-kube-proxy",
  "--disable",
  "traefik",
  "--disable",
  "servicelb",
  "--disable-cloud-controller",
  "--secrets-encryption",
];

/** Registers these nodes as their kubelets would, and deletes others. */
export async function ensureNodes(access: Access, wanted: readonly ClusterNode[]): Promise<void> {
  const { items } = list.parse(JSON.parse((await call(access, path)).body));
  const there = items.map(({ metadata }) => metadata.name);
  const names = wanted.map(({ name }) => name);
  await Promise.all([
    ...there
      .filter((name) => !names.includes(name))
      .map((name) => call(access, `${path}/${name}`, { method: "DELETE" })),
    ...wanted
      .map((node, index) => ({ node, index }))
      .filter(({ node }) => !there.includes(node.name))
      .map(({ node, index }) =>
        call(access, `${path}?fieldManager=kubelet`, {
          method: "POST",
          body: JSON.stringify(object(node, index)),
        }),
      ),
  ]);
}

/** Those of Hetzner's ccx43. */
const resources = { cpu: "16", memory: "64Gi", pods: "250" } as const;

/** The first one runs the API server. */
function object({ id, name }: ClusterNode, index: number): object {
  const podCIDR = `10.42.${index}.0/24`;
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        // A k3s agent has no argument that tells its CNI.
        "sandbox/cni": "cilium",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        ...(index === 0 && { "node-role.kubernetes.io/control-plane": "true" }),
      },
      annotations: { "k3s.io/node-args": JSON.stringify(index === 0 ? serverArgs : ["agent"]) },
    },
    spec: { podCIDR, podCIDRs: [podCIDR], providerID: `hcloud://${id}` },
    status: {
      capacity: resources,
      allocatable: resources,
      nodeInfo: {
        architecture: "amd64",
        bootID: "",
        containerRuntimeVersion: "containerd://2.1.4-k3s1",
        kernelVersion: "6.8.0-45-generic",
        kubeProxyVersion: "",
        kubeletVersion: "v1.35.0+k3s1",
        machineID: "",
        operatingSystem: "linux",
        osImage: "Ubuntu 24.04 LTS",
        systemUUID: "",
      },
    },
  };
}
