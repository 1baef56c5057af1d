import type { EndpointSelector } from "./cilium-resources";
import { customResource } from "./custom-resource";

/** @see https://linkerd.io/2/reference/authorization-policy/#server */
export interface ServerSpec {
  readonly podSelector: EndpointSelector;
  /** A port of the pods, as their containers declare it. No other Server may have the same of the same pods. */
  readonly port: number;
  /** What is spoken on it. With `unknown` the proxy looks, and waits up to ten seconds for a client that says nothing. */
  readonly proxyProtocol: "unknown" | "HTTP/1" | "HTTP/2" | "gRPC" | "opaque" | "TLS";
  /** What becomes of a connection that no policy is about. Absence means `deny`. */
  readonly accessPolicy?: "deny" | "audit";
}

const policyGroup = "policy.linkerd.io";

/** What proves that a client may come in, of the same namespace. */
export interface AuthenticationRef {
  readonly group: typeof policyGroup;
  readonly kind: "MeshTLSAuthentication" | "NetworkAuthentication";
  readonly name: string;
}

/** @see https://linkerd.io/2/reference/authorization-policy/#authorizationpolicy */
export interface AuthorizationPolicySpec {
  readonly targetRef: { readonly group: typeof policyGroup; readonly kind: "Server"; readonly name: string };
  /** All of them must hold. One that is not there makes the whole policy void. */
  readonly requiredAuthenticationRefs: readonly AuthenticationRef[];
}

/** @see https://linkerd.io/2/reference/authorization-policy/#meshtlsauthentication */
export interface MeshTlsAuthenticationSpec {
  /** `<service account>.<namespace>.serviceaccount.identity.linkerd.<trust domain>`: one of them is enough. */
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
    /** Absence means false. */
    readonly isRetryable?: boolean;
  }[];
  /** Of all routes together. Absence means what Linkerd has: 0.2, 10 and 10s. */
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
