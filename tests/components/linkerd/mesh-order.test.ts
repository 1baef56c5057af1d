import * as assert from "node:assert/strict";

import type { Recorded } from "../../harness";
import { made } from "./created-mesh";

const certificate = (name: string) => `kubernetes:cert-manager.io/v1:Certificate ${name}`;
const issuer = (name: string) => `kubernetes:cert-manager.io/v1:Issuer ${name}`;
const namespace = (name: string) => `kubernetes:core/v1:Namespace ${name}`;
const release = (name: string) => `kubernetes:helm.sh/v3:Release ${name}`;
const identityIssuer = "kubernetes:cert-manager.io/v1:ClusterIssuer mesh-identity-issuer";
const roots = "kubernetes:trust.cert-manager.io/v1alpha1:Bundle mesh-trust-roots";
const certManager = namespace("cert-manager");

/** Each edge as it is said, so that none holds by way of another alone: what comes later, what before, and why. */
const edges: readonly (readonly [later: string, before: string, why: string])[] = [
  [release("mesh-trust-manager"), certManager, "cert-manager issues the certificate of its webhook"],
  [
    issuer("mesh-trust-root-issuer"),
    certManager,
    "cert-manager defines its kind, and its webhook lets it in",
  ],
  [certificate("mesh-trust-anchor"), issuer("mesh-trust-root-issuer"), "nobody else signs it"],
  [identityIssuer, certificate("mesh-trust-anchor"), "it signs with the anchor's Secret"],
  [certificate("mesh-identity"), identityIssuer, "nobody else signs it"],
  [roots, release("mesh-trust-manager"), "trust-manager defines its kind, and its webhook lets it in"],
  [roots, certificate("mesh-trust-anchor"), "a source that is missing stops it"],
  [roots, namespace("mesh"), "synced to no namespace would be synced too"],
  [certificate("mesh-webhook-ca"), issuer("mesh-webhook-root-issuer"), "nobody else signs it"],
  [issuer("mesh-webhook-issuer"), certificate("mesh-webhook-ca"), "it signs with the CA's Secret"],
  [certificate("mesh-proxy-injector-tls"), issuer("mesh-webhook-issuer"), "nobody else signs it"],
  [certificate("mesh-sp-validator-tls"), issuer("mesh-webhook-issuer"), "nobody else signs it"],
  [certificate("mesh-policy-validator-tls"), issuer("mesh-webhook-issuer"), "nobody else signs it"],
  [release("mesh-control-plane"), release("mesh-crds"), "it watches those kinds from its start on"],
  [release("mesh-control-plane"), certificate("mesh-identity"), "its pods mount the Secret"],
  [release("mesh-control-plane"), roots, "its pods mount the ConfigMap"],
  [release("mesh-control-plane"), certificate("mesh-proxy-injector-tls"), "its pods mount the Secret"],
  [release("mesh-control-plane"), certificate("mesh-sp-validator-tls"), "its pods mount the Secret"],
  [release("mesh-control-plane"), certificate("mesh-policy-validator-tls"), "its pods mount the Secret"],
  [certificate("mesh-viz-webhook-ca"), issuer("mesh-viz-webhook-root-issuer"), "nobody else signs it"],
  [issuer("mesh-viz-webhook-issuer"), certificate("mesh-viz-webhook-ca"), "it signs with the CA's Secret"],
  [certificate("mesh-viz-tap-tls"), issuer("mesh-viz-webhook-issuer"), "nobody else signs it"],
  [certificate("mesh-viz-tap-injector-tls"), issuer("mesh-viz-webhook-issuer"), "nobody else signs it"],
  [
    release("mesh-viz-chart"),
    namespace("mesh-viz"),
    "it lives there, and a namespace with a dead API never ends",
  ],
  [release("mesh-viz-chart"), release("mesh-control-plane"), "its pods are meshed, its policies are checked"],
  [release("mesh-viz-chart"), certificate("mesh-viz-tap-tls"), "its pods mount the Secret"],
  [release("mesh-viz-chart"), certificate("mesh-viz-tap-injector-tls"), "its pods mount the Secret"],
];

const short = (id: string) => id.replace(/^.*:/, "");

describe("an up of the mesh on an empty cluster, and in reverse its destroy,", () => {
  let resources: readonly Recorded[] = [];
  before(async () => {
    ({ resources } = await made({ defaultInboundPolicy: "deny" }));
  });

  for (const [later, before, why] of edges)
    it(`has ${short(later)} after ${short(before)}: ${why}`, () => {
      const found = resources.find(({ type, name }) => `${type} ${name}` === later);
      assert.ok(found, `there is no ${later}`);
      assert.ok(found.dependencies.includes(before), found.dependencies.join(", "));
    });

  /** The namespace that something lives in, as the resource that makes it. */
  const homes: Readonly<Record<string, string>> = {
    "cert-manager": certManager,
    linkerd: namespace("mesh"),
    "linkerd-viz": namespace("mesh-viz"),
  };
  const homeOf = ({ inputs }: Recorded): string | undefined => {
    const { namespace: own } = (inputs.metadata ?? inputs) as { namespace?: string };
    return homes[own ?? ""];
  };
  const children = () => resources.filter(({ parent }) => parent.endsWith(" mesh"));

  it("has everything after the namespace it lives in, and so gone before that goes", () => {
    const inNamespace = children().filter((each) => homeOf(each) !== undefined);
    for (const each of inNamespace)
      assert.ok(each.dependencies.includes(homeOf(each) ?? ""), `${each.type} ${each.name}`);
    assert.equal(inNamespace.length, 18);
  });

  it("has no other edge, so that each has its reason", () => {
    const known = new Set(edges.map(([later, before]) => `${later} ${before}`));
    const said = children().flatMap((each) =>
      each.dependencies
        .filter((before) => before !== homeOf(each))
        .map((before) => `${each.type} ${each.name} ${before}`),
    );
    assert.deepEqual(
      said.filter((edge) => !known.has(edge)),
      [],
    );
  });
});
