import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import fc from "fast-check";

import { controllerNames, ingressNamespaces } from "../components/ingress/controllers";
import { platformNamespaces } from "../components/namespaces";
import { bundle, yamlOf } from "./components/ingress/gateway-api-bundle";
import { changed, runProgram, stackConfig, wholeEdge, type StackConfig } from "./config";
import { find, type Recorded, type Value } from "./harness";
import { addresses, assertInvariants, cloudResponses, buildExpected } from "./invariants/all";
import { filterByType, id, readMetadata, readPath } from "./invariants/resources";
import { buildExpectedApps, type ExpectedApp } from "./invariants/expected-apps";
import { edgeRanges, pem } from "./mocks";
import { chartsFolder, configs, configsOf, definitionsFile } from "./settings/generated";

interface App {
  readonly calls?: readonly string[];
  readonly routes?: readonly {
    readonly host: string;
    readonly dns?: string;
    readonly forwardAuth?: { readonly app: string };
  }[];
}

const appsOf = (config: StackConfig) => config["platform-networking:apps"] as Record<string, App>;

/**
 * Asserts a property of a number of configs, one run of the program after another. A counterexample is reported as it is:
 * to shrink it would take minutes, and an interrupted run would go on during the next test.
 */
const assertProperty = (
  arbitrary: fc.Arbitrary<StackConfig>,
  numRuns: number,
  property: (config: StackConfig) => Promise<void>,
) => fc.assert(fc.asyncProperty(arbitrary, property), { numRuns, endOnFailure: true });

const runWithClouds = (config: StackConfig) => runProgram(config, { answers: cloudResponses });

async function assertHolds(config: StackConfig): Promise<void> {
  const run = await runWithClouds(config);
  assertInvariants(run, buildExpected(config, run.result));
}

/**
 * The resources by ID. The dependencies of some types are left out: the load balancer's services, the handover and the
 * protection depend on every app, and a Server on the authentications of its callers.
 */
const byId = (resources: readonly Recorded[]): Map<string, string> =>
  new Map(
    resources.map((each) => {
      const waits = /:(LoadBalancerServices?|Handover|Protection|Server)$/.test(each.type);
      return [id(each), JSON.stringify(waits ? { ...each, dependencies: [] } : each)];
    }),
  );

const resourcesFor = async (config: StackConfig) => byId((await runWithClouds(config)).resources);

const runs = new Map<StackConfig, ReturnType<typeof runWithClouds>>();

/** A run of a committed stack, cached for comparison with many others. */
function runOnce(config: StackConfig) {
  const known = runs.get(config) ?? runWithClouds(config);
  runs.set(config, known);
  return known;
}

/** The IDs of the resources that differ between two runs. */
function findDifferences(one: Map<string, string>, other: Map<string, string>): string[] {
  const all = [...new Set([...one.keys(), ...other.keys()])];
  return all.filter((key) => one.get(key) !== other.get(key)).sort();
}

const withApps = (config: StackConfig, entries: readonly (readonly [string, App])[]): StackConfig => ({
  ...config,
  "platform-networking:apps": Object.fromEntries(entries),
});

/** Whether the resource authorizes callers of an app in the mesh. */
const authorizesCallers = (app: string, { type, name, parent }: Recorded): boolean =>
  /:policy\.linkerd\.io\/.*:(AuthorizationPolicy|MeshTLSAuthentication|NetworkAuthentication)$/.test(type) &&
  parent.endsWith(` ${app}`) &&
  /-(callers|unmeshed)$/.test(name);

