import * as assert from "node:assert/strict";

import type { HttpRouteSpec } from "../../components/custom-resources/gateway-api-resources";
import type { Recorded } from "../harness";
import { identitiesIn, networksIn, requiredBy, serverSpec } from "./authorized";
import { at, id, metadataOf, ofType, type Resources } from "./resources";
import type { Said, SaidApp } from "./said";
import { complaintOf, finds, ownerOf, podsOf } from "./selectors";

/** Where every proxy tells its metrics: of that, one Server for a whole namespace may speak. */
const proxyAdmin = 4191;

/**
 * Of each app that is made here and in the mesh, each port of each version has one Server, behind which come in those
 * whom the settings let call it, each by what it can show, and nobody else. Of no other app is anything said.
 */
export function everyMeshedPortIsClosed(resources: Resources, said: Said): void {
  const servers = ofType(resources, "Server").filter((each) => serverSpec(each).port !== proxyAdmin);
  const used = new Set<Recorded>();
  for (const pod of podsOf(said.apps)) {
    const { app = assert.fail() } = pod;
    const its = servers.filter((each) =>
      finds(serverSpec(each).podSelector, pod, metadataOf(each).namespace),
    );
    const ports = app.kind === "own" && app.meshed ? over(app, said).flatMap((each) => each.ports) : [];
    const found = its.map((each) => String(serverSpec(each).port));
    const complaint = complaintOf(`the mesh of ${pod.id}`, found, ports.map(String));
    assert.ok(complaint === "", complaint);
    assert.equal(new Set(found).size, found.length, `two Servers for one port of ${pod.id}`);
    for (const server of its) {
      used.add(server);
      const { port, accessPolicy = "deny" } = serverSpec(server);
      assert.equal(accessPolicy, "deny", `${id(server)} lets everybody in`);
      const wrong = complaintOf(id(server), admittedBy(server, resources), wantedAt(app, port, said));
      assert.ok(wrong === "", wrong);
    }
  }
  for (const server of servers) assert.ok(used.has(server), `${id(server)} is nobody's`);
}

/** An app that is made here, and the existing apps over its pods. */
const over = (app: SaidApp, { apps }: Said): SaidApp[] => apps.filter((each) => ownerOf(each, apps) === app);

/** What lets a caller in to a Server: an authentication that is there, for each of its policies. */
const admittedBy = (server: Recorded, resources: Resources): string[] =>
  requiredBy(server, resources).flatMap(([policy, required]) => {
    // All must hold, so that of two no one alone lets anybody in.
    assert.equal(required.length, 1, `${id(policy)} wants ${required.length} proofs`);
    return required.flatMap(shownIn);
  });

const shownIn = (each: Recorded): readonly string[] =>
  each.type.endsWith(":MeshTLSAuthentication")
    ? identitiesIn(each)
    : networksIn(each).map(({ cidr, except = [] }) => [cidr, ...except].join(" without "));

/** What callers show, by what the settings declare: those in the mesh their identity, others where they come from. */
const wantedAt = (owner: SaidApp, port: number, said: Said): string[] =>
  over(owner, said)
    .filter(({ ports }) => ports.includes(port))
    .flatMap((app) => wantedOf(app, port, said));

function wantedOf(app: SaidApp, port: number, { apps, trustDomain, podCidrs }: Said): string[] {
  const callers = apps.filter(({ calls }) => calls.includes(app.name));
  const accounts = [
    ...callers.flatMap(({ meshed, account }) => (meshed ? [account] : [])),
    ...(app.isRouted && port === app.port ? ["traefik.traefik", "ingress-nginx.ingress-nginx"] : []),
  ];
  return [
    ...accounts.map((account) => `${account}.serviceaccount.identity.linkerd.${trustDomain}`),
    ...(callers.some(({ meshed }) => !meshed) ? podCidrs : []),
    ...(app.door ? ["0.0.0.0/0", "::/0"] : []),
  ];
}

/** What Gateway API defines is there only where its definitions are, whoever brings them; and then the mesh knows of it. */
export function everyRouteHasItsDefinition(resources: Resources, { apps, hasGatewayApi }: Said): void {
  const isBrought = resources.some(
    ({ name, type }) => /:CustomResourceDefinition$/.test(type) && /^gateway-api-/.test(name),
  );
  const defined = resources.filter(({ type }) => type.includes(":gateway.networking.k8s.io/"));
  assert.ok(
    defined.length === 0 || isBrought !== hasGatewayApi,
    isBrought
      ? "somebody else has the definitions of Gateway API"
      : `nobody defines ${defined.map(id)[0] ?? ""}`,
  );
  const routes = ofType(resources, "HTTPRoute").filter(
    ({ inputs }) => at(inputs, "spec.parentRefs.0.kind") === "Service",
  );
  const complaint = complaintOf(
    "the mesh",
    routes.map(
      (each) => `${metadataOf(each).namespace}/${String(at(each.inputs, "spec.parentRefs.0.name"))}`,
    ),
    apps.filter(({ isShaped }) => isShaped).map(({ name, namespace }) => `${namespace}/${name}`),
  );
  assert.ok(complaint === "", complaint);
  const [controlPlane] = ofType(resources, "Release").filter(({ name }) => name === "linkerd-control-plane");
  const told = at(controlPlane?.inputs, "values.destinationController.podAnnotations");
  assert.equal(told !== undefined, routes.length > 0, "what the policy controller was started for");
}

type Share = readonly [service: string, weight: unknown];

/** Whoever splits an app's requests gives its second version the share that is said; and somebody does. */
export function everyCanaryHasItsShare(resources: Resources, { apps }: Said): void {
  const splits = [
    ...ofType(resources, "HTTPRoute").flatMap(({ inputs }) =>
      (inputs.spec as unknown as HttpRouteSpec).rules.map(({ backendRefs = [] }) =>
        backendRefs.map(({ name, weight }): Share => [name, weight]),
      ),
    ),
    ...ofType(resources, "TraefikService").map(({ inputs }) =>
      (at(inputs, "spec.weighted.services") as { name: string; weight?: number }[]).map(
        ({ name, weight }): Share => [name, weight],
      ),
    ),
    ...ofType(resources, "Ingress").flatMap((each) => {
      const weight = metadataOf(each).annotations["nginx.ingress.kubernetes.io/canary-weight"];
      const service = at(each.inputs, "spec.rules.0.http.paths.0.backend.service.name") as string;
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
    assert.equal(its.length > 0, canary !== undefined, `who splits the requests of ${name}`);
    for (const shares of its)
      assert.deepEqual(
        shares,
        [
          [name, 100 - (canary ?? 0)],
          [`${name}-canary`, canary],
        ],
        `the shares of ${name}`,
      );
  }
}
