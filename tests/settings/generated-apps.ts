import fc from "fast-check";

import { routes, type Host, type RouteGround } from "./generated-routes";

const names = ["api", "web", "auth-service", "grafana", "user-service"] as const;

/** What of an app is about its pods and nothing else. */
const pods = {
  image: fc.constant("ghcr.io/org/app:v1.0.0"),
  // Between these are the ports of the mesh's proxy.
  port: fc.integer({ min: 1, max: 65535 }).filter((port) => port < 4140 || port > 4191),
  servicePort: fc.integer({ min: 1, max: 65535 }),
  replicas: fc.integer({ min: 0, max: 5 }),
  meshed: fc.boolean(),
  healthPath: fc.constant("/health"),
  resources: fc.record({ cpu: fc.constant("250m"), memory: fc.constant("1Gi") }, { requiredKeys: [] }),
  env: fc.constant({ LOG_LEVEL: "info" }),
};

const app = (hosts: readonly Host[], all: readonly string[], ground: RouteGround) =>
  fc
    .tuple(
      fc.record({ ...pods, calls: fc.subarray([...all]) }, { requiredKeys: ["image", "port", "calls"] }),
      routes(hosts, ground),
    )
    .map(([each, its]) => ({ ...each, routes: its }));

/** Where the hosts of a config are, and who may say what of them. */
export interface HostGround extends RouteGround {
  readonly domain: string;
  readonly proxied: boolean;
  /** Whether external-dns may make the record of this host. */
  readonly isShared: (host: string) => boolean;
  /** Whether the CA may issue for this host alone. */
  readonly mayIssue: (host: string) => boolean;
}

const hosts = ({ domain, proxied, controller, isShared, mayIssue }: HostGround): fc.Arbitrary<Host[]> => {
  const labels = ["a", "b-c", "www"].map((label) => `${label}.${domain}`);
  // The wildcard certificate does not cover it, nor Cloudflare's own.
  const deep = `x.a.${domain}`;
  const hasDeep = controller !== "gateway" && !proxied && mayIssue(deep);
  const all = [domain, ...labels, ...(hasDeep ? [deep] : [])];
  const some = fc.oneof(
    { arbitrary: fc.shuffledSubarray(all, { minLength: 2 }), weight: 7 },
    fc.shuffledSubarray(all, { maxLength: 1 }),
  );
  return some.chain((chosen) =>
    fc.tuple(
      ...chosen.map((host) =>
        fc
          .constantFrom("pulumi" as const, ...(isShared(host) ? ["external-dns" as const] : []))
          .map((dns): Host => {
            const may = controller !== "gateway" && mayIssue(host);
            const certificates = host === deep ? [] : [undefined, "wildcard" as const];
            return { host, dns, certificates: [...certificates, ...(may ? ["own" as const] : [])] };
          }),
      ),
    ),
  );
};

/** Apps of which each has hosts of its own, of which two may share one, and which call any of each other. */
export const apps = (ground: HostGround) =>
  fc
    .tuple(fc.shuffledSubarray([...names], { minLength: 1 }), hosts(ground), fc.boolean())
    .chain(([chosen, all, shares]) => {
      const of = (at: number) => all.filter((_, index) => index % chosen.length === at);
      const shared = shares && chosen.length > 1 ? of(0).map((host) => ({ ...host, path: "/shared" })) : [];
      return fc
        .tuple(
          ...chosen.map((_, at) => app([...of(at), ...(at === 1 ? shared.slice(0, 1) : [])], chosen, ground)),
        )
        .map((each) => chosen.map((name, at) => [name, each[at]] as const));
    })
    .map((entries) => Object.fromEntries(entries));
