import { World } from "./edge/world";
import { changes } from "./apps/changes";
import { ending } from "./apps/ending";
import { firstUp } from "./apps/first-up";
import { mesh } from "./apps/mesh";
import { workloads } from "./apps/workloads";

// One stack from its first up to its end: each part goes on from where the one before it left the cluster.
describe("apps of every kind in the sandbox", () => {
  const world = new World({});
  before(() => world.begin());
  after(() => world.end());

  firstUp(world);
  mesh();
  workloads();
  changes(world);
  ending(world);
});
