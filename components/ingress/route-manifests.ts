import type * as pulumi from "@pulumi/pulumi";

import type { HttpRouteSpec } from "../custom-resources/gateway-api-resources";
import { findTcpPort, type BackendTls, type PortArgs } from "../app/app-ports";
import type { ResolvedRoute, RoutePath } from "./route";

/** A Service on the app's port, and its share of the requests. */
export interface WeightedBackend {
  readonly serviceName: string;
  /** Percent, 0 to 100. */
  readonly weight: number;
}

/** The fields of an app that its routes depend on. */
export interface RoutedApp {
  readonly name: string;
  /** The name of its Service. Default: the app's name. */
  readonly serviceName?: string | undefined;
  /** The Service's port. */
  readonly servicePort: number;
  readonly routes: readonly ResolvedRoute[];
  /** The protocol of `servicePort`. Default: `http`. */
  readonly protocol?: "grpc" | "http" | undefined;
  /** Further ports of the Service. Default: none. */
  readonly ports?: PortArgs["ports"];
  /** TLS of its connections from the controller. Default: none. */
  readonly tls?: BackendTls | undefined;
  /** The Service of its second version. Default: none. */
  readonly canary?: WeightedBackend | undefined;
  /** Whether the mesh splits the requests between the versions. Default: false. */
  readonly meshed?: boolean | undefined;
}

/** Finds the Service's port to which a route leads, and whether it is HTTP/2 without TLS, as gRPC is. */
export function findBackendPort(
  { servicePort, protocol, ports }: RoutedApp,
  { port }: Pick<ResolvedRoute, "port">,
): { readonly port: number; readonly isHttp2: boolean } {
  const further = port === undefined ? undefined : findTcpPort({ ports }, port);
  return further === undefined
    ? { port: servicePort, isHttp2: protocol === "grpc" }
    : { port: further.number, isHttp2: further.protocol === "grpc" };
}

/** References to the origin-lock objects of a host, in the controller's syntax. */
export interface OriginLockRefs {
  /** Requires Cloudflare's client certificate. Default: not required. */
  readonly clientCertificate?: pulumi.Input<string>;
  /** Rejects every address but Cloudflare's. Default: accepts all. */
  readonly allowList?: pulumi.Input<string>;
  /** The annotations of a host that is not proxied, if the client certificate is required by default. Default: none. */
  readonly openHost?: Readonly<Record<string, string>>;
}

/** Values that a route refers to and that are known only once their resources exist. */
export interface RenderContext {
  /** The app's namespace. */
  readonly namespace: string;
  /** The origin lock of the host. If Cloudflare does not proxy it, only `openHost`. */
  readonly originLock: pulumi.Unwrap<OriginLockRefs>;
}

/** The name of a resource in the state, unique in the stack, and that of its object, unique in the namespace. */
export interface ResourceNames {
  readonly pulumiName: string;
  readonly objectName: string;
}

/** An object that a route or the app's Service refers to, and that must exist before it. */
export type SupportingResource = ResourceNames &
  (
    | { readonly kind: "ConfigMap"; readonly data: Readonly<Record<string, string>> }
    | { readonly apiVersion: string; readonly kind: string; readonly spec: object }
  );

type Annotations = Readonly<Record<string, string>>;

/** The Ingress or HTTPRoute of one host. */
export type RouteManifest = ResourceNames & {
  readonly route: ResolvedRoute;
  readonly supportingResources: readonly SupportingResource[];
} & (
    | {
        readonly kind: "Ingress";
        readonly annotations: (context: RenderContext) => Annotations;
        /** Ingresses of single paths, whose annotations differ; the first Ingress has the other paths. Default: none. */
        readonly pathIngresses?: readonly PathIngress[];
        /** The second Ingress of the same host, whose backend is the canary. Default: none. */
        readonly canary?: ResourceNames & { readonly annotations: Annotations; readonly serviceName: string };
      }
    | { readonly kind: "HTTPRoute"; readonly spec: (context: RenderContext) => HttpRouteSpec }
  );

/** The Ingress of one path of a host. */
export interface PathIngress extends ResourceNames {
  readonly path: RoutePath;
  readonly annotations: (context: RenderContext) => Annotations;
}

/** The objects of an app's routes for one controller, as data: AppService creates them. */
export interface RouteManifests {
  /** The annotations of the app's Service that the controller reads, and the objects they refer to. Default: none. */
  readonly service?: {
    readonly supportingResources: readonly SupportingResource[];
    readonly annotations: (namespace: string) => Annotations;
  };
  /** One manifest for each route, in the same order. */
  readonly routes: readonly RouteManifest[];
}

/** The names of a host's objects. Settings reject two apps with the same. */
export const resourceNames = (app: string, host: string): ResourceNames => ({
  pulumiName: `${app}-${host}`,
  objectName: `${app}-${host.replace("*", "wildcard").replaceAll(".", "-")}`,
});

/** The names of a supporting resource, or of a route that exists at the same time as another controller's. */
export const withSuffix = ({ pulumiName, objectName }: ResourceNames, role: string): ResourceNames => ({
  pulumiName: `${pulumiName}-${role}`,
  objectName: `${objectName}-${role}`,
});

/** The Secret with a host's htpasswd lines, at the key `auth`. */
export const basicAuthSecretNames = (names: ResourceNames): ResourceNames => withSuffix(names, "basic-auth");
