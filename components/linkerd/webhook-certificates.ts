import * as pulumi from "@pulumi/pulumi";

import { certificate, issuer } from "../custom-resources/cert-manager-resources";
import { waitForReady } from "../pulumi/wait-for";

export interface WebhookCertificatesArgs {
  /** Where the webhooks run, known once it exists. */
  readonly namespace: pulumi.Output<string>;
  /** The Service at which the API server reaches each webhook, by what the webhook does. */
  readonly services: Readonly<Record<string, string>>;
}

/** The kind and the encoding of key that Linkerd's page asks for. */
const privateKey = { algorithm: "ECDSA", size: 256, encoding: "PKCS8" } as const;

/**
 * Certificates by which the API server knows Linkerd's webhooks, signed by a CA of the namespace's own (10 years) and renewed
 * a month before they end (90 days). What the charts sign themselves they sign anew on every upgrade, for a year.
 *
 * @param name The names of the resources begin with it.
 * @returns The Certificates, issued: each has its Service's name, and the Secret `<service>-k8s-tls`.
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
      // Renewed with the same key it still vouches for what it signed before, so no webhook is doubted meanwhile.
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
