import type * as pulumi from "@pulumi/pulumi";

import type { HttpRouteSpec } from "../custom-resources/gateway-api-resources";
import type {
  MiddlewareSpec,
  ServersTransportSpec,
  TraefikServiceSpec,
} from "../custom-resources/traefik-resources";
import type { Share } from "./canary";
import type { PlacedRoute } from "./route";

/** An app, as far as the way into it goes. */
export interface RoutedApp {
  readonly name: string;
  /** The Service that answers. Absence means one of the app's name. */
  readonly serviceName?: string | undefined;
  /** The port its Service offers. */
  readonly servicePort: number;
  readonly routes: readonly PlacedRoute[];
  /** What the app speaks. Default: `http`. */
  readonly protocol?: "grpc" | "http" | undefined;
  /** The Service of its second version. Absence means that there is one version. */
  readonly canary?: Share | undefined;
  /** Whether the mesh knows of the canary. */
  readonly meshed?: boolean | undefined;
}

/** What lets nobody but the edge in to a host, in the words that the controller's rules refer to it by. */
export interface EdgeOnly {
  /** What asks for the edge's client certificate. Absence asks for none. */
  readonly clientCertificate?: pulumi.Input<string>;
  /** What refuses every address but the edge's. Absence takes all. */
  readonly allowList?: pulumi.Input<string>;
}

/** What a rule names that is known only when it is there. */
export interface Surroundings {
  /** The app's namespace. */
  readonly namespace: string;
  /** What keeps others from this host. Nothing where Cloudflare is not in front of it. */
  readonly edgeOnly: pulumi.Unwrap<EdgeOnly>;
}

/** A name in the state, unique in the stack, and the object's own, unique in the namespace. */
export interface Named {
  readonly key: string;
  readonly name: string;
}

/** An object that a rule, or Traefik's way to a Service, refers to, and which must be there before it. */
export type Part = Named &
  (
    | { readonly kind: "ConfigMap"; readonly data: Readonly<Record<string, string>> }
    | { readonly kind: "Middleware"; readonly spec: MiddlewareSpec }
    | { readonly kind: "ServersTransport"; readonly spec: ServersTransportSpec }
    | { readonly kind: "TraefikService"; readonly spec: TraefikServiceSpec }
  );

type Annotations = Readonly<Record<string, string>>;

/** The rule of one host. */
export type Rule = Named & {
  readonly route: PlacedRoute;
  readonly parts: readonly Part[];
} & (
    | {
        readonly kind: "Ingress";
        readonly annotations: (around: Surroundings) => Annotations;
        /** One for the same host beside it, which leads to the canary. Absence means that there is none. */
        readonly canary?: Named & { readonly annotations: Annotations; readonly serviceName: string };
      }
    | { readonly kind: "HTTPRoute"; readonly spec: (around: Surroundings) => HttpRouteSpec }
  );

/** What becomes of an app's routes under a controller, as data: AppService makes the objects. */
export interface Translation {
  /** What the app's Service says to the controller, and what that refers to. Absence means that it need not. */
  readonly service?: {
    readonly parts: readonly Part[];
    readonly annotations: (namespace: string) => Annotations;
  };
  /** One for each route, in their order. */
  readonly rules: readonly Rule[];
}

/** What a host's objects are called. No two apps have the same: see the settings. */
export const namesOf = (app: string, host: string): Named => ({
  key: `${app}-${host}`,
  name: `${app}-${host.replaceAll(".", "-")}`,
});

/** The name of a part, or of a rule that stands beside another controller's. */
export const withRole = ({ key, name }: Named, role: string): Named => ({
  key: `${key}-${role}`,
  name: `${name}-${role}`,
});

/** The Secret with a host's htpasswd lines, at the key `auth`. */
export const authSecretOf = (names: Named): Named => withRole(names, "basic-auth");
