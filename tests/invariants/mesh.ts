import * as assert from "node:assert/strict";

import type { HttpRouteSpec } from "../../components/custom-resources/gateway-api-resources";
import type {
  AuthorizationPolicySpec,
  MeshTlsAuthenticationSpec,
  NetworkAuthenticationSpec,
  ServerSpec,
} from "../../components/custom-resources/linkerd-resources";
import type { Recorded } from "../harness";
import { readPath, id, readMetadata, filterByType, filterOfApps, type Resources } from "./resources";
import { findOwner, type ExpectedApps, type ExpectedApp } from "./expected-apps";
import { assertSame, selectsPod, listPods } from "./selectors";

const readServerSpec = ({ inputs }: Recorded) => readPath(inputs, "spec") as ServerSpec;

const readIdentities = ({ inputs }: Recorded): readonly string[] =>
  (readPath(inputs, "spec") as MeshTlsAuthenticationSpec).identities;

const readNetworks = ({ inputs }: Recorded) =>
  (readPath(inputs, "spec") as NetworkAuthenticationSpec).networks;

/** Finds the authentications that each AuthorizationPolicy of a Server requires. Fails if one is missing. */
function findRequiredAuthentications(
  server: Recorded,
  resources: Resources,
): (readonly [Recorded, Recorded[]])[] {
  const { name, namespace } = readMetadata(server);
  return filterByType(resources, "AuthorizationPolicy").flatMap((policy) => {
    const spec = readPath(policy.inputs, "spec") as AuthorizationPolicySpec;
    if (spec.targetRef.name !== name || readMetadata(policy).namespace !== namespace) return [];
    const required = spec.requiredAuthenticationRefs.map((ref) => {
      const found = filterByType(resources, ref.kind).find((each) => {
        const its = readMetadata(each);
        return its.name === ref.name && its.namespace === namespace;
      });
      assert.ok(found, `${id(policy)} has no ${ref.kind} ${ref.name}`);
      return found;
    });
    return [[policy, required] as const];
  });
}

/** The proxies' metrics port, which may have one Server for a whole namespace. */
const proxyAdmin = 4191;

/**
 * Each port of each version of each meshed app that we deploy has one Server, to which exactly the declared callers are
 * authorized. Other apps have no Server.
 */
export function assertMeshServers(resources: Resources, expected: ExpectedApps): void {
  const servers = filterByType(resources, "Server").filter(
    (each) => readServerSpec(each).port !== proxyAdmin,
  );
  const used = new Set<Recorded>();
  for (const pod of listPods(expected.apps)) {
    const { app = assert.fail() } = pod;
    const its = servers.filter((each) =>
      selectsPod(readServerSpec(each).podSelector, pod, readMetadata(each).namespace),
    );
    const ports =
      app.kind === "own" && app.meshed ? findAppsOfPods(app, expected).flatMap((each) => each.ports) : [];
    const found = its.map((each) => String(readServerSpec(each).port));
    assertSame(`the mesh of ${pod.id}`, found, ports.map(String));
    assert.equal(new Set(found).size, found.length, `two Servers for one port of ${pod.id}`);
    for (const server of its) {
      used.add(server);
      const { port, accessPolicy = "deny" } = readServerSpec(server);
      assert.equal(accessPolicy, "deny", `${id(server)} does not deny by default`);
      assertSame(
        id(server),
        readAllowedClients(server, resources),
        expectedClientsOfPort(app, port, expected),
      );
    }
  }
  for (const server of servers) assert.ok(used.has(server), `${id(server)} selects no pod`);
}

/**
 * The pods of each meshed app that we deploy connect without their proxy to exactly the ports of servers outside that speak
 * first, of which no meshed callee has one.
 */
export function assertSkippedPorts(resources: Resources, { apps }: ExpectedApps): void {
  for (const each of filterOfApps(resources, "Deployment")) {
    const name = readMetadata(each).name.replace(/-canary$/, "");
    const app = apps.find((its) => its.name === name) ?? assert.fail();
    const callees = apps.filter((its) => app.calls.includes(its.name));
    const outside = [
      ...app.egress.flatMap(({ opaque, ports }) => (opaque === true ? ports : [])),
      ...callees.flatMap(({ kind, opaquePorts }) => (kind === "external" ? opaquePorts : [])),
    ];
    const annotations = readPath(each.inputs, "spec.template.metadata.annotations") as
      Readonly<Record<string, string>> | undefined;
    const skipped = annotations?.["config.linkerd.io/skip-outbound-ports"]?.split(",") ?? [];
    assertSame(id(each), skipped, app.meshed ? [...new Set(outside.map(String))] : []);
    for (const callee of callees.filter(({ meshed }) => meshed))
      for (const port of [...callee.ports, callee.servicePort])
        assert.ok(!skipped.includes(String(port)), `${id(each)} calls ${callee.name} without its proxy`);
  }
}

/** An app that we deploy, and the existing apps that select its pods. */
const findAppsOfPods = (app: ExpectedApp, { apps }: ExpectedApps): ExpectedApp[] =>
  apps.filter((each) => findOwner(each, apps) === app);

