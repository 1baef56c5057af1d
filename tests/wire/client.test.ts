import {
  assertForgedHeadersIgnored,
  assertForgedHeadersIgnoredPastTheEdge,
  assertForgedHeadersOfAWorkerIgnored,
  assertClientAddress,
} from "./checks";
import { environment } from "./shared-environment";

describe("an app", () => {
  it("sees the browser's address, not the edge's and not the load balancer's", assertClientAddress);
  it("sees no address that a browser has forged", assertForgedHeadersIgnored);
  it("sees no forged address on an unproxied host", () => assertForgedHeadersIgnoredPastTheEdge(environment));
  it("sees no forged address on an unproxied host from Cloudflare's addresses", () =>
    assertForgedHeadersOfAWorkerIgnored(environment));
});
