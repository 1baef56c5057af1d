import { browser } from "./network/network-addresses";
import { annotations, changed, fails, failsSoon, ingress, type Change } from "./broken";
import {
  allowsOnlyOurSite,
  asksForThePassword,
  believesNobodyPastTheEdge,
  limitsOne,
  reachesApi,
  refusesOldTls,
  refusesOthers,
  seesTheBrowser,
} from "./checks";
import { losesNothing } from "./steady";
import { world } from "./the-world";

const middlewares = "traefik.ingress.kubernetes.io/router.middlewares";
const tlsOptions = "traefik.ingress.kubernetes.io/router.tls.options";
const traefikObject = (namespace: string, kind: string, name: string) =>
  `/apis/traefik.io/v1alpha1/namespaces/${namespace}/${kind}/${name}`;

/** What is changed in the cluster, all at once, and the check that must notice. */
const broken: Readonly<Record<string, Change & { readonly check: () => Promise<unknown> }>> = {
  "a host has no rule": {
    at: ingress("shop-shop-example-com"),
    change: { spec: { ingressClassName: "nobody" } },
    check: () => losesNothing(1, 90),
  },
  "a middleware's name is misspelt": {
    at: ingress("admin-admin-example-com"),
    change: annotations({ [middlewares]: "production-admin-admin-example-com-basic-aut@kubernetescrd" }),
    check: () => asksForThePassword(world, "admin"),
  },
  "a host has no limit": {
    at: ingress("api-gateway-api-example-com"),
    change: annotations({ [middlewares]: "production-api-gateway-api-example-com-cors@kubernetescrd" }),
    check: () => limitsOne(world, browser(91), browser(92)),
  },
  "a name past the edge keeps the edge's word": {
    at: ingress("shop-direct-example-com"),
    change: annotations({ [middlewares]: null }),
    check: () => believesNobodyPastTheEdge(world),
  },
  "every site may call": {
    at: traefikObject("production", "middlewares", "api-gateway-api-example-com-cors"),
    change: { spec: { headers: { accessControlAllowOriginList: ["*"] } } },
    check: allowsOnlyOurSite,
  },
  "a host has no lock": {
    at: ingress("web-frontend-www-example-com"),
    change: annotations({ [tlsOptions]: null }),
    check: () => refusesOthers(world),
  },
  "the lock takes an older TLS": {
    at: traefikObject("traefik", "tlsoptions", "origin-lock"),
    change: { spec: { minVersion: "VersionTLS10" } },
    check: () => refusesOldTls(world),
  },
};

describe("a path that is broken on purpose is noticed where", () => {
  describe("in the cluster", () => {
    let putBack: () => Promise<void>;
    before(async () => (putBack = await changed(Object.values(broken))));
    after(() => putBack());
    for (const [what, { check }] of Object.entries(broken)) it(what, () => failsSoon(check));
  });

  it("the edge is not trusted to say who asks", () =>
    world.twin({ values: without("forwardedHeaders") }, () => fails(seesTheBrowser)));

  it("the load balancer greets and Traefik does not listen for it", () =>
    world.twin({ values: without("proxyProtocol") }, () => fails(reachesApi)));

  it("the load balancer does not greet", () =>
    world.twin({ balancer: { proxyprotocol: false } }, () => fails(seesTheBrowser)));
});

/** The chart's values without a key of their entry points. */
const without = (key: string) => (values: Record<string, unknown>) => {
  const { ports } = values as { ports: Record<string, Record<string, unknown>> };
  for (const entryPoint of Object.values(ports)) Reflect.deleteProperty(entryPoint, key);
  return values;
};
