import fc from "fast-check";

import { routes, type Host, type Route, type RouteGround } from "./generated-routes";
import { egress, ownApp, ports, somePort } from "./generated-workload";

const names = ["api", "web", "auth-service", "grafana", "user-service"] as const;

/** Where an app's routes and its name may not be any other's. */
interface Place {
  readonly name: string;
  readonly at: number;
  readonly routes: fc.Arbitrary<readonly Route[]>;
}

/** In place of the labels of the pods of an app that is made here, until one is drawn. */
const ofAnOwnApp: Readonly<Record<string, string>> = { app: "an-own-app" };

/** An existing app over the pods of an app made here has the same `meshed`. Without such an app it is as any other. */
function overOwnPods<App extends object | undefined>(entries: readonly (readonly [string, App])[]) {
  const [owner, own] = entries.find(([, app]) => app && "image" in app) ?? [];
  return entries.map(([name, app]): readonly [string, App] => {
    if (!app || !("podLabels" in app) || app.podLabels !== ofAnOwnApp) return [name, app];
    const meshed = own && "meshed" in own ? own.meshed : undefined;
    return [name, { ...app, podLabels: { app: owner ?? name }, ...(own && { meshed }) }];
  });
}

/** A Service of another's. What stands on a Service, Traefik cannot be told there; and viz knows no users. */
function existingApp({ name, routes }: Place, { controller, hasViz }: HostGround) {
  const places = [
    {},
    { namespace: "apps", podLabels: { "app.kubernetes.io/name": name } },
    { podLabels: ofAnOwnApp },
    { namespace: "monitoring", serviceName: `${name}-main` },
    { namespace: "monitoring", podLabels: { [name]: "yes", tier: "old" }, serviceAccount: "theirs" },
    ...(hasViz ? [{ namespace: "linkerd-viz", serviceName: "web", podLabels: { component: name } }] : []),
  ];
  const given = fc.record(
    {
      place: fc.constantFrom(...places),
      port: somePort,
      servicePort: somePort,
      ports,
      meshed: fc.boolean(),
      egress,
    },
    { requiredKeys: ["place", "port"] },
  );
  return fc.tuple(given, routes).map(([{ place, ...rest }, its]) => ({
    existing: true,
    ...place,
    ...rest,
    routes: its.map((route) => ({
      ...route,
      ...(controller === "traefik" && { sticky: undefined, timeouts: undefined }),
      ...("serviceName" in place &&
        place.namespace === "linkerd-viz" &&
        !route.redirect &&
        !route.basicAuth && { basicAuth: { users: ["ann"] } }),
    })),
  }));
}

/** A name for what is elsewhere. */
const externalApp = fc
  .record({ port: somePort, protocol: fc.constantFrom("http", "tcp"), ports }, { requiredKeys: ["port"] })
  .map((given) => ({
    ...given,
    service: { type: "ExternalName", externalName: "db.example.net" },
    routes: [],
  }));

/** Any app of this name. One that answers at no host may be a name for what is elsewhere. */
const app = (
  name: string,
  at: number,
  hosts: readonly Host[],
  all: readonly string[],
  ground: HostGround,
) => {
  const place = { name, at, routes: routes(hosts, ground) };
  const calls = fc.subarray([...all]);
  return fc.oneof(
    {
      arbitrary: fc
        .tuple(ownApp(name, at, place.routes, ground.controller), calls)
        .map(([given, its]) => ({ ...given, calls: its })),
      weight: 6,
    },
    ...(ground.opensAlone
      ? [
          {
            arbitrary: fc
              .tuple(existingApp(place, ground), calls)
              .map(([given, its]) => ({ ...given, calls: its })),
            weight: 2,
          },
        ]
      : []),
    ...(hosts.length === 0 ? [{ arbitrary: externalApp, weight: 1 }] : []),
  );
};

/** Where the hosts of a config are, and who may say what of them. */
export interface HostGround extends RouteGround {
  readonly domain: string;
  readonly proxied: boolean;
  /** Whether there can be apps that exist already, and whether viz may be among them. */
  readonly opensAlone: boolean;
  readonly hasViz: boolean;
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
          ...chosen.map((name, at) =>
            app(name, at, [...of(at), ...(at === 1 ? shared.slice(0, 1) : [])], chosen, ground),
          ),
        )
        .map((each) => overOwnPods(chosen.map((name, at) => [name, each[at]] as const)));
    })
    .map((entries) => Object.fromEntries(entries));
