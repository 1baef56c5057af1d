import type * as pulumi from "@pulumi/pulumi";

import { customResource } from "./custom-resource";

/** The position of the client's address in X-Forwarded-For, from its end. Default: the peer of the connection. */
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
        readonly accessControlAllowOriginListRegex?: readonly string[];
        readonly accessControlAllowCredentials?: boolean;
        readonly accessControlExposeHeaders?: readonly string[];
      };
    }
  /** An empty value takes the header away. */
  | { readonly headers: { readonly customRequestHeaders: Names } }
  | { readonly headers: { readonly customResponseHeaders: Names } }
  | {
      readonly forwardAuth: {
        readonly address: string;
        readonly trustForwardHeader: boolean;
        readonly authResponseHeaders: readonly string[];
        /** The maximum size of the response's body, in bytes. A larger one is answered with 401. */
        readonly maxResponseBodySize: number;
        readonly authSigninURL?: string;
      };
    }
  | { readonly basicAuth: { readonly secret: string; readonly removeHeader: boolean } }
  | {
      readonly ipAllowList: {
        readonly sourceRange: pulumi.Input<string[]>;
        readonly ipStrategy?: IpStrategy;
      };
    }
  | { readonly replacePathRegex: { readonly regex: string; readonly replacement: string } }
  | { readonly compress: object }
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
  /** The cipher suites of TLS 1.2. Default: Go's. */
  readonly cipherSuites?: readonly string[];
  /** Whether a connection fails if no certificate is for the host that the client names. Default: false. */
  readonly sniStrict: boolean;
  readonly clientAuth?: {
    /** Secrets of the same namespace, each with a CA at `ca.crt`. */
    readonly secretNames: readonly string[];
    readonly clientAuthType: "RequireAndVerifyClientCert";
  };
}

/** @see https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/http/serverstransport/ */
export interface ServersTransportSpec {
  readonly forwardingTimeouts?: {
    /** Go durations. The defaults are 30 s and no limit. */
    readonly dialTimeout?: string;
    readonly responseHeaderTimeout?: string;
  };
  /** The name that a server's certificate must have. */
  readonly serverName?: string;
  /** The CAs of servers, at `ca.crt`. Default: the system's. */
  readonly rootCAs?: readonly ({ readonly secret: string } | { readonly configMap: string })[];
  /** Whether any certificate is accepted. Default: false. */
  readonly insecureSkipVerify?: boolean;
}

/** @see https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/http/traefikservice/ */
export interface TraefikServiceSpec {
  readonly weighted: {
    readonly services: readonly {
      readonly name: string;
      readonly port: number;
      /** Its share of the sum of all weights. Default: 1. */
      readonly weight?: number;
      /** The scheme. Default: HTTP/1, unless the port's appProtocol has another. */
      readonly scheme?: "h2c" | "https";
      /** Whether Traefik connects to the Service's address instead of its pods'. Default: Traefik's own setting. */
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
