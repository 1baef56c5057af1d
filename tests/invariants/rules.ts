import type { HttpRouteSpec } from "../../components/custom-resources/gateway-api-resources";
import type { Recorded } from "../harness";
import { installed, type Installed } from "./installed";
import { at, id, metadataOf, ofType, type Resources } from "./resources";

/** What a controller reads of one host, whichever the kind it is written in. */
export interface HostRule {
  /** What it is written in. */
  readonly resource: Recorded;
  readonly host: string;
  readonly paths: readonly {
    readonly path: string;
    readonly pathType: string;
    /** Where it leads; undefined for what is sent elsewhere. */
    readonly service: string | undefined;
  }[];
  /** The Secrets that may hold the certificate it shows, as `<namespace>/<name>`. */
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

/** Every rule that the installed controller reads. What it does not read is no rule. */
export function hostRules(resources: Resources): HostRule[] {
  const controller = installed(resources);
  return [
    ...ofType(resources, "Ingress").flatMap((each) => ofIngress(each, controller)),
    ...ofType(resources, "HTTPRoute").flatMap((each) => ofHttpRoute(each, controller, resources)),
  ];
}

function ofIngress(resource: Recorded, { className, defaultSecret }: Installed): HostRule[] {
  const spec: unknown = resource.inputs.spec;
  const { ingressClassName, tls, rules } = spec as Ingress;
  const { namespace, annotations } = metadataOf(resource);
  // One that only takes a share of what another one says.
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
    // Without a Secret of its own a host shows the controller's default certificate.
    secrets: tls
      .filter(({ hosts }) => hosts.includes(host))
      .map(({ secretName }) => (secretName === undefined ? defaultSecret : `${namespace}/${secretName}`)),
  }));
}

function ofHttpRoute(resource: Recorded, { readsHttpRoutes }: Installed, resources: Resources): HostRule[] {
  const spec: unknown = resource.inputs.spec;
  const { parentRefs, hostnames, rules } = spec as HttpRouteSpec;
  const { namespace } = metadataOf(resource);
  if (!readsHttpRoutes) return [];
  const parents = parentRefs.flatMap((parent) => {
    const secrets = listenerSecrets(resources, parent, namespace);
    return secrets === undefined ? [] : [secrets];
  });
  if (parents.length === 0) return [];
  const paths = rules.flatMap(({ matches, filters = [], backendRefs = [] }) => {
    const isSentAway = filters.some(({ type }) => type === "RequestRedirect");
    const services = backendRefs.map((ref) => serviceOf(ref, namespace, resources));
    if (services.length === 0 && !isSentAway) return [];
    return matches.map(({ path: { type, value } }) => ({
      path: value,
      pathType: type === "PathPrefix" ? "Prefix" : type,
      service: isSentAway ? undefined : services[0],
    }));
  });
  return hostnames.map((host) => ({ resource, host, paths, secrets: parents.flat() }));
}

const traefikClass = "traefik.io/gateway-controller";

/** The Secrets of a listener that takes routes of this namespace; undefined where there is no such listener. */
function listenerSecrets(
  resources: Resources,
  parent: HttpRouteSpec["parentRefs"][number],
  routesFrom: string,
): string[] | undefined {
  const gateway = ofType(resources, "Gateway").find((each) => {
    const { name, namespace } = metadataOf(each);
    return name === parent.name && namespace === parent.namespace;
  });
  const spec: unknown = gateway?.inputs.spec ?? { listeners: [] };
  const { gatewayClassName, listeners } = spec as Gateway;
  const isTraefiks = ofType(resources, "GatewayClass").some(
    (each) =>
      metadataOf(each).name === gatewayClassName && at(each.inputs, "spec.controllerName") === traefikClass,
  );
  const listener = listeners.find(({ name, allowedRoutes }) => {
    const { matchLabels = {}, matchExpressions = [] } = allowedRoutes.namespaces.selector;
    const taken = [...Object.values(matchLabels), ...matchExpressions.flatMap(({ values }) => values)];
    return name === parent.sectionName && taken.includes(routesFrom);
  });
  if (!isTraefiks || listener === undefined) return undefined;
  const refs = listener.protocol === "HTTPS" ? (listener.tls?.certificateRefs ?? []) : [];
  return refs.map(({ name }) => `${parent.namespace}/${name}`);
}

/** The Service behind a reference, or behind the TraefikService that it is to. */
function serviceOf(
  { kind = "Service", name }: { readonly kind?: string; readonly name: string },
  namespace: string,
  resources: Resources,
): string {
  if (kind === "Service") return name;
  const between = ofType(resources, kind).find((each) => {
    const its = metadataOf(each);
    return its.name === name && its.namespace === namespace;
  });
  return String(at(between?.inputs, "spec.weighted.services.0.name"));
}

/** For messages. */
export const ruleId = ({ resource, host }: HostRule): string => `${host} of ${id(resource)}`;
