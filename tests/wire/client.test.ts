import { believesNobody, believesNobodyPastTheEdge, seesTheBrowser } from "./checks";
import { world } from "./the-world";

describe("an app", () => {
  it("sees the browser's address, not the edge's and not the load balancer's", seesTheBrowser);
  it("sees no address that a browser has made up", believesNobody);
  it("sees none at a name that leads past the edge", () => believesNobodyPastTheEdge(world));
});
