import fc from "fast-check";

import { routes, type Host, type Route, type RouteContext } from "./generated-routes";
import { egressOfOthers, ownApp, ports, somePort, worker } from "./generated-workload";

const names = ["api", "web", "auth-service", "grafana", "user-service"] as const;

/** The labels of pods of another app, until {@link withOwnPods} chooses one. */
const labelsOfOwnApp: Readonly<Record<string, string>> = { app: "an-own-app" };

/** Lets existing apps with {@link labelsOfOwnApp} select the pods of the first app with an image, and copy its `meshed`. */
function withOwnPods<App extends object | undefined>(entries: readonly (readonly [string, App])[]) {
  const [owner, own] = entries.find(([, app]) => app && "image" in app) ?? [];
  return entries.map(([name, app]): readonly [string, App] => {
    if (!app || !("podLabels" in app) || app.podLabels !== labelsOfOwnApp) return [name, app];
    const meshed = own && "meshed" in own ? own.meshed : undefined;
    return [name, { ...app, podLabels: { app: owner ?? name }, ...(own && { meshed }) }];
  });
}

/** Removes calls to apps without a port. */
function withoutCallsToWorkers<App extends object | undefined>(
  entries: readonly (readonly [string, App])[],
): readonly (readonly [string, App])[] {
  const isServed = (callee: string) => entries.some(([name, app]) => name === callee && app && "port" in app);
  return entries.map(([name, app]) => [
    name,
    app && "calls" in app && Array.isArray(app.calls) ? { ...app, calls: app.calls.filter(isServed) } : app,
  ]);
}

/** Lets an app that speaks HTTP authenticate the requests of an app, of all its routes but redirects. */
function withForwardAuth<App extends object | undefined>(entries: readonly (readonly [string, App])[]) {
  const authenticators = entries
    .filter(
      ([, app]) => app && "port" in app && !("tls" in app) && !("service" in app && isExternal(app.service)),
    )
    .filter(
      ([, app]) => app && (!("protocol" in app) || app.protocol === undefined || app.protocol === "http"),
    )
    .map(([name]) => name);
  if (authenticators.length === 0) return fc.constant(entries);
  const forwardAuth = fc.record(
    {
      app: fc.constantFrom(...authenticators),
      path: fc.constantFrom("/oauth2/auth", "/"),
      responseHeaders: fc.constantFrom([], ["X-Auth-Request-User"]),
      signIn: fc.constantFrom("/oauth2/start", "https://auth.example.org/start"),
    },
    { requiredKeys: ["app", "path"] },
  );
  const names = entries.map(([name]) => name);
  return fc.tuple(fc.option(fc.constantFrom(...names)), forwardAuth).map(([protectedApp, auth]) =>
    entries.map(([name, app]): readonly [string, App] =>
      name === protectedApp && app && "routes" in app && Array.isArray(app.routes)
        ? [
            name,
            {
              ...app,
              routes: (app.routes as readonly Route[]).map((route) =>
                route.redirect ? route : { ...route, forwardAuth: auth },
              ),
            },
          ]
        : [name, app],
    ),
  );
}

const isExternal = (service: unknown): boolean =>
  typeof service === "object" && service !== null && "type" in service && service.type === "ExternalName";

/**
 * An existing app. Traefik reads sticky sessions and timeouts from a Service, so an existing one has none. The dashboard
 * of viz has no authentication, so its routes have basicAuth.
 */
function existingApp(name: string, appRoutes: fc.Arbitrary<readonly Route[]>, context: HostContext) {
  const identities = [
    {},
    { namespace: "apps", podLabels: { "app.kubernetes.io/name": name } },
    { podLabels: labelsOfOwnApp },
    { namespace: "monitoring", serviceName: `${name}-main` },
    { namespace: "monitoring", podLabels: { [name]: "yes", tier: "old" }, serviceAccount: "theirs" },
    ...(context.hasViz
      ? [{ namespace: "linkerd-viz", serviceName: "web", podLabels: { component: name } }]
      : []),
  ];
  const settings = fc.record(
    {
      ...{ port: somePort, servicePort: somePort, ports, meshed: fc.boolean(), egress: egressOfOthers },
      kubernetesApi: fc.constant({}),
    },
    { requiredKeys: ["port"] },
  );
  return fc.tuple(fc.constantFrom(...identities), settings, appRoutes).map(([identity, rest, all]) => ({
    existing: true,
    ...identity,
    ...rest,
    routes: all.map((route) => ({
      ...route,
      ...(context.controller === "traefik" && { sticky: undefined, timeouts: undefined }),
      ...("serviceName" in identity &&
        identity.namespace === "linkerd-viz" &&
        !route.redirect &&
        !route.basicAuth && { basicAuth: { users: ["ann"] } }),
    })),
  }));
}

