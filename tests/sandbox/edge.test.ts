import { ending } from "./edge/ending";
import { firstUp } from "./edge/first-up";
import { moves } from "./edge/moves";
import { records } from "./edge/records";
import { everything } from "./edge/settings";
import { World } from "./edge/world";

// One stack from its first up to its end: each part goes on from where the one before it left the zone.
describe("the edge in the sandbox", () => {
  const world = new World(everything);
  before(() => world.begin());
  after(() => world.end());

  firstUp(world);
  moves(world);
  records(world);
  ending(world);
});
