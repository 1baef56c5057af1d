import type * as pulumi from "@pulumi/pulumi";

import { customResource } from "./custom-resource";

/** A reference to an Issuer or ClusterIssuer. */
export interface IssuerRef {
  readonly kind: "Issuer" | "ClusterIssuer";
  readonly name: pulumi.Input<string>;
}

/** @see https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.CertificateSpec */
export interface CertificateSpec {
  readonly secretName: string;
  readonly issuerRef: IssuerRef;
  readonly dnsNames?: readonly pulumi.Input<string>[];
  readonly commonName?: string;
  readonly isCA?: boolean;
  /** The lifetime of the certificate: a Go duration, such as `48h`. Go has no unit for days. */
  readonly duration?: string;
  readonly renewBefore?: string;
  readonly privateKey?: {
    readonly algorithm: "ECDSA" | "RSA" | "Ed25519";
    readonly size?: number;
    /** Default: PKCS1, which for ECDSA is SEC 1. */
    readonly encoding?: "PKCS1" | "PKCS8";
    readonly rotationPolicy?: "Always" | "Never";
  };
  /** Default: digital signature and key encipherment. */
  readonly usages?: readonly "server auth"[];
}

/** @see https://cert-manager.io/docs/reference/api-docs/#acme.cert-manager.io/v1.ACMEChallengeSolver */
export interface AcmeSolver {
  readonly selector?: { readonly dnsZones?: readonly string[]; readonly dnsNames?: readonly string[] };
  readonly dns01?: {
    readonly cloudflare: { readonly apiTokenSecretRef: { readonly name: string; readonly key: string } };
  };
  readonly http01?: {
    readonly ingress: { readonly ingressClassName: string; readonly serviceType?: "ClusterIP" | "NodePort" };
  };
}

/** @see https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.IssuerSpec */
export type IssuerSpec =
  | { readonly selfSigned: Record<string, never> }
  | { readonly ca: { readonly secretName: string } }
  | {
      readonly acme: {
        readonly email: string;
        readonly server: string;
        /** The CAs of the server's own certificate: PEM, in base64. Default: the public ones. */
        readonly caBundle?: string;
        readonly privateKeySecretRef: { readonly name: string };
        readonly solvers: readonly AcmeSolver[];
      };
    };

/** @see https://cert-manager.io/docs/trust/trust-manager/api-reference/ */
export interface BundleSpec {
  readonly sources: readonly { readonly secret: { readonly name: string; readonly key: string } }[];
  readonly target: {
    readonly configMap: { readonly key: string };
    readonly namespaceSelector?: { readonly matchLabels: Readonly<Record<string, string>> };
  };
}

export const certificate = customResource<CertificateSpec>("cert-manager.io/v1/Certificate");
export const issuer = customResource<IssuerSpec>("cert-manager.io/v1/Issuer");
export const clusterIssuer = customResource<IssuerSpec>("cert-manager.io/v1/ClusterIssuer");
export const bundle = customResource<BundleSpec>("trust.cert-manager.io/v1alpha1/Bundle");
