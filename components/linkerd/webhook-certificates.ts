import * as pulumi from "@pulumi/pulumi";

import { certificate, issuer } from "../custom-resources/cert-manager-resources";
import { waitForReady } from "../pulumi/wait-for";

export interface WebhookCertificatesArgs {
  /** The namespace of the webhooks, known once it exists. */
  readonly namespace: pulumi.Output<string>;
  /** The Service of each webhook, by the webhook's name. */
  readonly services: Readonly<Record<string, string>>;
}

/** The type and encoding of key in Linkerd's documentation. */
const privateKey = { algorithm: "ECDSA", size: 256, encoding: "PKCS8" } as const;

/**
 * Creates the TLS certificates of Linkerd's webhooks (90 days, renewed a month before expiry), signed by a CA of their
 * namespace (10 years). The charts' own certificates are valid for a year and are replaced on every upgrade.
 *
 * @param name The prefix of the resources' names.
 * @returns The certificates, issued. Each has the name of its Service, and the Secret `<service>-k8s-tls`.
 * @see https://linkerd.io/2/tasks/automatically-rotating-webhook-tls-credentials/
 */
export function createWebhookCertificates(
  name: string,
  { namespace, services }: WebhookCertificatesArgs,
  parent: pulumi.Resource,
): readonly pulumi.Resource[] {
  const root = issuer(
    `${name}-webhook-root-issuer`,
    { name: "webhook-root-issuer", namespace },
    { selfSigned: {} },
    { parent },
  );
  const authority = certificate(
    `${name}-webhook-ca`,
    { name: "webhook-ca", namespace, annotations: waitForReady },
    {
      secretName: "webhook-ca",
      issuerRef: { kind: "Issuer", name: root.metadata.name },
      isCA: true,
      commonName: "webhook.linkerd.cluster.local",
      duration: "87600h",
      renewBefore: "2160h",
      // With the same key, certificates signed before a renewal of the CA stay valid.
      privateKey: { ...privateKey, rotationPolicy: "Never" },
    },
    { parent },
  );
  const signer = issuer(
    `${name}-webhook-issuer`,
    { name: "webhook-issuer", namespace },
    { ca: { secretName: "webhook-ca" } },
    { parent, dependsOn: [authority] },
  );
  return Object.entries(services).map(([webhook, service]) =>
    certificate(
      `${name}-${webhook}-tls`,
      { name: service, namespace, annotations: waitForReady },
      {
        secretName: `${service}-k8s-tls`,
        issuerRef: { kind: "Issuer", name: signer.metadata.name },
        dnsNames: [pulumi.interpolate`${service}.${namespace}.svc`],
        duration: "2160h",
        renewBefore: "720h",
        privateKey: { ...privateKey, rotationPolicy: "Always" },
        usages: ["server auth"],
      },
      { parent },
    ),
  );
}
