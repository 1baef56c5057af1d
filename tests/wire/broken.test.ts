import { browser } from "./network/network-addresses";
import {
  annotations,
  applyChanges,
  assertFails,
  assertFailsSoon,
  ingress,
  type Change,
} from "./expect-failure";
import {
  assertCorsForOurSite,
  assertCorsWithCookies,
  assertForwardAuth,
  assertSecondPort,
  assertTlsBackend,
  assertRewritten,
  assertWildcardHost,
  assertRequiresPassword,
  assertForgedHeadersIgnoredPastTheEdge,
  assertLimitsOneClient,
  assertReachesApi,
  assertRequiresTls13,
  assertRefusedPastTheEdge,
  assertClientAddress,
} from "./checks";
import { assertNothingLost } from "./steady-traffic";
import { environment } from "./shared-environment";
import { until } from "./wait-until";

const middlewares = "traefik.ingress.kubernetes.io/router.middlewares";
const tlsOptions = "traefik.ingress.kubernetes.io/router.tls.options";
const traefikObject = (namespace: string, kind: string, name: string) =>
  `/apis/traefik.io/v1alpha1/namespaces/${namespace}/${kind}/${name}`;

/** Changes in the cluster, and the check that must fail for each. */
const broken: Readonly<Record<string, Change & { readonly check: () => Promise<unknown> }>> = {
  "a host has no route": {
    at: ingress("shop-shop-example-com"),
    change: { spec: { ingressClassName: "nobody" } },
    check: () => assertNothingLost(1, 90),
  },
  "a middleware's name is misspelt": {
    at: ingress("admin-admin-example-com"),
    change: annotations({ [middlewares]: "production-admin-admin-example-com-basic-aut@kubernetescrd" }),
    check: () => assertRequiresPassword(environment, "admin"),
  },
  "a host has no limit": {
    at: ingress("api-gateway-api-example-com"),
    change: annotations({ [middlewares]: "production-api-gateway-api-example-com-cors@kubernetescrd" }),
    check: () => assertLimitsOneClient(environment, browser(91), browser(92)),
  },
  "an unproxied host keeps CF-Connecting-IP": {
    at: ingress("shop-direct-example-com"),
    change: annotations({ [middlewares]: null }),
    check: () => assertForgedHeadersIgnoredPastTheEdge(environment),
  },
  "every origin is allowed by CORS": {
    at: traefikObject("production", "middlewares", "api-gateway-api-example-com-cors"),
    change: { spec: { headers: { accessControlAllowOriginList: ["*"] } } },
    check: assertCorsForOurSite,
  },
  "CORS allows no cookies": {
    at: traefikObject("production", "middlewares", "shop-shop-example-com-cors"),
    change: { spec: { headers: { accessControlAllowCredentials: false } } },
    check: assertCorsWithCookies,
  },
  "a host asks no other app": {
    at: ingress("vault-vault-example-com"),
    change: annotations({ [middlewares]: null }),
    check: assertForwardAuth,
  },
  "a host leads to the first port": {
    at: ingress("vault-side-example-com"),
    change: {
      spec: {
        rules: [
          {
            host: "side.example.com",
            http: {
              paths: [
                {
                  path: "/",
                  pathType: "Prefix",
                  backend: { service: { name: "vault", port: { number: 8080 } } },
                },
              ],
            },
          },
        ],
      },
    },
    check: assertSecondPort,
  },
  "the certificate of a backend that speaks TLS is of another CA": {
    at: traefikObject("production", "serverstransports", "ledger-transport"),
    change: { spec: { rootCAs: [{ secret: "other-ca" }] } },
    check: assertTlsBackend,
  },
  "a path is not rewritten": {
    at: ingress("shop-shop-example-com-515e9918"),
    change: annotations({ [middlewares]: null }),
    check: assertRewritten,
  },
  "a wildcard host's longer path has Traefik's own priority": {
    at: ingress("shop-wildcard-tenants-example-com-a2729b0d"),
    change: annotations({ "traefik.ingress.kubernetes.io/router.priority": null }),
    check: () => assertWildcardHost(environment),
  },
  "a host has no origin lock": {
    at: ingress("web-frontend-www-example-com"),
    change: annotations({ [tlsOptions]: "traefik-open@kubernetescrd" }),
    check: () => assertRefusedPastTheEdge(environment),
  },
  "the origin lock accepts an older TLS version": {
    at: traefikObject("traefik", "tlsoptions", "default"),
    change: { spec: { minVersion: "VersionTLS12" } },
    check: () => assertRequiresTls13(environment),
  },
};

describe("the checks fail if", () => {
  describe("in the cluster", () => {
    let putBack: () => Promise<void>;
    before(async () => (putBack = await applyChanges(Object.values(broken))));
    after(async () => {
      await putBack();
      await until("the origin lock", () => assertRefusedPastTheEdge(environment).then(() => true), 20);
      // Its connections keep the TLS options that they began with.
      environment.edge.forget();
    });
    for (const [what, { check }] of Object.entries(broken)) it(what, () => assertFailsSoon(check));
  });

  it("the edge's header with the client's address is not trusted", () =>
    environment.withVariant({ values: without("forwardedHeaders") }, () => assertFails(assertClientAddress)));

  it("the load balancer sends PROXY protocol headers and Traefik does not expect them", () =>
    environment.withVariant({ values: without("proxyProtocol") }, () => assertFails(assertReachesApi)));

  it("the load balancer sends no PROXY protocol headers", () =>
    environment.withVariant({ balancer: { proxyprotocol: false } }, () => assertFails(assertClientAddress)));
});

/** The chart's values without a key of their entry points. */
const without = (key: string) => (values: Record<string, unknown>) => {
  const { ports } = values as { ports: Record<string, Record<string, unknown>> };
  for (const entryPoint of Object.values(ports)) Reflect.deleteProperty(entryPoint, key);
  return values;
};
