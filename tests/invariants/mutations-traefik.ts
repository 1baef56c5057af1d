import { addresses } from "./all";
import {
  type MutationCase,
  admin,
  annotation,
  remove,
  setInput,
  noCertificate,
  shop,
  spec,
  values,
  withoutDependencies,
} from "./mutation";

const router = "traefik.ingress.kubernetes.io/router";

const middlewares = (...names: string[]) =>
  annotation(`${router}.middlewares`, names.map((name) => `${name}@kubernetescrd`).join(","));

/** Mutations of what Traefik reads. */
export const mutationsTraefik: readonly MutationCase[] = [
  ["Ingress", "web-frontend-example.com", remove, /routes differ from the expected paths/],
  ["Ingress", shop, spec("ingressClassName", "nginx"), /routes differ from the expected paths/],
  ["Ingress", shop, spec("rules.0.http.paths.0.path", "/other"), /routes differ from the expected paths/],
  [
    "Ingress",
    shop,
    spec("rules.0.http.paths.0.backend.service.name", "admin"),
    /shop.example.com\/ routes to admin/,
  ],
  ["Ingress", shop, spec("rules.0.http.paths.0.backend.service.port.number", 81), /refers to Service .*:81/],
  ["Ingress", admin, spec("tls.0.secretName", "other"), noCertificate],
  ["Ingress", admin, spec("tls", []), noCertificate],
  ["Ingress", shop, spec("tls.0.hosts", ["example.com"]), /no certificate covers shop/],
  ["Certificate", admin, remove, noCertificate],
  ["Certificate", admin, spec("dnsNames", ["b.example.com"]), noCertificate],
  ["Certificate", admin, setInput(["metadata", "namespace"], "traefik"), noCertificate],
  ["Certificate", "wildcard-traefik", remove, /no certificate covers/],
  [
    "Certificate",
    "wildcard-traefik",
    spec("dnsNames", ["example.com"]),
    /no certificate covers (console|shop)/,
  ],
  [
    "Certificate",
    "wildcard-traefik",
    spec("dnsNames", ["*.example.com"]),
    /no certificate covers example.com/,
  ],
  [
    "Certificate",
    "wildcard-traefik",
    setInput(["metadata", "namespace"], "production"),
    /no certificate covers/,
  ],
  ["Certificate", "wildcard-traefik", spec("secretName", "other"), /no certificate covers/],
  [
    "Release",
    "traefik-chart",
    values("tlsStore.default.defaultCertificate.secretName", "other"),
    /no certificate covers/,
  ],
  ["Ingress", shop, middlewares("traefik-origin-lok"), /allow-list at shop/],
  ["Ingress", shop, middlewares("traefik-origin-lock", "production-x"), /refers to Middleware production-x@/],
  ["Ingress", admin, middlewares("traefik-origin-lock"), /nothing refers to .*Middleware admin-/],
  ["Middleware", `${admin}-cors`, remove, /refers to Middleware production-admin-admin-example-com-cors@/],
  ["Ingress", shop, annotation(`${router}.tls.options`, undefined), /client certificate at shop/],
  ["TLSOption", "origin-lock", remove, /refers to TLSOption traefik-origin-lock@/],
  ["Secret", "origin-lock-ca", remove, /refers to Secret traefik\/origin-lock-ca#ca.crt/],
  ["ServersTransport", "admin-timeouts", remove, /refers to ServersTransport production-admin-timeouts@/],
  [
    "Service",
    "admin",
    setInput(["metadata", "annotations"], {}),
    /nothing refers to .*ServersTransport admin-timeouts/,
  ],
  ["Service", "web-frontend", spec("ports.0.port", 81), /refers to Service production\/web-frontend:80/],
  [
    "Ingress",
    "web-frontend-example.com",
    annotation("external-dns.kubernetes.io/controller", undefined),
    /DNS owner of example.com/,
  ],
  [
    "LoadBalancerService",
    "load-balancer-https",
    setInput(["destinationPort"], 31443),
    /listeners have other destination ports/,
  ],
  [
    "LoadBalancerService",
    "load-balancer-https",
    setInput(["proxyprotocol"], false),
    /PROXY protocol of load-balancer-https/,
  ],
  [
    "LoadBalancerService",
    "load-balancer-ssh",
    setInput(["destinationPort"], 30443),
    /PROXY protocol of load-balancer-ssh/,
  ],
  ["LoadBalancerService", "load-balancer-http", remove, /listeners have other destination ports/],
  ...(
    [
      ["port", 30443],
      ["protocol", "tcp"],
      ["http.path", "/"],
      ["http.statusCodes", ["2??", "3??"]],
    ] as const
  ).map(([at, value]): MutationCase => [
    "LoadBalancerService",
    "load-balancer-https",
    setInput(["healthCheck", ...at.split(".")], value),
    /load-balancer-https checks an endpoint that does not exist/,
  ]),
  ["LoadBalancerService", "load-balancer-https", setInput(["healthCheck", "interval"], 60), /after 190 s/],
  ["Release", "traefik-chart", values("additionalArguments", []), /endpoint that does not exist/],
  [
    "Release",
    "traefik-chart",
    values("additionalArguments", ["--ping.entryPoint=websecure"]),
    /endpoint that does not exist/,
  ],
  ["Release", "traefik-chart", values("deployment.healthchecksPort", undefined), /the kubelet probes/],
  ["Release", "traefik-chart", values("readinessProbe.failureThreshold", 6), /unready after 50 s/],
  [
    "Release",
    "traefik-chart",
    values("ports.websecure.transport.lifeCycle.requestAcceptGraceTimeout", "50s"),
    /after 55 s, but .* only 50 s/,
  ],
  [
    "Release",
    "traefik-chart",
    values("ports.web.proxyProtocol", undefined),
    /trusted PROXY protocol senders/,
  ],
  [
    "Release",
    "traefik-chart",
    values("ports.web.proxyProtocol.trustedIPs", ["10.0.0.0/8"]),
    /trusted PROXY protocol senders/,
  ],
  [
    "Release",
    "traefik-chart",
    values("providers.kubernetesIngress.ingressEndpoint.ip", addresses.privateIpv4),
    /routes publish 10\.0\.77\.7/,
  ],
  ["Ingress", shop, withoutDependencies, /Ingress web-frontend-shop.example.com before /],
  ["Release", "traefik-chart", withoutDependencies, /Release traefik-chart before /],
  ["Middleware", `${admin}-cors`, withoutDependencies, /Middleware .* before .* traefik-chart/],
];
