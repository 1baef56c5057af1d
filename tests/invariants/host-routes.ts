import type { HttpRouteSpec } from "../../components/custom-resources/gateway-api-resources";
import type { Recorded } from "../harness";
import { findController, type IngressController } from "./ingress-controller";
import { readPath, id, readMetadata, filterByType, type Resources } from "./resources";

/** The routes of one host, from an Ingress or an HTTPRoute. */
export interface HostRoute {
  /** The Ingress or HTTPRoute. */
  readonly resource: Recorded;
  readonly host: string;
  readonly paths: readonly {
    readonly path: string;
    readonly pathType: string;
    /** The backend; undefined for a redirect. */
    readonly service: string | undefined;
  }[];
  /** The Secrets that may hold its certificate, as `<namespace>/<name>`. */
  readonly secrets: readonly string[];
}

interface Ingress {
  readonly ingressClassName: string;
  readonly tls: readonly { readonly hosts: readonly string[]; readonly secretName?: string }[];
  readonly rules: readonly {
    readonly host: string;
    readonly http: {
      readonly paths: readonly {
        readonly path: string;
        readonly pathType: string;
        readonly backend: { readonly service: { readonly name: string } };
      }[];
    };
  }[];
}

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly { readonly values: readonly string[] }[];
}

interface Gateway {
  readonly gatewayClassName: string;
  readonly listeners: readonly {
    readonly name: string;
    readonly protocol: string;
    readonly tls?: { readonly certificateRefs: readonly { readonly name: string }[] };
    readonly allowedRoutes: { readonly namespaces: { readonly selector: Selector } };
  }[];
}

/** Finds every route that the installed controller reads. */
export function findHostRoutes(resources: Resources): HostRoute[] {
  const controller = findController(resources);
  return [
    ...filterByType(resources, "Ingress").flatMap((each) => readIngressRoutes(each, controller)),
    ...filterByType(resources, "HTTPRoute").flatMap((each) => readHttpRoute(each, controller, resources)),
  ];
}

function readIngressRoutes(resource: Recorded, { className, defaultSecret }: IngressController): HostRoute[] {
  const spec: unknown = resource.inputs.spec;
  const { ingressClassName, tls, rules } = spec as Ingress;
  const { namespace, annotations } = readMetadata(resource);
  // A canary Ingress only takes a share of another Ingress' requests.
  if (annotations["nginx.ingress.kubernetes.io/canary"] === "true") return [];
  if (ingressClassName !== className) return [];
  return rules.map(({ host, http }) => ({
    resource,
    host,
    paths: http.paths.map(({ path, pathType, backend }) => ({
      path,
      pathType,
      service: backend.service.name,
    })),
    // Without a Secret, the controller presents its default certificate.
    secrets: tls
      .filter(({ hosts }) => hosts.includes(host))
      .map(({ secretName }) => (secretName === undefined ? defaultSecret : `${namespace}/${secretName}`)),
  }));
}

function readHttpRoute(
  resource: Recorded,
  { readsHttpRoutes }: IngressController,
  resources: Resources,
): HostRoute[] {
  const spec: unknown = resource.inputs.spec;
  const { parentRefs, hostnames, rules } = spec as HttpRouteSpec;
  const { namespace } = readMetadata(resource);
  if (!readsHttpRoutes) return [];
  const parents = parentRefs.flatMap((parent) => {
    const secrets = findListenerSecrets(resources, parent, namespace);
    return secrets === undefined ? [] : [secrets];
  });
  if (parents.length === 0) return [];
  const paths = rules.flatMap(({ matches, filters = [], backendRefs = [] }) => {
    const isRedirect = filters.some(({ type }) => type === "RequestRedirect");
    const services = backendRefs.map((ref) => findBackendService(ref, namespace, resources));
    if (services.length === 0 && !isRedirect) return [];
    return matches.map(({ path: { type, value } }) => ({
      path: value,
      pathType: type === "PathPrefix" ? "Prefix" : type,
      service: isRedirect ? undefined : services[0],
    }));
  });
  return hostnames.map((host) => ({ resource, host, paths, secrets: parents.flat() }));
}

const traefikClass = "traefik.io/gateway-controller";

/** Finds the Secrets of a listener that allows routes from this namespace; undefined without such a listener. */
function findListenerSecrets(
  resources: Resources,
  parent: HttpRouteSpec["parentRefs"][number],
  routesFrom: string,
): string[] | undefined {
  const gateway = filterByType(resources, "Gateway").find((each) => {
    const { name, namespace } = readMetadata(each);
    return name === parent.name && namespace === parent.namespace;
  });
  const spec: unknown = gateway?.inputs.spec ?? { listeners: [] };
  const { gatewayClassName, listeners } = spec as Gateway;
  const isTraefikClass = filterByType(resources, "GatewayClass").some(
    (each) =>
      readMetadata(each).name === gatewayClassName &&
      readPath(each.inputs, "spec.controllerName") === traefikClass,
  );
  const listener = listeners.find(({ name, allowedRoutes }) => {
    const { matchLabels = {}, matchExpressions = [] } = allowedRoutes.namespaces.selector;
    const allowed = [...Object.values(matchLabels), ...matchExpressions.flatMap(({ values }) => values)];
    return name === parent.sectionName && allowed.includes(routesFrom);
  });
  if (!isTraefikClass || listener === undefined) return undefined;
  const refs = listener.protocol === "HTTPS" ? (listener.tls?.certificateRefs ?? []) : [];
  return refs.map(({ name }) => `${parent.namespace}/${name}`);
}

/** Finds the Service of a backend reference, through a TraefikService if there is one. */
function findBackendService(
  { kind = "Service", name }: { readonly kind?: string; readonly name: string },
  namespace: string,
  resources: Resources,
): string {
  if (kind === "Service") return name;
  const traefikService = filterByType(resources, kind).find((each) => {
    const its = readMetadata(each);
    return its.name === name && its.namespace === namespace;
  });
  return String(readPath(traefikService?.inputs, "spec.weighted.services.0.name"));
}

/** The name of a route in messages. */
export const routeId = ({ resource, host }: HostRoute): string => `${host} of ${id(resource)}`;