/** The clients authorized to a Server, by the authentications of its policies. */
const readAllowedClients = (server: Recorded, resources: Resources): string[] =>
  findRequiredAuthentications(server, resources).flatMap(([policy, required]) => {
    // All required authentications must hold, so a policy with two would not authorize either client.
    assert.equal(required.length, 1, `${id(policy)} requires ${required.length} authentications`);
    return required.flatMap(readAuthentication);
  });

const readAuthentication = (each: Recorded): readonly string[] =>
  each.type.endsWith(":MeshTLSAuthentication")
    ? readIdentities(each)
    : readNetworks(each).map(({ cidr, except = [] }) => [cidr, ...except].join(" without "));

/** The declared callers of a port: meshed ones by identity, others by address range. */
const expectedClientsOfPort = (owner: ExpectedApp, port: number, expected: ExpectedApps): string[] =>
  findAppsOfPods(owner, expected)
    .filter(({ ports }) => ports.includes(port))
    .flatMap((app) => expectedClients(app, port, expected));

function expectedClients(
  app: ExpectedApp,
  port: number,
  { apps, trustDomain, podCidrs, ingress: { podSelector, serviceAccountName } }: ExpectedApps,
): string[] {
  const callers = apps.filter(({ calls }) => calls.includes(app.name));
  const accounts = [
    ...callers.flatMap(({ meshed, account }) => (meshed ? [account] : [])),
    ...(app.routedPorts.includes(port) ? [`${serviceAccountName}.${podSelector.namespace}`] : []),
  ];
  return [
    ...accounts.map((account) => `${account}.serviceaccount.identity.linkerd.${trustDomain}`),
    ...(callers.some(({ meshed }) => !meshed) ? podCidrs : []),
    ...(app.webhooks.includes(port) ? ["0.0.0.0/0", "::/0"] : []),
    ...(app.exposedBy ? ["0.0.0.0/0", "::/0"] : []),
  ];
}

/** Resources of Gateway API exist only with its CRDs, and then the policy controller is restarted for them. */
export function assertGatewayApiCrds(resources: Resources, { apps, hasGatewayApi }: ExpectedApps): void {
  const installsCrds = resources.some(
    ({ name, type }) => /:CustomResourceDefinition$/.test(type) && /^gateway-api-/.test(name),
  );
  const defined = resources.filter(({ type }) => type.includes(":gateway.networking.k8s.io/"));
  assert.ok(
    defined.length === 0 || installsCrds !== hasGatewayApi,
    installsCrds ? "the CRDs of Gateway API are already installed" : `no CRD for ${defined.map(id)[0] ?? ""}`,
  );
  const routes = filterByType(resources, "HTTPRoute").filter(
    ({ inputs }) => readPath(inputs, "spec.parentRefs.0.kind") === "Service",
  );
  assertSame(
    "the mesh",
    routes.map(
      (each) => `${readMetadata(each).namespace}/${String(readPath(each.inputs, "spec.parentRefs.0.name"))}`,
    ),
    apps.filter(({ usesHttpRoutes }) => usesHttpRoutes).map(({ name, namespace }) => `${namespace}/${name}`),
  );
  const [controlPlane] = filterByType(resources, "Release").filter(
    ({ name }) => name === "linkerd-control-plane",
  );
  const annotation = readPath(controlPlane?.inputs, "values.destinationController.podAnnotations");
  assert.equal(annotation !== undefined, routes.length > 0, "annotation of the policy controller");
}

type WeightedBackend = readonly [service: string, weight: unknown];

/** Every canary gets its weight, wherever requests are split, and is split somewhere. */
export function assertCanaryWeights(resources: Resources, { apps }: ExpectedApps): void {
  const splits = [
    ...filterByType(resources, "HTTPRoute").flatMap(({ inputs }) =>
      (readPath(inputs, "spec") as HttpRouteSpec).rules.map(({ backendRefs = [] }) =>
        backendRefs.map(({ name, weight }): WeightedBackend => [name, weight]),
      ),
    ),
    ...filterByType(resources, "TraefikService").map(({ inputs }) =>
      (readPath(inputs, "spec.weighted.services") as { name: string; weight?: number }[]).map(
        ({ name, weight }): WeightedBackend => [name, weight],
      ),
    ),
    ...filterByType(resources, "Ingress").flatMap((each) => {
      const weight = readMetadata(each).annotations["nginx.ingress.kubernetes.io/canary-weight"];
      const service = readPath(each.inputs, "spec.rules.0.http.paths.0.backend.service.name") as string;
      if (weight === undefined) return [];
      return [
        [
          [service.replace(/-canary$/, ""), 100 - Number(weight)] as const,
          [service, Number(weight)] as const,
        ],
      ];
    }),
  ];
  for (const { name, canary } of apps) {
    const its = splits.filter((shares) => shares.some(([service]) => service === `${name}-canary`));
    assert.equal(its.length > 0, canary !== undefined, `canary of ${name}`);
    for (const shares of its)
      assert.deepEqual(
        shares,
        [
          [name, 100 - (canary ?? 0)],
          [`${name}-canary`, canary],
        ],
        `weights of ${name}`,
      );
  }
}
