import { addresses } from "./all";
import {
  casesOf,
  type MutationCase,
  admin,
  remove,
  setInput,
  shop,
  spec,
  values,
  withoutDependencies,
} from "./mutation";

/** Mutations of what Traefik reads with Gateway API. */
export const mutationsGateway: readonly MutationCase[] = [
  ...casesOf("HTTPRoute", shop, [
    [remove, /routes differ from the expected paths/],
    [spec("hostnames", ["b.example.com"]), /routes differ from the expected paths/],
    [spec("parentRefs.0.name", "other"), /routes differ from the expected paths/],
    [spec("parentRefs.0.sectionName", "http"), /no certificate covers shop/],
    [spec("rules.0.backendRefs", []), /routes differ from the expected paths/],
    [spec("rules.0.backendRefs.0.name", "admin"), /shop.example.com\/ routes to admin/],
    [spec("rules.0.backendRefs.0.port", 81), /refers to Service production\/web-frontend:81/],
    [spec("rules.0.filters", []), /allow-list at shop/],
    [withoutDependencies, /HTTPRoute web-frontend-shop.example.com before /],
  ]),
  ...casesOf("HTTPRoute", admin, [
    [spec("rules.0.backendRefs.0.name", "other"), /admin.example.com\/ routes to undefined/],
    [spec("rules.0.filters.1.extensionRef.name", "other"), /refers to Middleware production\/other/],
    [spec("rules.0.filters.1.extensionRef.kind", "Other"), /refers to Other production\/admin-/],
  ]),
  ...casesOf("Middleware", "origin-lock", [
    [setInput(["metadata", "namespace"], "traefik"), /refers to Middleware production\/origin-lock/],
    [withoutDependencies, /Middleware origin-lock before .* traefik-chart/],
  ]),
  ...casesOf("TraefikService", `${admin}-backend`, [
    [spec("weighted.services.0.name", "grafana"), /\/ routes to grafana/],
    [spec("weighted.services.0.port", 81), /refers to Service production\/admin:81/],
  ]),
  ["ServersTransport", `${admin}-timeouts`, remove, /refers to ServersTransport production\/admin-/],
  ...casesOf("Gateway", "traefik-gateway", [
    [spec("gatewayClassName", "other"), /routes differ from the expected paths/],
    [spec("listeners.1.tls.certificateRefs.0.name", "other"), /no certificate covers/],
    [
      spec("listeners.1.allowedRoutes.namespaces.selector.matchExpressions.0.values", ["linkerd-viz"]),
      /routes differ from the expected paths/,
    ],
    [withoutDependencies, /Gateway traefik-gateway before .*gateway-api-/],
  ]),
  ["GatewayClass", "traefik-class", spec("controllerName", "other"), /routes differ from the expected paths/],
  ...casesOf("Certificate", "wildcard-traefik", [
    [setInput(["metadata", "namespace"], "production"), /no certificate covers/],
  ]),
  ...casesOf("Release", "traefik-chart", [
    [values("providers.kubernetesGateway.enabled", false), /routes differ from the expected paths/],
    [
      values("providers.kubernetesGateway.statusAddress.ip", addresses.privateIpv4),
      /routes publish .*10\.0\.77\.7/,
    ],
    [withoutDependencies, /Release traefik-chart before /],
  ]),
  ["Release", "external-dns-chart", values("sources", ["ingress"]), /does not read shop/],
  [
    "MeshTLSAuthentication",
    "storage.storage-console-ingress-traefik",
    setInput(["spec", "identities"], []),
    /Server storage.9001 lacks traefik/,
  ],
  ["CiliumNetworkPolicy", "admin-policy-traefik", remove, /ingress lacks traefik to admin TCP 8080/],
];
