import type { GraphApp } from "../../../components/network-policy/call-graph";

/** An app of the mesh on port 8080, changed. */
export const graphApp = (name: string, changed: Partial<GraphApp> = {}): GraphApp => ({
  name,
  port: 8080,
  meshed: true,
  calls: [],
  routes: [],
  ...changed,
});
