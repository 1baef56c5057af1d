import type {
  MiddlewareSpec,
  ServersTransportSpec,
  TraefikServiceSpec,
} from "../../../custom-resources/traefik-resources";
import type { ResourceNames, SupportingResource } from "../../route-manifests";

interface Specs {
  readonly Middleware: MiddlewareSpec;
  readonly ServersTransport: ServersTransportSpec;
  readonly TraefikService: TraefikServiceSpec;
}

/** A custom resource of Traefik to which a route or Service refers. */
export const traefikObject = <Kind extends keyof Specs>(
  kind: Kind,
  names: ResourceNames,
  spec: Specs[Kind],
): SupportingResource => ({ ...names, apiVersion: "traefik.io/v1alpha1", kind, spec });
