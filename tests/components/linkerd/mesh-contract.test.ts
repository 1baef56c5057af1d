import * as assert from "node:assert/strict";

import { buildControlPlaneValues } from "../../../components/linkerd/linkerd-values";
import { chartDefaults } from "../../fixtures/upstream";

it("the mesh with ha sets all values of upstream's high-availability file, except for disabled components", () => {
  const [, upstream = {}] = chartDefaults("linkerd-control-plane");
  const values = buildControlPlaneValues({ trustDomain: "cluster.local", ha: true });
  // The heartbeat is disabled, and the chart's default disruption budget is one pod.
  const others = ["heartbeatResources", "controller"];
  const missing = Object.keys(upstream).filter((key) => !(key in values) && !others.includes(key));
  assert.deepEqual(missing, []);
});