/** Asserts that the removal of an app changes only its resources, its records and its neighbours' policies. */
async function assertIndependent(
  config: StackConfig,
  name: string,
  wholeRun = runOnce(config),
): Promise<void> {
  const entries = Object.entries(appsOf(config));
  const removed = appsOf(config)[name] ?? {};
  const rest = entries
    .filter(([each]) => each !== name)
    .map(
      ([each, app]) =>
        [each, { ...app, calls: (app.calls ?? []).filter((callee) => callee !== name) }] as const,
    );
  const whole = await wholeRun;
  const changes = findDifferences(byId(whole.resources), await resourcesFor(withApps(config, rest)));
  const neighbours = new Set([
    ...(removed.calls ?? []),
    ...entries.filter(([, { calls = [] }]) => calls.includes(name)).map(([each]) => each),
  ]);
  // The app's record hid a wildcard record for the same name, which applies again.
  const names = (removed.routes ?? []).flatMap(({ host }) => [host, host.replace(/^[^.]+\./, "")]);
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
    ...whole.resources.filter((each) => [...neighbours].some((its) => authorizesCallers(its, each))).map(id),
    ...records.map((each) => `cloudflare:index/dnsRecord:DnsRecord ${each}`),
    // The values of one contain the names that Pulumi owns, those of the other the response headers of routes.
    "kubernetes:helm.sh/v3:Release external-dns-chart",
    "kubernetes:helm.sh/v3:Release ingress-nginx-chart",
    // It contains the hosts of all routes.
    "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy admission-platform-hosts",
  ]);
  assert.deepEqual(
    changes.filter((each) => !allowed.has(each)),
    [],
  );
  assert.ok(own.every((each) => changes.includes(each)));
}

/**
 * The name of an app whose removal changes nothing that others share: the mesh's support of HTTPRoutes, the ingress's
 * access to a namespace, or pods that an existing app selects as well, of itself or of its callers and callees.
 */
function findIndependentApp(config: StackConfig): string | undefined {
  const { apps, namespace } = buildExpectedApps(config);
  const isSharing = (app: ExpectedApp) => apps.some((each) => each !== app && each.account === app.account);
  const neighboursOf = (app: ExpectedApp) =>
    apps.filter((each) => each === app || each.calls.includes(app.name) || app.calls.includes(each.name));
  const isLast = (app: ExpectedApp) =>
    app.usesHttpRoutes && apps.every((each) => each === app || !each.usesHttpRoutes);
  // The app that is asked about the requests of another changes with it.
  const all = Object.entries(appsOf(config));
  const authenticates = ({ name }: ExpectedApp) =>
    all.some(([asking, { routes = [] }]) =>
      routes.some(({ forwardAuth }) => forwardAuth && [asking, forwardAuth.app].includes(name)),
    );
  return apps
    .filter(
      (app) =>
        !authenticates(app) && !isLast(app) && (app.namespace === namespace || app.routedPorts.length === 0),
    )
    .find((app) => !neighboursOf(app).some(isSharing))?.name;
}

const reversed = (config: StackConfig): StackConfig =>
  withApps(config, Object.entries(appsOf(config)).toReversed());

