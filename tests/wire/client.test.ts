import { believesNobody, seesTheBrowser } from "./checks";

describe("an app", () => {
  it("sees the browser's address, not the edge's and not the load balancer's", seesTheBrowser);
  it("sees no address that a browser has made up", believesNobody);
});
