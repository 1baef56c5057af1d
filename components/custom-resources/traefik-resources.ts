import type * as pulumi from "@pulumi/pulumi";

import { customResource } from "./custom-resource";

/** The client is the entry of X-Forwarded-For that many from its end. Absence means the peer of the connection. */
interface IpStrategy {
  readonly depth: number;
}

/** How requests are grouped by client. All addresses of one IPv6 network of `ipv6Subnet` bits are one client. */
interface SourceStrategy extends Partial<IpStrategy> {
  readonly ipv6Subnet: number;
}

type Names = Readonly<Record<string, string>>;

/** @see https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/overview/ */
export type MiddlewareSpec =
  | {
      readonly rateLimit: {
        readonly average: number;
        readonly period: string;
        readonly burst: number;
        readonly sourceCriterion: { readonly ipStrategy: SourceStrategy };
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
  /** An empty value takes the header away. */
  | { readonly headers: { readonly customRequestHeaders: Names } }
  | { readonly headers: { readonly customResponseHeaders: Names } }
  | { readonly basicAuth: { readonly secret: string; readonly removeHeader: boolean } }
  | {
      readonly ipAllowList: {
        readonly sourceRange: pulumi.Input<string[]>;
        readonly ipStrategy?: IpStrategy;
      };
    }
  | { readonly buffering: { readonly maxRequestBodyBytes: number } }
  | {
      readonly redirectRegex: {
        readonly regex: string;
        readonly replacement: string;
        readonly permanent: boolean;
      };
    };

/** @see https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/tls/tlsoption/ */
export interface TlsOptionSpec {
  readonly minVersion: "VersionTLS12" | "VersionTLS13";
  readonly clientAuth?: {
    /** Secrets of the same namespace, each with a CA at `ca.crt`. */
    readonly secretNames: readonly string[];
    readonly clientAuthType: "RequireAndVerifyClientCert";
  };
}

/** @see https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/tls/tlsstore/ */
export interface TlsStoreSpec {
  /** Shown where no other certificate fits the name; its Secret is in the store's own namespace. */
  readonly defaultCertificate?: { readonly secretName: pulumi.Input<string> };
  readonly certificates?: readonly { readonly secretName: pulumi.Input<string> }[];
}

/** @see https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/http/serverstransport/ */
export interface ServersTransportSpec {
  readonly forwardingTimeouts: {
    /** Go durations. Absence of the first means 30 s, of the second for ever. */
    readonly dialTimeout?: string;
    readonly responseHeaderTimeout?: string;
  };
}

/** @see https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/http/traefikservice/ */
export interface TraefikServiceSpec {
  readonly weighted: {
    readonly services: readonly {
      readonly name: string;
      readonly port: number;
      /** Its share of the sum of all weights. Absence means 1. */
      readonly weight?: number;
      /** Absence means HTTP/1, unless the port says otherwise. */
      readonly scheme?: "h2c";
      /** Whether Traefik dials the Service's address in place of its pods'. Absence means what Traefik was started with. */
      readonly nativeLB?: boolean;
      readonly serversTransport?: string;
      /** To the same pod. */
      readonly sticky?: StickyCookie;
    }[];
    /** To the same one of the services. */
    readonly sticky?: StickyCookie;
  };
}

interface StickyCookie {
  readonly cookie: {
    readonly name: string;
    readonly secure: boolean;
    readonly httpOnly: boolean;
    readonly sameSite: "none" | "lax" | "strict";
  };
}

export const middleware = customResource<MiddlewareSpec>("traefik.io/v1alpha1/Middleware");
export const tlsOption = customResource<TlsOptionSpec>("traefik.io/v1alpha1/TLSOption");
export const tlsStore = customResource<TlsStoreSpec>("traefik.io/v1alpha1/TLSStore");
export const serversTransport = customResource<ServersTransportSpec>("traefik.io/v1alpha1/ServersTransport");
export const traefikService = customResource<TraefikServiceSpec>("traefik.io/v1alpha1/TraefikService");
