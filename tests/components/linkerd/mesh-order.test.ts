import * as assert from "node:assert/strict";

import type { Recorded } from "../../harness";
import { createMesh } from "./created-mesh";

const certificate = (name: string) => `kubernetes:cert-manager.io/v1:Certificate ${name}`;
const issuer = (name: string) => `kubernetes:cert-manager.io/v1:Issuer ${name}`;
const namespace = (name: string) => `kubernetes:core/v1:Namespace ${name}`;
const release = (name: string) => `kubernetes:helm.sh/v3:Release ${name}`;
const identityIssuer = "kubernetes:cert-manager.io/v1:ClusterIssuer mesh-identity-issuer";
const roots = "kubernetes:trust.cert-manager.io/v1alpha1:Bundle mesh-trust-roots";
const certManager = namespace("cert-manager");

/** Each direct dependency: the dependent, its dependency, and the reason. */
const edges: readonly (readonly [later: string, before: string, reason: string])[] = [
  [release("mesh-trust-manager"), certManager, "cert-manager issues the certificate of its webhook"],
  [
    issuer("mesh-trust-root-issuer"),
    certManager,
    "cert-manager installs its CRD and admits it by its webhook",
  ],
  [certificate("mesh-trust-anchor"), issuer("mesh-trust-root-issuer"), "only this issuer signs it"],
  [identityIssuer, certificate("mesh-trust-anchor"), "it signs with the anchor's Secret"],
  [certificate("mesh-identity"), identityIssuer, "only this issuer signs it"],
  [roots, release("mesh-trust-manager"), "trust-manager installs its CRD and admits it by its webhook"],
  [roots, certificate("mesh-trust-anchor"), "it does not sync without the source"],
  [roots, namespace("mesh"), "without any namespace it would count as synced"],
  [certificate("mesh-webhook-ca"), issuer("mesh-webhook-root-issuer"), "only this issuer signs it"],
  [issuer("mesh-webhook-issuer"), certificate("mesh-webhook-ca"), "it signs with the CA's Secret"],
  [certificate("mesh-proxy-injector-tls"), issuer("mesh-webhook-issuer"), "only this issuer signs it"],
  [certificate("mesh-sp-validator-tls"), issuer("mesh-webhook-issuer"), "only this issuer signs it"],
  [certificate("mesh-policy-validator-tls"), issuer("mesh-webhook-issuer"), "only this issuer signs it"],
  [release("mesh-control-plane"), release("mesh-crds"), "it watches those kinds from its start"],
  [release("mesh-control-plane"), certificate("mesh-identity"), "its pods mount the Secret"],
  [release("mesh-control-plane"), roots, "its pods mount the ConfigMap"],
  [release("mesh-control-plane"), certificate("mesh-proxy-injector-tls"), "its pods mount the Secret"],
  [release("mesh-control-plane"), certificate("mesh-sp-validator-tls"), "its pods mount the Secret"],
  [release("mesh-control-plane"), certificate("mesh-policy-validator-tls"), "its pods mount the Secret"],
  [certificate("mesh-viz-webhook-ca"), issuer("mesh-viz-webhook-root-issuer"), "only this issuer signs it"],
  [issuer("mesh-viz-webhook-issuer"), certificate("mesh-viz-webhook-ca"), "it signs with the CA's Secret"],
  [certificate("mesh-viz-tap-tls"), issuer("mesh-viz-webhook-issuer"), "only this issuer signs it"],
  [certificate("mesh-viz-tap-injector-tls"), issuer("mesh-viz-webhook-issuer"), "only this issuer signs it"],
  [
    release("mesh-viz-chart"),
    namespace("mesh-viz"),
    "it is in it, and a namespace is never deleted while an API service is unavailable",
  ],
  [
    release("mesh-viz-chart"),
    release("mesh-control-plane"),
    "the control plane injects its pods and validates its policies",
  ],
  [release("mesh-viz-chart"), certificate("mesh-viz-tap-tls"), "its pods mount the Secret"],
  [release("mesh-viz-chart"), certificate("mesh-viz-tap-injector-tls"), "its pods mount the Secret"],
];

const short = (id: string) => id.replace(/^.*:/, "");

describe("the order of the mesh's resources in an up, and in reverse in a destroy,", () => {
  let resources: readonly Recorded[] = [];
  before(async () => {
    ({ resources } = await createMesh({ defaultInboundPolicy: "deny" }));
  });

  for (const [later, before, reason] of edges)
    it(`has ${short(later)} after ${short(before)}: ${reason}`, () => {
      const found = resources.find(({ type, name }) => `${type} ${name}` === later);
      assert.ok(found, `there is no ${later}`);
      assert.ok(found.dependencies.includes(before), found.dependencies.join(", "));
    });

  /** The resource of each namespace. */
  const namespaces: Readonly<Record<string, string>> = {
    "cert-manager": certManager,
    linkerd: namespace("mesh"),
    "linkerd-viz": namespace("mesh-viz"),
  };
  const findNamespace = ({ inputs }: Recorded): string | undefined => {
    const { namespace: own } = (inputs.metadata ?? inputs) as { namespace?: string };
    return namespaces[own ?? ""];
  };
  const children = () => resources.filter(({ parent }) => parent.endsWith(" mesh"));

  it("has no other dependency", () => {
    const known = new Set(edges.map(([later, before]) => `${later} ${before}`));
    const found = children().flatMap((each) =>
      each.dependencies
        .filter((before) => before !== findNamespace(each))
        .map((before) => `${each.type} ${each.name} ${before}`),
    );
    assert.deepEqual(
      found.filter((edge) => !known.has(edge)),
      [],
    );
  });
});
