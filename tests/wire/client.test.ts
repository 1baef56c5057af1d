import { believesNobody, reachesApi, seesTheBrowser } from "./checks";
import { fails } from "./broken";
import { world } from "./the-world";

/** The chart's values without a key of their entry points. */
const without = (key: string) => (values: Record<string, unknown>) => {
  const { ports } = values as { ports: Record<string, Record<string, unknown>> };
  for (const entryPoint of Object.values(ports)) Reflect.deleteProperty(entryPoint, key);
  return values;
};

describe("an app", () => {
  it("sees the browser's address, not the edge's and not the load balancer's", seesTheBrowser);
  it("sees no address that a browser has made up", believesNobody);

  it("would see the edge's, if that were not trusted to say it", () =>
    world.twin({ values: without("forwardedHeaders") }, () => fails(seesTheBrowser)));

  it("would see nothing, if the load balancer greeted and Traefik did not listen for it", () =>
    world.twin({ values: without("proxyProtocol") }, () => fails(reachesApi)));

  it("would see another, if the load balancer did not greet", () =>
    world.twin({ balancer: { proxyprotocol: false } }, () => fails(seesTheBrowser)));
});