/** A name for a host outside of the cluster. Where it speaks first, no app inside has its ports. */
const externalApp = fc
  .record({ port: somePort, protocol: fc.constantFrom("http", "tcp"), ports }, { requiredKeys: ["port"] })
  .map(({ ports: further, ...settings }) => ({
    ...settings,
    ...(settings.protocol === "tcp" && { port: 3308 }),
    ...(further && {
      ports: { ...further, ...("ssh" in further && { ssh: { port: 2200, protocol: "tcp" } }) },
    }),
    service: { type: "ExternalName", externalName: "db.example.net" },
    routes: [],
  }));

/** Any app of this name, which calls any of all apps. An external app has no hosts and calls none. */
const app = (
  name: string,
  index: number,
  hosts: readonly Host[],
  all: readonly string[],
  context: HostContext,
) => {
  const appRoutes = routes(hosts, context);
  const calling = <App extends object>(arbitrary: fc.Arbitrary<App>) =>
    fc.tuple(arbitrary, fc.subarray([...all])).map(([settings, calls]) => ({ ...settings, calls }));
  return fc.oneof(
    { arbitrary: calling(ownApp(name, index, appRoutes, context.controller)), weight: 6 },
    ...(context.supportsExistingApps
      ? [{ arbitrary: calling(existingApp(name, appRoutes, context)), weight: 2 }]
      : []),
    ...(hosts.length === 0
      ? [
          { arbitrary: externalApp, weight: 1 },
          { arbitrary: calling(worker), weight: 1 },
        ]
      : []),
  );
};

/** The settings on which the hosts of a config depend. */
export interface HostContext extends RouteContext {
  readonly domain: string;
  readonly proxied: boolean;
  /** Whether Cilium supports policies without default deny, which existing apps need. */
  readonly supportsExistingApps: boolean;
  readonly hasViz: boolean;
  /** Whether external-dns may create the record of a host. */
  readonly isShared: (host: string) => boolean;
  /** Whether the CA may issue a certificate for a host alone. */
  readonly canIssue: (host: string) => boolean;
}

const hosts = ({ domain, proxied, controller, isShared, canIssue }: HostContext): fc.Arbitrary<Host[]> => {
  const labels = ["aa", "b-c", "www"].map((label) => `${label}.${domain}`);
  // Neither the wildcard certificate nor Cloudflare's covers it.
  const deep = `x.a.${domain}`;
  const hasDeep = controller !== "gateway" && !proxied && canIssue(deep);
  const wildcard = `*.${domain}`;
  const all = [domain, ...labels, wildcard, ...(hasDeep ? [deep] : [])];
  const some = fc.oneof(
    { arbitrary: fc.shuffledSubarray(all, { minLength: 2 }), weight: 7 },
    fc.shuffledSubarray(all, { maxLength: 1 }),
  );
  const toHost = (host: string): fc.Arbitrary<Host> => {
    const own = controller !== "gateway" && canIssue(host) ? (["own"] as const) : [];
    const certificates = [...(host === deep ? [] : [undefined, "wildcard" as const]), ...own];
    return (
      fc
        .constantFrom(
          "pulumi" as const,
          ...(host !== wildcard && isShared(host) ? ["external-dns" as const] : []),
        )
        // Of a wildcard a Gateway supports no other path.
        .map((dns) => ({ host, dns, certificates, ...(host === wildcard && { path: "/" }) }))
    );
  };
  return some.chain((chosen) => fc.tuple(...chosen.map(toHost)));
};

/** Apps with hosts of their own, two of which may share a host, and which call each other. */
export const apps = (context: HostContext) =>
  fc
    .tuple(fc.shuffledSubarray([...names], { minLength: 1 }), hosts(context), fc.boolean())
    .chain(([chosen, all, shares]) => {
      const hostsOf = (app: number) => all.filter((_, index) => index % chosen.length === app);
      const shared =
        shares && chosen.length > 1
          ? hostsOf(0)
              .filter(({ path }) => path === undefined)
              .map((host) => ({ ...host, path: "/shared" }))
          : [];
      return fc
        .tuple(
          ...chosen.map((name, index) =>
            app(
              name,
              index,
              [...hostsOf(index), ...(index === 1 ? shared.slice(0, 1) : [])],
              chosen,
              context,
            ),
          ),
        )
        .map((each) =>
          withOwnPods(withoutCallsToWorkers(chosen.map((name, index) => [name, each[index]] as const))),
        );
    })
    .chain(withForwardAuth)
    .map((entries) => Object.fromEntries(entries));
