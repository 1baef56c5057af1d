import * as fs from "node:fs";
import * as path from "node:path";

import { parse, stringify } from "yaml";

import type { ControllerName } from "../../components/ingress/controllers";
import { root } from "../../sandbox/paths";

type Config = Record<string, unknown>;

const own = (key: string): string => `platform-networking:${key}`;

/** How a connection is kept and a node is checked: as short as the settings allow, since a test waits for the end of each. */
const timing = {
  keepAliveSeconds: 10,
  healthCheck: { intervalSeconds: 3, timeoutSeconds: 1, retries: 2 },
} as const;

/** Seconds after which the load balancer sends nothing more to a node that is gone. */
export const unhealthySeconds = (() => {
  const { intervalSeconds, timeoutSeconds, retries } = timing.healthCheck;
  return intervalSeconds * retries + timeoutSeconds + 1;
})();

/** Of 100, how many requests the second version of `shop` is to get where the controller can split them. */
export const canaryWeight = 20;

/** Unproxied names, which resolve to the load balancer. */
const direct = { type: "A", name: "direct", proxied: false } as const;
const stream = { type: "A", name: "stream", proxied: false } as const;
const tenants = { type: "A", name: "*.tenants", proxied: false } as const;

/** An app outside of the mesh, whose requests a Gateway can split. */
const shop = (controller: ControllerName) => ({
  image: "ghcr.io/org/shop:v1.0.0",
  port: 8080,
  meshed: false,
  routes: [
    {
      host: "shop.example.com",
      cors: { origins: ["https://*.example.com"], credentials: true, exposeHeaders: ["X-Total"] },
      ...(controller !== "nginx" && { paths: [{ path: "/" }, { path: "/old/api", rewrite: "/v2" }] }),
    },
    { host: "direct.example.com" },
    // A Gateway supports no certificate of its own, and with nginx none is issued.
    ...(controller === "traefik"
      ? [
          {
            host: "*.tenants.example.com",
            certificate: "own",
            paths: [{ path: "/" }, { path: "/reports" }],
          },
        ]
      : []),
  ],
  ...(controller === "gateway" && { canary: { image: "ghcr.io/org/shop:v2.0.0", weight: canaryWeight } }),
});

/** An app whose host the wildcard of `shop` includes. */
const desk = {
  image: "ghcr.io/org/desk:v1.0.0",
  port: 8080,
  routes: [{ host: "desk.tenants.example.com", certificate: "own" }],
} as const;

/** An app behind the login of another, and with a second port at a host of its own. */
const vault = {
  image: "ghcr.io/org/vault:v1.0.0",
  port: 8080,
  ports: { side: 9001 },
  routes: [
    {
      host: "vault.example.com",
      forwardAuth: { app: "sessions", path: "/verify", responseHeaders: ["X-User"] },
    },
    // No forward authentication sets the header here: that of a client is removed.
    { host: "side.example.com", port: "side", headers: { request: { remove: ["X-User"] } } },
  ],
} as const;

/** An app that speaks TLS, with a certificate of the CA in that Secret: see `Backends`. */
const ledger = {
  image: "ghcr.io/org/ledger:v1.0.0",
  port: 8443,
  tls: { serverName: "ledger.production.svc", caSecret: "backends-ca" },
  routes: [{ host: "ledger.example.com" }],
} as const;

/** The app that is asked: see `serveBackend`. */
const sessions = { image: "ghcr.io/org/sessions:v1.0.0", port: 8080 } as const;

/** An app with protocol grpc. */
const streaming = {
  image: "ghcr.io/org/stream:v1.0.0",
  port: 50051,
  protocol: "grpc",
  routes: [{ host: "stream.example.com" }],
} as const;

/**
 * The settings of prod with this controller, but for what a test cannot wait for, the CA at hand, two apps of its own and
 * names for external-dns. The CA is one that everybody trusts, as far as the program knows: the edge verifies what it
 * issues.
 *
 * @param server of the CA, its ACME directory.
 */
export function wireSettings(server: string, controller: ControllerName): string {
  const file = parse(fs.readFileSync(path.join(root, "Pulumi.prod.yaml"), "utf8")) as { config: Config };
  const section = (key: string) => file.config[own(key)] as Config | undefined;
  const { keepAliveSeconds, healthCheck } = timing;
  const { records = [], ...dns } = section("dns") as { readonly records?: readonly object[] };
  // Let's Encrypt is out of reach: with nginx the certificate never comes, and so it goes at once. One that goes while it
  // is being issued would hold up the next `up` for as long as cert-manager waits for DNS.
  const isIssued = controller !== "nginx";
  return stringify({
    config: {
      ...file.config,
      ...(isIssued && {
        [own("certificates")]: { email: "admin@example.com", issuer: "acme", acme: { server } },
      }),
      [own("dns")]: {
        ...dns,
        records: [...records, direct, stream, ...(controller === "traefik" ? [tenants] : [])],
        ...(isIssued && { caa: ["pebble.example.net"] }),
      },
      [own("ingress")]: { controller, keepAliveSeconds },
      [own("loadBalancer")]: { ...section("loadBalancer"), healthCheck },
      // Traefik cannot ask for a client certificate on a Gateway, and nginx knows no list of edges.
      ...(controller !== "traefik" && {
        [own("originLock")]: { clientCertificate: controller === "nginx" },
      }),
      // The controllers are processes of the test: no pod becomes ready in the cluster.
      [own("awaitReady")]: false,
      [own("externalDns")]: { domains: ["apps.example.com"], policy: "upsert-only", ownerId: "wire" },
      [own("apps")]: {
        ...section("apps"),
        shop: shop(controller),
        stream: streaming,
        sessions,
        // Their pods are served at the first address of their Service, so that it stays.
        ...(controller === "traefik"
          ? { desk, vault, ledger }
          : {
              desk: { ...desk, routes: [] },
              vault: { ...vault, routes: [] },
              ledger: { ...ledger, routes: [] },
            }),
      },
    },
  });
}
