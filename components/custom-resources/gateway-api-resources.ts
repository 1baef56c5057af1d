import type * as pulumi from "@pulumi/pulumi";

import { customResource } from "./custom-resource";

/** @see https://gateway-api.sigs.k8s.io/reference/spec/#gatewayclassspec */
export interface GatewayClassSpec {
  readonly controllerName: string;
  readonly description?: string;
}

/** @see https://gateway-api.sigs.k8s.io/reference/spec/#listener */
export interface GatewayListener {
  readonly name: string;
  /** For Traefik the port of its entry point in the pod, not the one outside. */
  readonly port: number;
  readonly protocol: "HTTP" | "HTTPS";
  readonly hostname?: string;
  readonly tls?: {
    readonly mode: "Terminate";
    /** Secrets; one of another namespace needs a ReferenceGrant there. */
    readonly certificateRefs: readonly {
      /** Default of both: a Secret. */
      readonly group?: "";
      readonly kind?: "Secret";
      readonly name: pulumi.Input<string>;
      readonly namespace?: pulumi.Input<string>;
    }[];
  };
  readonly allowedRoutes?: {
    readonly namespaces:
      | { readonly from: "All" | "Same" }
      | {
          readonly from: "Selector";
          readonly selector: {
            readonly matchLabels?: Readonly<Record<string, pulumi.Input<string>>>;
            readonly matchExpressions?: readonly {
              readonly key: string;
              readonly operator: "In";
              readonly values: readonly pulumi.Input<string>[];
            }[];
          };
        };
    readonly kinds?: readonly { readonly group?: string; readonly kind: string }[];
  };
}

/** @see https://gateway-api.sigs.k8s.io/reference/spec/#gatewayspec */
export interface GatewaySpec {
  readonly gatewayClassName: pulumi.Input<string>;
  readonly listeners: readonly GatewayListener[];
}

interface HeaderChanges {
  readonly set?: readonly { readonly name: string; readonly value: string }[];
  readonly remove?: readonly string[];
}

/** @see https://gateway-api.sigs.k8s.io/reference/spec/#httproutefilter */
export type HttpRouteFilter =
  | { readonly type: "RequestHeaderModifier"; readonly requestHeaderModifier: HeaderChanges }
  | { readonly type: "ResponseHeaderModifier"; readonly responseHeaderModifier: HeaderChanges }
  | {
      readonly type: "RequestRedirect";
      readonly requestRedirect: {
        readonly scheme?: "http" | "https";
        readonly hostname?: string;
        readonly port?: number;
        readonly path?: { readonly type: "ReplaceFullPath"; readonly replaceFullPath: string };
        readonly statusCode?: 301 | 302 | 303 | 307 | 308;
      };
    }
  | {
      readonly type: "URLRewrite";
      readonly urlRewrite: {
        readonly path:
          | { readonly type: "ReplaceFullPath"; readonly replaceFullPath: string }
          /** Only in a rule with one match. */
          | { readonly type: "ReplacePrefixMatch"; readonly replacePrefixMatch: string };
      };
    }
  /** An object of the route's own namespace, of a kind that the controller knows. */
  | {
      readonly type: "ExtensionRef";
      readonly extensionRef: { readonly group: string; readonly kind: string; readonly name: string };
    };

/** @see https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule */
export interface HttpRouteRule {
  readonly matches: readonly {
    readonly path: { readonly type: "PathPrefix" | "Exact"; readonly value: string };
  }[];
  /** A request passes them in this order. */
  readonly filters?: readonly HttpRouteFilter[];
  /** Required, except for a rule that redirects. */
  readonly backendRefs?: readonly {
    /** Default of both: a Service. */
    readonly group?: string;
    readonly kind?: string;
    readonly name: string;
    readonly port?: number;
    /** Its share of the sum of all weights. Default: 1. */
    readonly weight?: number;
  }[];
}

/** @see https://gateway-api.sigs.k8s.io/reference/spec/#httproutespec */
export interface HttpRouteSpec {
  readonly parentRefs: readonly {
    readonly name: string;
    readonly namespace: string;
    /** The listener's name. */
    readonly sectionName: string;
  }[];
  readonly hostnames: readonly string[];
  readonly rules: readonly HttpRouteRule[];
}

/**
 * An HTTPRoute whose parent is a Service: a mesh obeys it for all that is sent to that Service.
 *
 * @see https://gateway-api.sigs.k8s.io/mesh/
 */
export interface ServiceRouteSpec {
  readonly parentRefs: readonly {
    readonly group: "core";
    readonly kind: "Service";
    readonly name: string;
    readonly port: number;
  }[];
  readonly rules: readonly {
    readonly matches: readonly {
      readonly path: { readonly type: "PathPrefix" | "Exact" | "RegularExpression"; readonly value: string };
      readonly method?: string;
    }[];
    /** Services, each with its share of the sum of all weights. Default: 1. */
    readonly backendRefs: readonly {
      readonly name: string;
      readonly port: number;
      readonly weight?: number;
    }[];
  }[];
}

export const gatewayClass = customResource<GatewayClassSpec>("gateway.networking.k8s.io/v1/GatewayClass");
export const gateway = customResource<GatewaySpec>("gateway.networking.k8s.io/v1/Gateway");
export const httpRoute = customResource<HttpRouteSpec>("gateway.networking.k8s.io/v1/HTTPRoute");
export const serviceRoute = customResource<ServiceRouteSpec>("gateway.networking.k8s.io/v1/HTTPRoute");
