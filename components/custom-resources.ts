import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

type Metadata = pulumi.Unwrap<kubernetes.types.input.meta.v1.ObjectMeta>;

/** Metadata of a resource we write: a fixed name, and a namespace unless the kind has none. */
export interface ObjectName {
  readonly name: string;
  readonly namespace?: pulumi.Input<string>;
  readonly annotations?: NonNullable<Metadata["annotations"]>;
}

/** A reference to an Issuer or ClusterIssuer. */
export interface IssuerRef {
  readonly kind: "Issuer" | "ClusterIssuer";
  readonly name: pulumi.Input<string>;
}

/** @see https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.CertificateSpec */
export interface CertificateSpec {
  readonly secretName: string;
  readonly issuerRef: IssuerRef;
  readonly dnsNames?: readonly string[];
  readonly commonName?: string;
  readonly isCA?: boolean;
  /** Go duration, such as `48h`; no days. */
  readonly duration?: string;
  readonly renewBefore?: string;
  readonly privateKey?: {
    readonly algorithm: "ECDSA" | "RSA" | "Ed25519";
    readonly size?: number;
    readonly rotationPolicy?: "Always" | "Never";
  };
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
        /** The CAs that the server's own certificate is checked with: PEM, in base64. Absence means the public ones. */
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

/** @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRuleSpec */
export interface PrometheusRuleSpec {
  readonly groups: readonly {
    readonly name: string;
    readonly rules: readonly {
      readonly alert: string;
      /** PromQL: the alert is for each series that it gives. */
      readonly expr: string;
      /** How long it must have been so. */
      readonly for: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    }[];
  }[];
}

/** Labels that an endpoint must have; `k8s:io.kubernetes.pod.namespace` names another namespace. */
export interface EndpointSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
}

export interface PortRule {
  readonly ports: readonly { readonly port: string; readonly protocol: "TCP" | "UDP" }[];
}

export interface IngressRule {
  readonly fromEndpoints?: readonly EndpointSelector[];
  readonly fromEntities?: readonly ("host" | "remote-node" | "cluster" | "world")[];
  readonly toPorts?: readonly PortRule[];
}

export interface EgressRule {
  readonly toEndpoints?: readonly EndpointSelector[];
  readonly toPorts?: readonly PortRule[];
}

/** @see https://docs.cilium.io/en/stable/security/policy/language/ */
export interface NetworkPolicySpec {
  readonly endpointSelector: EndpointSelector;
  readonly ingress: readonly IngressRule[];
  readonly egress: readonly EgressRule[];
}

/** @see https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/overview/ */
export type MiddlewareSpec =
  | {
      readonly rateLimit: {
        readonly average: number;
        readonly period: string;
        readonly burst: number;
        readonly sourceCriterion?: { readonly ipStrategy: { readonly depth: number } };
      };
    }
  | {
      readonly headers: {
        readonly accessControlAllowOriginList: readonly string[];
        readonly accessControlAllowMethods: readonly string[];
        readonly accessControlAllowHeaders: readonly string[];
        readonly accessControlMaxAge: number;
        readonly addVaryHeader: boolean;
      };
    }
  | { readonly basicAuth: { readonly secret: string; readonly removeHeader: boolean } }
  | { readonly ipAllowList: { readonly sourceRange: pulumi.Input<string[]> } };

/** @see https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/tls/tlsoption/ */
export interface TlsOptionSpec {
  readonly minVersion: "VersionTLS12" | "VersionTLS13";
  readonly clientAuth?: {
    /** Secrets of the same namespace, each with a CA at `ca.crt`. */
    readonly secretNames: readonly string[];
    readonly clientAuthType: "RequireAndVerifyClientCert";
  };
}

interface Specs {
  readonly "cert-manager.io/v1/Certificate": CertificateSpec;
  readonly "cert-manager.io/v1/Issuer": IssuerSpec;
  readonly "cert-manager.io/v1/ClusterIssuer": IssuerSpec;
  readonly "trust.cert-manager.io/v1alpha1/Bundle": BundleSpec;
  readonly "monitoring.coreos.com/v1/PrometheusRule": PrometheusRuleSpec;
  readonly "cilium.io/v2/CiliumNetworkPolicy": NetworkPolicySpec;
  readonly "traefik.io/v1alpha1/Middleware": MiddlewareSpec;
  readonly "traefik.io/v1alpha1/TLSOption": TlsOptionSpec;
}

/** A kind of custom resource: the one place where its API version and the shape of its spec meet. */
function kind<K extends keyof Specs>(groupVersionKind: K) {
  const at = groupVersionKind.lastIndexOf("/");
  const type = { apiVersion: groupVersionKind.slice(0, at), kind: groupVersionKind.slice(at + 1) };
  return (name: string, metadata: ObjectName, spec: Specs[K], opts: pulumi.CustomResourceOptions) =>
    new kubernetes.apiextensions.CustomResource(name, { ...type, metadata: { ...metadata }, spec }, opts);
}

export const certificate = kind("cert-manager.io/v1/Certificate");
export const issuer = kind("cert-manager.io/v1/Issuer");
export const clusterIssuer = kind("cert-manager.io/v1/ClusterIssuer");
export const bundle = kind("trust.cert-manager.io/v1alpha1/Bundle");
export const prometheusRule = kind("monitoring.coreos.com/v1/PrometheusRule");
export const networkPolicy = kind("cilium.io/v2/CiliumNetworkPolicy");
export const middleware = kind("traefik.io/v1alpha1/Middleware");
export const tlsOption = kind("traefik.io/v1alpha1/TLSOption");
