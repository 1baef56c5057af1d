import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import fc from "fast-check";

import { bundle, yamlOf } from "./components/ingress/gateway-api-bundle";
import { changed, runProgram, stackConfig, wholeEdge, type StackConfig } from "./config";
import { find, type Recorded, type Value } from "./harness";
import { addresses, assertInvariants, cloudResponses, buildExpected } from "./invariants/all";
import { id } from "./invariants/resources";
import { buildExpectedApps, type ExpectedApp } from "./invariants/expected-apps";
import { pem } from "./mocks";
import { chartsFolder, configs, configsOf, definitionsFile } from "./settings/generated";

interface App {
  readonly calls?: readonly string[];
  readonly routes?: readonly { readonly host: string; readonly dns?: string }[];
}

const appsOf = (config: StackConfig) => config["platform-networking:apps"] as Record<string, App>;

/** A counterexample is told before mocha ends the test, however much smaller it could be made. */
const patience = { interruptAfterTimeLimit: 40_000 } as const;

const runWhole = (config: StackConfig) => runProgram(config, { answers: cloudResponses });

async function holds(config: StackConfig): Promise<void> {
  const run = await runWhole(config);
  assertInvariants(run, buildExpected(config, run.result));
}

/**
 * Without what is waited for where that is all there is: the load balancer's services, the handover and the protection wait
 * for every app, whichever there are, and a Server for the proofs of its callers.
 */
const byId = (resources: readonly Recorded[]): Map<string, string> =>
  new Map(
    resources.map((each) => {
      const waits = /:(LoadBalancerServices?|Handover|Protection|Server)$/.test(each.type);
      return [id(each), JSON.stringify(waits ? { ...each, dependencies: [] } : each)];
    }),
  );

const resourcesOf = async (config: StackConfig) => byId((await runWhole(config)).resources);

const runs = new Map<StackConfig, ReturnType<typeof runWhole>>();

/** A run of which the first is kept, for what is compared with many others. */
function once(config: StackConfig) {
  const known = runs.get(config) ?? runWhole(config);
  runs.set(config, known);
  return known;
}

/** What differs between two runs, by id. */
function differing(one: Map<string, string>, other: Map<string, string>): string[] {
  const all = [...new Set([...one.keys(), ...other.keys()])];
  return all.filter((key) => one.get(key) !== other.get(key)).sort();
}

const withApps = (config: StackConfig, entries: readonly (readonly [string, App])[]): StackConfig => ({
  ...config,
  "platform-networking:apps": Object.fromEntries(entries),
});

/** Whether it is by this that the mesh lets callers in to an app. */
const letsIn = (app: string, { type, name, parent }: Recorded): boolean =>
  /:policy\.linkerd\.io\/.*:(AuthorizationPolicy|MeshTLSAuthentication|NetworkAuthentication)$/.test(type) &&
  parent.endsWith(` ${app}`) &&
  /-(callers|unmeshed)$/.test(name);

/** Without an app, nothing but that app's resources, its records and its neighbours' policies is different. */
async function standsAlone(config: StackConfig, name: string): Promise<void> {
  const entries = Object.entries(appsOf(config));
  const gone = appsOf(config)[name] ?? {};
  const rest = entries
    .filter(([each]) => each !== name)
    .map(
      ([each, app]) =>
        [each, { ...app, calls: (app.calls ?? []).filter((callee) => callee !== name) }] as const,
    );
  const whole = await once(config);
  const parts = differing(byId(whole.resources), await resourcesOf(withApps(config, rest)));
  const neighbours = new Set([
    ...(gone.calls ?? []),
    ...entries.filter(([, { calls = [] }]) => calls.includes(name)).map(([each]) => each),
  ]);
  // A wildcard that was silent for a name, since the app had one below it, speaks again.
  const names = (gone.routes ?? []).flatMap(({ host }) => [host, host.replace(/^[^.]+\./, "")]);
  const records = names.flatMap((host) => [`dns-${host}`, `dns-${host}-AAAA`]);
  const own = whole.resources
    .filter(
      ({ parent, type }) =>
        parent === `platform:networking:AppService ${name}` || type.endsWith(":AppService"),
    )
    .filter((each) => each.parent !== "" || each.name === name)
    .map(id);
  const allowed = new Set([
    ...own,
    ...[...neighbours].map((each) => `kubernetes:cilium.io/v2:CiliumNetworkPolicy ${each}-policy`),
    ...whole.resources.filter((each) => [...neighbours].some((its) => letsIn(its, each))).map(id),
    ...records.map((each) => `cloudflare:index/dnsRecord:DnsRecord ${each}`),
    // One is told which names are Pulumi's, the other which headers routes set.
    "kubernetes:helm.sh/v3:Release external-dns-chart",
    "kubernetes:helm.sh/v3:Release ingress-nginx-chart",
  ]);
  assert.deepEqual(
    parts.filter((each) => !allowed.has(each)),
    [],
  );
  assert.ok(own.every((each) => parts.includes(each)));
}

