import fc from "fast-check";

import type { GraphApp } from "../../components/network-policy/call-graph";

/** Ports of apps, some of which DNS, the control plane or the web use too. */
const somePort = fc.constantFrom(8080, 3000, 9090, 5432, 53, 443, 8086);

const egress: fc.Arbitrary<NonNullable<GraphApp["egress"]>> = fc.array(
  fc.oneof(
    fc.record({
      host: fc.constantFrom("api.example.org", "*.example.org"),
      ports: fc.constant([443]),
      protocol: fc.constant("TCP" as const),
    }),
    fc.record({
      cidr: fc.constantFrom("203.0.113.0/24", "2001:db8::/32"),
      ports: fc.constant([5432, 8080]),
      protocol: fc.constantFrom("TCP" as const, "UDP" as const),
    }),
  ),
  { maxLength: 2 },
);

type Half = Omit<GraphApp, "name" | "meshed" | "calls">;

const further = fc.oneof(
  somePort,
  fc.record({ port: somePort, protocol: fc.constantFrom("grpc" as const, "tcp" as const, "udp" as const) }),
);

const common = {
  port: somePort,
  protocol: fc.constantFrom(undefined, undefined, "udp" as const),
  ports: fc.option(fc.dictionary(fc.constantFrom("metrics", "rpc", "admin"), further, { minKeys: 1 }), {
    nil: undefined,
  }),
  routes: fc.constantFrom([], [], [{}]),
};

/** Lets routes lead to the first further port if it is one of TCP. */
const withRoutedPort = <App extends Half>(app: App): App => {
  const [name, port] = Object.entries(app.ports ?? {})[0] ?? [];
  const isTcp = typeof port === "number" || (port !== undefined && port.protocol !== "udp");
  if (isTcp) return { ...app, routes: app.routes.map(() => ({ port: name })) };
  return app.protocol === "udp" ? { ...app, routes: [] } : app;
};

/** An app that we deploy: most of the apps. */
const own: fc.Arbitrary<Half> = fc
  .record({
    ...common,
    canary: fc.constantFrom(undefined, undefined, { weight: 10 }),
    exposed: fc.constantFrom(false, false, false, true),
    egress,
  })
  .map(withRoutedPort);

/** An existing app, in the namespace of the apps or in another. */
const existing = (name: string): fc.Arbitrary<Half> =>
  fc
    .record({
      ...common,
      existing: fc.constant(true),
      namespace: fc.constantFrom(undefined, "monitoring", "legacy"),
      podLabels: fc.constantFrom(undefined, { "app.kubernetes.io/name": name, tier: "old" }),
      egress,
    })
    .map(withRoutedPort);

/** An external app. */
const external: fc.Arbitrary<Half> = fc.record({
  port: somePort,
  routes: fc.constant([]),
  external: fc.constant("db.example.net"),
});

/**
 * Graphs of up to `most` apps of all kinds, with cycles and self-calls; all, none or some of them meshed.
 */
export const graphs = (most: number): fc.Arbitrary<GraphApp[]> =>
  fc
    .tuple(fc.integer({ min: 1, max: most }), fc.constantFrom("all", "none", "some"))
    .chain(([size, mesh]) => {
      const names = Array.from({ length: size }, (_, index) => (index === 0 ? "traefik" : `app-${index}`));
      const meshed = mesh === "some" ? fc.boolean() : fc.constant(mesh === "all");
      const each = names.map((name) =>
        fc
          .tuple(
            fc.oneof(
              { weight: 8, arbitrary: own },
              { weight: 2, arbitrary: existing(name) },
              { weight: 1, arbitrary: external },
            ),
            meshed,
            fc.oneof(fc.subarray(names, { maxLength: Math.min(4, size) }), fc.subarray(names)),
          )
          .map(([half, isMeshed, calls]) => ({
            ...half,
            name,
            meshed: isMeshed,
            calls: half.external === undefined ? calls : [],
          })),
      );
      return fc.tuple(...each);
    });
