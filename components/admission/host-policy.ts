import { appNamespaceLabel, namespaceNameLabel } from "../namespaces";
import { celList, type AdmissionPolicy } from "./admission-policy";
import { acmeIssuers, isIssuedBy } from "./issuer-policy";

export interface HostPolicyArgs {
  /** The hosts of the apps' routes, wildcards among them: then also every name below. */
  readonly hosts: readonly string[];
  /** The namespace of the ingress controller, with the wildcard certificate and the Gateway. */
  readonly ingressNamespace: string;
  /** Other namespaces with routes of apps, besides those with the label of apps' namespaces. */
  readonly extraRouteNamespaces: readonly string[];
  /** Namespaces of other teams, whose Ingresses are served and get certificates. */
  readonly servedNamespaces: readonly string[];
  /** The IngressClasses and GatewayClasses of the platform's controllers. */
  readonly classNames: readonly string[];
}

/**
 * The match of an IngressRoute that is for one host: it begins with `Host(...)`, and no `||` adds another. A name with a
 * trailing dot is the same host to Traefik, so it has none.
 */
const singleHost = '^\\s*Host(SNI)?\\(\\s*[`"][^`"]*[^`".]\\s*[`"]\\s*\\)(\\s*&&[^|]*)?$';

/**
 * Builds the policy of the platform's hosts, in all namespaces but the platform's own: no object there routes one of them,
 * and no certificate is issued for one. Otherwise such an object takes requests of a host with a longer path, or makes
 * Traefik apply its default TLS options to the host, since the two name different ones.
 *
 * @see https://doc.traefik.io/traefik/reference/routing-configuration/http/tls/overview/#tls-options conflicting options
 */
export const buildHostPolicy = ({
  hosts,
  ingressNamespace,
  extraRouteNamespaces,
  servedNamespaces,
  classNames,
}: HostPolicyArgs): AdmissionPolicy => ({
  name: "platform-hosts",
  namespaceSelector: {
    matchExpressions: [
      { key: appNamespaceLabel, operator: "DoesNotExist" },
      { key: namespaceNameLabel, operator: "NotIn", values: [ingressNamespace, ...extraRouteNamespaces] },
    ],
  },
  spec: {
    failurePolicy: "Fail",
    matchConstraints: {
      resourceRules: [
        rule("networking.k8s.io", "ingresses"),
        rule("traefik.io", "ingressroutes", "ingressroutetcps"),
        rule("gateway.networking.k8s.io", "gateways", "httproutes", "grpcroutes", "tlsroutes"),
        rule("cert-manager.io", "certificates"),
      ],
    },
    // Otherwise the garbage collector could not remove finalizers from an object that was there before.
    matchConditions: [{ name: "not-being-deleted", expression: "!has(object.metadata.deletionTimestamp)" }],
    variables: [
      // Without a type: the kinds differ.
      { name: "spec", expression: "dyn(object.spec)" },
      {
        name: "class",
        expression:
          'variables.spec.?ingressClassName.orValue(object.metadata.?annotations[?"kubernetes.io/ingress.class"].orValue(""))',
      },
      { name: "acme", expression: `object.kind == "Certificate" && ${isIssuedBy(acmeIssuers)}` },
      {
        name: "hosts",
        expression: [
          `object.kind == "Ingress" ? (variables.class in ${celList(["", ...classNames])} ? variables.spec.?rules.orValue([]).map(rule, rule.?host.orValue("*")) + (has(variables.spec.defaultBackend) ? ["*"] : []) : [])`,
          `object.kind in ["IngressRoute", "IngressRouteTCP"] ? variables.spec.routes.map(route, route.match.matches(${JSON.stringify(singleHost)}) ? route.match.replace('"', "\`").split("\`")[1].trim().lowerAscii() : "*")`,
          `object.kind == "Gateway" ? (variables.spec.gatewayClassName in ${celList(classNames)} ? variables.spec.listeners.map(listener, listener.?hostname.orValue("*")) : [])`,
          'object.kind == "Certificate" ? (variables.acme ? variables.spec.?dnsNames.orValue([]) : [])',
          `variables.spec.?parentRefs.orValue([]).exists(parent, parent.?namespace.orValue("") == "${ingressNamespace}") ? variables.spec.?hostnames.orValue(["*"]) : []`,
        ].join(" : "),
      },
      {
        name: "taken",
        expression: `variables.hosts.filter(name, name == "*" || ${celList(hosts)}.exists(host, name == host || (name.startsWith("*.") && host.endsWith(name.substring(1)))${belowWildcards(hosts)}))`,
      },
    ],
    validations: [
      {
        expression: "variables.taken.size() == 0",
        messageExpression:
          '"hosts: got " + variables.taken.join(", ") + ", want hosts that the platform does not serve, each by a rule of its own (* is a rule for no single host); only namespaces of its apps may carry its hosts"',
      },
      {
        expression: `!variables.acme || request.namespace in ${celList(servedNamespaces)}`,
        messageExpression:
          '"spec.issuerRef: got " + variables.spec.issuerRef.name + ", which does not issue in the namespace " + request.namespace + "; want an Issuer of your own, or the namespace in ingress.namespaces of the platform"',
      },
    ],
  },
});

/** The condition of a name below a wildcard host, if there is one. */
const belowWildcards = (hosts: readonly string[]): string =>
  hosts.some((host) => host.startsWith("*."))
    ? ' || (host.startsWith("*.") && name.endsWith(host.substring(1)))'
    : "";

const rule = (apiGroup: string, ...resources: string[]) => ({
  apiGroups: [apiGroup],
  apiVersions: ["*"],
  resources,
  operations: ["CREATE", "UPDATE"],
});