/**
 * An app that takes nothing along that others have too: neither what HTTPRoutes need in the mesh, nor the ingress into
 * a namespace, nor pods that an existing app selects as well, be it itself or one that it calls or that calls it.
 */
function onItsOwn(config: StackConfig): string | undefined {
  const { apps, namespace } = buildExpectedApps(config);
  const isSharing = (app: ExpectedApp) => apps.some((each) => each !== app && each.account === app.account);
  const neighboursOf = (app: ExpectedApp) =>
    apps.filter((each) => each === app || each.calls.includes(app.name) || app.calls.includes(each.name));
  const isLast = (app: ExpectedApp) =>
    app.usesHttpRoutes && apps.every((each) => each === app || !each.usesHttpRoutes);
  return apps
    .filter((app) => !isLast(app) && (app.namespace === namespace || !app.isRouted))
    .find((app) => !neighboursOf(app).some(isSharing))?.name;
}

const reversed = (config: StackConfig): StackConfig =>
  withApps(config, Object.entries(appsOf(config)).toReversed());

for (const stack of ["dev", "prod"])
  describe(`the ${stack} stack`, () => {
    const config = stackConfig(stack);

    it("holds every invariant", () => holds(config));

    it("agrees on both sides about PROXY protocol when it is turned off", () =>
      holds(changed(config, { "loadBalancer.proxyProtocol": false })));

    it("is the same again from the same settings", async () =>
      assert.deepEqual(differing(byId((await once(config)).resources), await resourcesOf(config)), []));

    it("is the same whatever the order of its apps", async () =>
      assert.deepEqual(
        differing(byId((await once(config)).resources), await resourcesOf(reversed(config))),
        [],
      ));

    for (const name of Object.keys(appsOf(config)))
      it(`changes nothing but ${name} and its neighbours when ${name} comes or goes`, () =>
        standsAlone(config, name));

    it("waits for everything, or for nothing where no controllers run", async () => {
      const waits = ({ inputs }: Recorded) =>
        inputs.skipAwait !== true && !JSON.stringify(inputs.metadata ?? {}).includes("pulumi.com/skipAwait");
      const objects = async (awaitReady: boolean) =>
        (await runProgram({ ...config, "platform-networking:awaitReady": awaitReady })).resources.filter(
          ({ type }) => type.startsWith("kubernetes:"),
        );
      assert.ok((await objects(true)).every(waits));
      assert.ok(!(await objects(false)).some(waits));
    });

    it("takes every chart from the mirror it is told", async () => {
      const { resources } = await runProgram({
        ...config,
        "platform-networking:charts": "oci://mirror.test/charts",
      });
      const charts = resources
        .filter(({ type }) => type.endsWith(":Release"))
        .map(({ inputs }) => inputs.chart);
      assert.equal(charts.length, 7);
      for (const chart of charts) assert.match(chart as string, /^oci:\/\/mirror\.test\/charts\//);
    });
  });

describe("any valid settings", () => {
  before(() => {
    fs.mkdirSync(path.dirname(definitionsFile), { recursive: true });
    fs.writeFileSync(definitionsFile, yamlOf(bundle()));
  });
  after(() => fs.rmSync(chartsFolder, { recursive: true }));

  for (const controller of ["traefik", "nginx", "gateway"] as const)
    it(`give each host of ${controller}'s a record, a certificate and a rule, and hold every invariant`, () =>
      fc.assert(fc.asyncProperty(configsOf([controller]), holds), { numRuns: 8, ...patience })).timeout(
      60_000,
    );

  it("give the same whatever the order of the apps", () =>
    fc.assert(
      fc.asyncProperty(configs, async (config) => {
        assert.deepEqual(differing(await resourcesOf(config), await resourcesOf(reversed(config))), []);
      }),
      { numRuns: 4, ...patience },
    )).timeout(60_000);

  it("let an app come or go alone", () =>
    fc.assert(
      fc.asyncProperty(configs, (config) => {
        const name = onItsOwn(config);
        fc.pre(name !== undefined);
        return standsAlone(config, name);
      }),
      { numRuns: 4, ...patience },
    )).timeout(60_000);
});

describe("the program", () => {
  const prod = stackConfig("prod");

  it("hands each provider the stack's own tokens and addresses", async () => {
    const { resources } = await runProgram({
      ...prod,
      "hcloud:endpoint": "http://127.0.0.1:1/v1",
      "cloudflare:baseUrl": "http://127.0.0.1:1/",
    });
    const provider = (name: string) => find(resources, `:${name}`, name);
    assert.deepEqual(provider("hcloud").inputs, {
      token: prod["hcloud:token"] as Value,
      endpoint: "http://127.0.0.1:1/v1",
    });
    assert.deepEqual(provider("cloudflare").inputs, {
      apiToken: prod["cloudflare:apiToken"] as Value,
      baseUrl: "http://127.0.0.1:1/",
    });
    assert.deepEqual(provider("kubernetes").inputs, {
      kubeconfig: prod["kubernetes:kubeconfig"] as Value,
      clusterIdentifier: "k3s",
      enableSecretMutable: "true",
    });
    for (const [name, secret] of [
      ["hcloud", "token"],
      ["cloudflare", "apiToken"],
      ["kubernetes", "kubeconfig"],
    ] as const)
      assert.deepEqual(provider(name).secrets, [secret]);
  });

  it("protects what holds an address, and only if told to", async () => {
    const guarded = async (protect: boolean) =>
      (await runProgram({ ...prod, "platform-networking:protect": protect })).resources
        .filter((each) => each.custom && each.protect)
        .map(({ name }) => name)
        .sort();
    const parts = ["load-balancer", "load-balancer-http", "load-balancer-https", "load-balancer-network"];
    assert.deepEqual(await guarded(true), [...parts, "load-balancer-nodes"]);
    assert.deepEqual(await guarded(false), []);
  });

  it("asks each function of a provider once at most, in a preview of everything", async () => {
    const { calls } = await runProgram(changed(prod, wholeEdge("business")), { preview: true });
    const tokens = calls.map(({ token }) => token.split(":").at(-1)).sort();
    assert.deepEqual(tokens, [
      "getApiTokens",
      "getDnsRecords",
      "getIpRanges",
      "getLoadBalancers",
      "getRulesets",
      "getZone",
    ]);
  });

  it("believes X-Forwarded-For from the ranges that Cloudflare answers", async () => {
    const { resources } = await runProgram(prod);
    const { values } = find(resources, ":Release", "traefik-chart").inputs;
    const { ports } = values as unknown as { ports: { websecure: { forwardedHeaders: unknown } } };
    assert.deepEqual(ports.websecure.forwardedHeaders, {
      trustedIPs: ["173.245.48.0/20", "103.21.244.0/22", "2400:cb00::/32"],
    });
  });

  it("tells the addresses, the names, the ways in and the passwords", async () => {
    const { outputs } = await runProgram(prod, { answers: cloudResponses });
    const [stack] = outputs.filter(({ of }) => of === "");
    const route = (url: string, app: string, port: number, pathType = "Prefix") => ({
      url: `https://${url}`,
      pathType,
      app,
      port,
      proxied: true,
    });
    const reach = (from: string, to: string, port = 8080) => ({
      from,
      to,
      ports: [port],
      protocol: "TCP",
      meshed: true,
    });
    const inside = (app: string, port = 8080) => `http://${app}.production.svc.cluster.local:${port}`;
    assert.deepEqual(stack?.secrets, ["passwords"]);
    assert.deepEqual(stack.outputs, {
      loadBalancer: addresses,
      dnsNames: [
        "www.example.com",
        "example.com",
        "_dmarc.example.com",
        "api.example.com",
        "admin.example.com",
        "grafana.example.com",
      ],
      routes: [
        route("api.example.com/v1", "api-gateway", 8080),
        route("api.example.com/health", "api-gateway", 8080, "Exact"),
        route("example.com/", "web-frontend", 8080),
        route("www.example.com/", "web-frontend", 8080),
        route("admin.example.com/", "admin", 8080),
        route("grafana.example.com/", "grafana", 3000),
      ],
      services: {
        "api-gateway": inside("api-gateway"),
        "web-frontend": inside("web-frontend", 80),
        admin: inside("admin"),
        grafana: inside("grafana", 3000),
        "auth-service": inside("auth-service"),
        "user-service": inside("user-service"),
      },
      zone: { originCa: pem("CERTIFICATE", "origin-lock-ca-1") },
      reachability: [
        reach("api-gateway", "auth-service"),
        reach("api-gateway", "user-service"),
        ...["ingress-nginx/ingress-nginx", "traefik/traefik"].flatMap((from) => [
          reach(from, "admin"),
          reach(from, "api-gateway"),
          reach(from, "grafana", 3000),
          reach(from, "web-frontend"),
        ]),
      ],
      passwords: {
        admin: { "admin@admin.example.com": "password-of-admin-admin.example.com-admin" },
        grafana: { "admin@grafana.example.com": "password-of-grafana-grafana.example.com-admin" },
      },
    });
  });
});
