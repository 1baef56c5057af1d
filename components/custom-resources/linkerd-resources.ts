import type { EndpointSelector } from "./cilium-resources";
import { customResource } from "./custom-resource";

/** @see https://linkerd.io/2/reference/authorization-policy/#server */
export interface ServerSpec {
  readonly podSelector: EndpointSelector;
  /** A container port of the pods, for which there may be no other Server. */
  readonly port: number;
  /** Its protocol. `unknown` means detection, which waits up to ten seconds for the first bytes of the client. */
  readonly proxyProtocol: "unknown" | "HTTP/1" | "HTTP/2" | "gRPC" | "opaque" | "TLS";
  /** The access of clients without an AuthorizationPolicy. Default: `deny`. */
  readonly accessPolicy?: "deny" | "audit";
}

const policyGroup = "policy.linkerd.io";

/** A reference to an authentication in the same namespace. */
export interface AuthenticationRef {
  readonly group: typeof policyGroup;
  readonly kind: "MeshTLSAuthentication" | "NetworkAuthentication";
  readonly name: string;
}

/** @see https://linkerd.io/2/reference/authorization-policy/#authorizationpolicy */
export interface AuthorizationPolicySpec {
  readonly targetRef: { readonly group: typeof policyGroup; readonly kind: "Server"; readonly name: string };
  /** All of them must hold. With a missing one, the policy authorizes no client. */
  readonly requiredAuthenticationRefs: readonly AuthenticationRef[];
}

/** @see https://linkerd.io/2/reference/authorization-policy/#meshtlsauthentication */
export interface MeshTlsAuthenticationSpec {
  /** `<service account>.<namespace>.serviceaccount.identity.linkerd.<trust domain>`. A client needs one of them. */
  readonly identities: readonly string[];
}

/** @see https://linkerd.io/2/reference/authorization-policy/#networkauthentication */
export interface NetworkAuthenticationSpec {
  readonly networks: readonly { readonly cidr: string; readonly except?: readonly string[] }[];
}

/** @see https://linkerd.io/2/reference/service-profiles/ */
export interface ServiceProfileSpec {
  readonly routes: readonly {
    readonly name: string;
    /** A regular expression for the whole path. */
    readonly condition: { readonly method?: string; readonly pathRegex: string };
    /** Go duration. */
    readonly timeout?: string;
    /** Default: false. */
    readonly isRetryable?: boolean;
  }[];
  /** The budget of all routes together. Default: 0.2, 10 and 10s. */
  readonly retryBudget?: {
    readonly retryRatio: number;
    readonly minRetriesPerSecond: number;
    /** Go duration. */
    readonly ttl: string;
  };
}

export const server = customResource<ServerSpec>(`${policyGroup}/v1beta3/Server`);
export const authorizationPolicy = customResource<AuthorizationPolicySpec>(
  `${policyGroup}/v1alpha1/AuthorizationPolicy`,
);
export const meshTlsAuthentication = customResource<MeshTlsAuthenticationSpec>(
  `${policyGroup}/v1alpha1/MeshTLSAuthentication`,
);
export const networkAuthentication = customResource<NetworkAuthenticationSpec>(
  `${policyGroup}/v1alpha1/NetworkAuthentication`,
);
export const serviceProfile = customResource<ServiceProfileSpec>("linkerd.io/v1alpha2/ServiceProfile");
