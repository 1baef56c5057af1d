import type * as pulumi from "@pulumi/pulumi";

import type { BackendTls, PortArgs } from "../app/app-ports";
import type { ObjectMetadata } from "../custom-resources/custom-resource";
import type { IngressInstallation } from "./ingress-installation";
import type { Route } from "./route";
import type { RoutedApp, RouteManifests } from "./route-manifests";

/** The reason why a controller does not support a feature. */
export interface UnsupportedReason {
  /** The value and the reason: `got 308, but ...`. */
  readonly problem: string;
  /** The values that it supports, such as `none`. */
  readonly want: string;
}

/** A feature of a route that a controller does not support. */
export interface UnsupportedFeature extends UnsupportedReason {
  /** The path of the field in the route: `rateLimit.burst`. */
  readonly field: string;
}

/** The parts of an app that decide which features of its routes a controller supports. */
export interface RouteOwner extends PortArgs {
  /** The app's other routes. Default: none. */
  readonly others?: readonly Pick<Route, "host" | "port" | "redirect" | "sticky" | "timeouts">[] | undefined;
  /** Whether its Service is managed elsewhere, so that annotations cannot be set on it. Default: false. */
  readonly existing?: boolean | undefined;
  /** The canary. Default: none. */
  readonly canary?: unknown;
}

/** An app that speaks TLS, as far as it decides which controllers can connect to it. */
export interface TlsApp {
  readonly tls?: BackendTls | undefined;
  readonly protocol?: string | undefined;
  /** Whether its Service is managed elsewhere. Default: false. */
  readonly existing?: boolean | undefined;
  readonly routes: readonly unknown[];
}

/** A half of the origin lock that a controller supports. */
interface OriginLockFeature {
  /** The namespace of its objects: the controller's, or that of the routes that refer to them. */
  readonly namespace: "controller" | "route";
  /** The reference of a route to its object. */
  readonly reference: (namespace: string, name: string) => string;
}

/** A client certificate that a controller requires from Cloudflare's edge. */
export interface ClientCertificateLock extends OriginLockFeature {
  /** Whether it cannot be required of some hosts only. Default: false. */
  readonly isForAllHosts?: boolean;
}

/** An allow-list of Cloudflare's address ranges. */
export interface AllowListLock extends OriginLockFeature {
  readonly create: (
    name: string,
    metadata: ObjectMetadata,
    cidrs: pulumi.Input<string[]>,
    opts: pulumi.CustomResourceOptions,
  ) => pulumi.Resource;
}

/** A controller's means of admitting only Cloudflare's edge to proxied hosts. */
export interface OriginLockSupport {
  readonly clientCertificate: ClientCertificateLock | UnsupportedReason;
  readonly allowList: AllowListLock | UnsupportedReason;
  /**
   * Creates the TLS options of hosts that name none. They require a client certificate if the Secret with its CAs is given.
   * Default: there are no such options.
   */
  readonly createDefault?: (
    name: string,
    namespace: pulumi.Input<string>,
    caSecretName: string | undefined,
    opts: pulumi.CustomResourceOptions,
  ) => pulumi.Resource;
  /** The annotations of an Ingress whose host every client may connect to. Default: none are needed. */
  readonly openHostAnnotations?: Readonly<Record<string, string>>;
}

/** The routes half of an ingress controller: the objects that it reads. */
export interface RouteSupport {
  /** The features of a route that the controller does not support. Empty if it supports all. */
  readonly unsupported: (route: Route, app?: RouteOwner) => readonly UnsupportedFeature[];
  /** The reason why the controller does not send requests of an unmeshed app to its canary. Default: it does. */
  readonly unsupportedCanary?: UnsupportedReason;
  /** The reason why the controller does not connect to an app by its TLS. Default: it does. */
  readonly unsupportedTls?: (app: TlsApp & { readonly tls: BackendTls }) => UnsupportedReason | undefined;
  /** The prefix length of the IPv6 range that a rate limit counts as one client. */
  readonly rateLimitIpv6Prefix: 64 | 128;
  readonly render: (app: RoutedApp) => RouteManifests;
  readonly originLock: OriginLockSupport;
}

/**
 * An ingress controller. The halves are independent, since a cluster's controller may be installed and managed elsewhere.
 */
export interface IngressController {
  readonly installation: IngressInstallation;
  readonly routes: RouteSupport;
}

/** Whether a half of the origin lock is supported. */
export const isSupported = <Feature extends OriginLockFeature>(
  feature: Feature | UnsupportedReason,
): feature is Feature => "reference" in feature;

/** A feature, and whether the route uses it. */
export type FeatureCheck = readonly [isUsed: boolean, field: string, problem: string, want: string];

/** The features that a route uses. */
export const usedFeatures = (checks: readonly FeatureCheck[]): UnsupportedFeature[] =>
  checks.flatMap(([isUsed, field, problem, want]) => (isUsed ? [{ field, problem, want }] : []));
