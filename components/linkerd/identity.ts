import type * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { bundle, certificate, clusterIssuer, issuer } from "../custom-resources/cert-manager-resources";
import { waitForReady } from "../pulumi/wait-for";

export interface IdentityArgs {
  /** The namespace where cert-manager reads the Secrets of ClusterIssuers, and trust-manager the anchor. */
  readonly certManagerNamespace: pulumi.Input<string>;
  /** The control plane's namespace. */
  readonly namespace: kubernetes.core.v1.Namespace;
  readonly trustManager: pulumi.Resource;
  readonly trustDomain: string;
  /** Whether the anchor of the Secret `linkerd-previous-anchor` is trusted too. */
  readonly trustPreviousAnchor: boolean;
}

/** The only type of key that Linkerd supports: ECDSA P-256. @see https://linkerd.io/2/tasks/generate-certificates/ */
const privateKey = { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" } as const;

/** The ConfigMap of Linkerd's trust roots, and so the name of the Bundle that creates it. */
const trustRoots = "linkerd-identity-trust-roots";

/** Pulumi waits until the trust roots are in the control plane's namespace, where its pods mount them. */
const waitForSynced = { "pulumi.com/waitFor": "condition=Synced" };

/**
 * Creates Linkerd's chain of trust: a self-signed trust anchor (10 years), the identity issuer that it signs (48 hours,
 * renewed 25 hours before expiry), and the Bundle by which trust-manager copies the anchor's certificate to the control
 * plane's namespace.
 *
 * @returns The resources that the control plane's pods mount: the identity issuer and the trust roots.
 * @see https://linkerd.io/2/tasks/automatically-rotating-control-plane-tls-credentials/
 */
export function createIdentity(
  name: string,
  { certManagerNamespace, namespace, trustManager, trustDomain, trustPreviousAnchor }: IdentityArgs,
  parent: pulumi.Resource,
): readonly pulumi.Resource[] {
  const root = issuer(
    `${name}-trust-root-issuer`,
    { name: "linkerd-trust-root-issuer", namespace: certManagerNamespace },
    { selfSigned: {} },
    { parent },
  );
  const anchor = certificate(
    `${name}-trust-anchor`,
    { name: "linkerd-trust-anchor", namespace: certManagerNamespace, annotations: waitForReady },
    {
      secretName: "linkerd-trust-anchor",
      issuerRef: { kind: "Issuer", name: root.metadata.name },
      isCA: true,
      commonName: `root.linkerd.${trustDomain}`,
      duration: "87600h",
      renewBefore: "2160h",
      privateKey,
    },
    { parent },
  );
  const identityIssuer = clusterIssuer(
    `${name}-identity-issuer`,
    { name: "linkerd-identity-issuer" },
    { ca: { secretName: "linkerd-trust-anchor" } },
    { parent, dependsOn: [anchor] },
  );
  const credentials = certificate(
    `${name}-identity`,
    { name: "linkerd-identity-issuer", namespace: namespace.metadata.name, annotations: waitForReady },
    {
      secretName: "linkerd-identity-issuer",
      issuerRef: { kind: "ClusterIssuer", name: identityIssuer.metadata.name },
      isCA: true,
      commonName: `identity.linkerd.${trustDomain}`,
      duration: "48h",
      renewBefore: "25h",
      privateKey,
    },
    { parent },
  );
  const anchors = ["linkerd-trust-anchor", ...(trustPreviousAnchor ? ["linkerd-previous-anchor"] : [])];
  const roots = bundle(
    `${name}-trust-roots`,
    { name: trustRoots, annotations: waitForSynced },
    {
      sources: anchors.map((secret) => ({ secret: { name: secret, key: "tls.crt" } })),
      target: {
        configMap: { key: "ca-bundle.crt" },
        namespaceSelector: { matchLabels: { "linkerd.io/is-control-plane": "true" } },
      },
    },
    // Depend on the namespace: a Bundle with no matching namespace also reports Synced.
    { parent, dependsOn: [trustManager, anchor, namespace] },
  );
  return [credentials, roots];
}
