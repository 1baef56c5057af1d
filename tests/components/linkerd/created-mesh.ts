import * as kubernetes from "@pulumi/kubernetes";

import { resolveCharts } from "../../../components/charts";
import { Mesh, type MeshArgs } from "../../../components/linkerd/mesh";
import { attempt, run } from "../../harness";
import { providers } from "../providers";

const mesh = (args: Partial<MeshArgs>) => () => {
  const opts = { providers: providers() };
  // In the program the namespace is known when cert-manager's release is there; here something stands for it.
  const certManager = new kubernetes.core.v1.Namespace(
    "cert-manager",
    { metadata: { name: "cert-manager" } },
    { provider: opts.providers[2] },
  );
  return new Mesh(
    "mesh",
    {
      charts: resolveCharts(),
      certManagerNamespace: certManager.metadata.name,
      nodes: 1,
      trustDomain: "mesh.example.com",
      ...args,
    },
    opts,
  );
};

/** A Mesh on one node. */
export const made = (args: Partial<MeshArgs> = {}) => run(mesh(args));

/** As {@link made}, where it may be refused. */
export const tried = (args: Partial<MeshArgs>) => attempt(mesh(args));
