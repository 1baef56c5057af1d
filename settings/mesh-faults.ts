import { platformNamespaces } from "../components/namespaces";
import type { Readable } from "./cross-faults";
import type { Fault } from "./faults";

/** Faults of the mesh, and of the routes that lead to its dashboard. */
export const meshFaults = (config: Readable): Fault[] => [
  ...copiesFaults(config),
  ...prometheusFaults(config),
  ...Object.entries(config.apps).flatMap(([name, app]) => dashboardFaults(name, app, config)),
];

function copiesFaults({ mesh, cluster }: Readable): Fault[] {
  if (mesh?.ha !== true || cluster === undefined || cluster.nodes >= 3) return [];
  const on = cluster.nodes === 1 ? "one node" : `${cluster.nodes} nodes`;
  const problem = `got true on ${on}, want false, or three nodes: each of three copies needs a node of its own`;
  return [{ path: "mesh.ha", problem }];
}

function prometheusFaults({ mesh }: Readable): Fault[] {
  if (mesh?.prometheus === undefined || mesh.viz) return [];
  const problem = `got ${mesh.prometheus} without viz, which alone reads it; want mesh.viz: true or no mesh.prometheus`;
  return [{ path: "mesh.prometheus", problem }];
}

/** What is known of an app that may be viz's. */
interface Placed {
  /** Absence means with the other apps. */
  readonly namespace?: string | undefined;
  readonly routes: Readable["apps"][string]["routes"];
}

/** Viz knows no users: whoever reaches its dashboard sees every meshed pod, and may look into its requests. */
function dashboardFaults(name: string, { namespace, routes }: Placed, { mesh }: Readable): Fault[] {
  if (namespace !== platformNamespaces.linkerdViz) return [];
  const absent: Fault = {
    path: `apps.${name}.namespace`,
    problem: "got linkerd-viz, which is not there without viz; want mesh.viz: true or another namespace",
  };
  const open = routes.flatMap(({ basicAuth, allowFrom, redirect }, index): Fault[] => {
    if (basicAuth ?? allowFrom ?? redirect) return [];
    const problem = "is missing, want basicAuth or allowFrom: what is in linkerd-viz has no login of its own";
    return [{ path: `apps.${name}.routes.${index}.basicAuth`, problem }];
  });
  return [...(mesh?.viz === false ? [absent] : []), ...open];
}
