import * as kubernetes from "@pulumi/kubernetes";

import { resolveCharts } from "../../../components/charts";
import { Mesh, type MeshArgs } from "../../../components/linkerd/mesh";
import { attempt, run } from "../../harness";
import { providers } from "../providers";

const mesh = (args: Partial<MeshArgs>) => () => {
  const opts = { providers: providers() };
  // In the program the namespace is an output of cert-manager's release.
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
export const createMesh = (args: Partial<MeshArgs> = {}) => run(mesh(args));

/** As {@link createMesh}, with the error if there is one. */
export const attemptMesh = (args: Partial<MeshArgs>) => attempt(mesh(args));