for (const stack of ["dev", "prod"])
  describe(`the ${stack} stack`, () => {
    const config = stackConfig(stack);

    it("satisfies every invariant", () => assertHolds(config));

    it("disables PROXY protocol at both the load balancer and the controller", () =>
      assertHolds(changed(config, { "loadBalancer.proxyProtocol": false })));

    it("is the same for the same settings", async () =>
      assert.deepEqual(
        findDifferences(byId((await runOnce(config)).resources), await resourcesFor(config)),
        [],
      ));

    it("does not depend on the order of its apps", async () =>
      assert.deepEqual(
        findDifferences(byId((await runOnce(config)).resources), await resourcesFor(reversed(config))),
        [],
      ));

    for (const name of Object.keys(appsOf(config)))
      it(`changes only ${name} and its neighbours when ${name} is added or removed`, () =>
        assertIndependent(config, name));

    it("awaits every object with awaitReady: true, and none with false", async () => {
      const isAwaited = ({ inputs }: Recorded) =>
        inputs.skipAwait !== true && !JSON.stringify(inputs.metadata ?? {}).includes("pulumi.com/skipAwait");
      const objects = async (awaitReady: boolean) =>
        (await runProgram({ ...config, "platform-networking:awaitReady": awaitReady })).resources.filter(
          ({ type }) => type.startsWith("kubernetes:"),
        );
      assert.ok((await objects(true)).every(isAwaited));
      assert.ok(!(await objects(false)).some(isAwaited));
    });

    it("installs every chart from the configured mirror", async () => {
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

describe("any valid settings", function () {
  // Four to eight runs of the program take 10 s, and many times as long on a busy machine.
  this.timeout(300_000);

  before(() => {
    fs.mkdirSync(path.dirname(definitionsFile), { recursive: true });
    fs.writeFileSync(definitionsFile, yamlOf(bundle()));
  });
  after(() => fs.rmSync(chartsFolder, { recursive: true }));

  for (const controller of controllerNames)
    it(`satisfy every invariant with ${controller}`, () =>
      assertProperty(configsOf([controller]), 8, assertHolds));

  it("have a result that does not depend on the order of the apps", () =>
    assertProperty(configs, 4, async (config) =>
      assert.deepEqual(findDifferences(await resourcesFor(config), await resourcesFor(reversed(config))), []),
    ));

  it("allow to add or remove an app without changes of others", () =>
    assertProperty(configs, 4, (config) => {
      const name = findIndependentApp(config);
      fc.pre(name !== undefined);
      return assertIndependent(config, name, runWithClouds(config));
    }));
});

describe("the program", () => {
  const prod = stackConfig("prod");

  it("reads each data source once in a preview", async () => {
    const { calls } = await runProgram(changed(prod, wholeEdge("business")), { preview: true });
    const read = calls.map(({ token, inputs }) => `${token} ${JSON.stringify(inputs)}`);
    assert.ok(read.length > 5);
    assert.deepEqual(read, [...new Set(read)]);
  });

  it("passes the stack's tokens and endpoints to each provider", async () => {
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

  it("protects the resources with a public address with protect: true", async () => {
    const findProtected = async (protect: boolean) =>
      (await runProgram({ ...prod, "platform-networking:protect": protect })).resources
        .filter((each) => each.custom && each.protect)
        .map(({ name }) => name)
        .sort();
    const parts = ["load-balancer", "load-balancer-http", "load-balancer-https", "load-balancer-network"];
    assert.deepEqual(await findProtected(true), [...parts, "load-balancer-nodes"]);
    assert.deepEqual(await findProtected(false), []);
  });

  it("creates no namespace beside the apps' that an app could name", async () => {
    const { resources } = await runProgram(changed(prod, wholeEdge("business")));
    const reserved: readonly string[] = [...Object.values(platformNamespaces), ...ingressNamespaces];
    const names = filterByType(resources, "Namespace").map((each) => readMetadata(each).name);
    assert.deepEqual(
      names.filter((name) => !reserved.includes(name)),
      [prod["platform-networking:namespace"]],
    );
  });

  it("calls each function of a provider at most once, in a preview with all features", async () => {
    const { calls } = await runProgram(changed(prod, wholeEdge("business")), { preview: true });
    const tokens = calls.map(({ token }) => token);
    assert.equal(tokens.length, 7);
    assert.equal(new Set(tokens).size, tokens.length);
  });

  it("trusts X-Forwarded-For from Cloudflare's ranges", async () => {
    const { resources } = await runProgram(prod);
    const { inputs } = find(resources, ":Release", "traefik-chart");
    const { ipv4Cidrs, ipv6Cidrs } = edgeRanges;
    assert.deepEqual(readPath(inputs, "values.ports.websecure.forwardedHeaders.trustedIPs"), [
      ...ipv4Cidrs,
      ...ipv6Cidrs,
    ]);
  });

  it("outputs the addresses, the names, the routes and the passwords", async () => {
    const { outputs } = await runProgram(prod, { answers: cloudResponses });
    const [stack] = outputs.filter(({ of }) => of === "");
    assert.deepEqual(stack?.secrets, ["passwords"]);
    const { services, reachability, dnsNames, routes, ...rest } = stack.outputs as Record<string, Value[]>;
    assert.deepEqual(Object.keys(services ?? {}).sort(), Object.keys(appsOf(prod)).sort());
    const flow = { from: "api-gateway", to: "auth-service", ports: [8080], protocol: "TCP", meshed: true };
    assert.deepEqual(reachability?.[0], flow);
    assert.ok(dnsNames?.includes("api.example.com"));
    const route = { url: "https://api.example.com/v1", pathType: "Prefix", app: "api-gateway", port: 8080 };
    assert.deepEqual(routes?.[0], { ...route, proxied: true });
    assert.deepEqual(rest, {
      loadBalancer: addresses,
      zone: { originCa: pem("CERTIFICATE", "origin-lock-ca-1") },
      passwords: {
        admin: { "admin@admin.example.com": "password-of-admin-admin.example.com-admin" },
        grafana: { "admin@grafana.example.com": "password-of-grafana-grafana.example.com-admin" },
      },
    });
  });
});
