import { measured } from "./speed";
import { world } from "./the-world";

describe("speed", () => {
  it("is measured beside the same client straight to the backend", async () => world.say(await measured()));
});
