import { addresses } from "./all";
import {
  type Damaged,
  admin,
  annotation,
  gone,
  having,
  notCovered,
  shop,
  spec,
  values,
  waitingForNothing,
} from "./damage";

const router = "traefik.ingress.kubernetes.io/router";

const middlewares = (...names: string[]) =>
  annotation(`${router}.middlewares`, names.map((name) => `${name}@kubernetescrd`).join(","));

/** What Traefik reads, damaged. */
export const damagedTraefik: readonly Damaged[] = [
  ["Ingress", "web-frontend-example.com", gone, /rules and ways in differ/],
  ["Ingress", shop, spec("ingressClassName", "nginx"), /rules and ways in differ/],
  ["Ingress", shop, spec("rules.0.http.paths.0.path", "/other"), /rules and ways in differ/],
  [
    "Ingress",
    shop,
    spec("rules.0.http.paths.0.backend.service.name", "admin"),
    /shop.example.com\/ leads to admin/,
  ],
  ["Ingress", shop, spec("rules.0.http.paths.0.backend.service.port.number", 81), /names Service .*:81/],
  ["Ingress", admin, spec("tls.0.secretName", "other"), notCovered],
  ["Ingress", admin, spec("tls", []), notCovered],
  ["Ingress", shop, spec("tls.0.hosts", ["example.com"]), /no certificate covers shop/],
  ["Certificate", admin, gone, notCovered],
  ["Certificate", admin, spec("dnsNames", ["b.example.com"]), notCovered],
  ["Certificate", admin, having(["metadata", "namespace"], "traefik"), notCovered],
  ["Certificate", "wildcard-traefik", gone, /no certificate covers/],
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
    having(["metadata", "namespace"], "production"),
    /no certificate covers/,
  ],
  ["Certificate", "wildcard-traefik", spec("secretName", "other"), /no certificate covers/],
  [
    "Release",
    "traefik-chart",
    values("tlsStore.default.defaultCertificate.secretName", "other"),
    /no certificate covers/,
  ],
  ["Ingress", shop, middlewares("traefik-origin-lok"), /the list at shop/],
  ["Ingress", shop, middlewares("traefik-origin-lock", "production-x"), /names Middleware production-x@/],
  ["Ingress", admin, middlewares("traefik-origin-lock"), /nothing names .*Middleware admin-/],
  ["Middleware", `${admin}-cors`, gone, /names Middleware production-admin-admin-example-com-cors@/],
  ["Ingress", shop, annotation(`${router}.tls.options`, undefined), /the certificate at shop/],
  ["TLSOption", "origin-lock", gone, /names TLSOption traefik-origin-lock@/],
  ["Secret", "origin-lock-ca", gone, /names Secret traefik\/origin-lock-ca#ca.crt/],
  ["ServersTransport", "admin-timeouts", gone, /names ServersTransport production-admin-timeouts@/],
  [
    "Service",
    "admin",
    having(["metadata", "annotations"], {}),
    /nothing names .*ServersTransport admin-timeouts/,
  ],
  ["Service", "web-frontend", spec("ports.0.port", 81), /names Service production\/web-frontend:80/],
  [
    "Ingress",
    "web-frontend-example.com",
    annotation("external-dns.kubernetes.io/controller", undefined),
    /who has example.com .* in DNS/,
  ],
  [
    "LoadBalancerService",
    "load-balancer-https",
    having(["destinationPort"], 31443),
    /the doors lead elsewhere/,
  ],
  [
    "LoadBalancerService",
    "load-balancer-https",
    having(["proxyprotocol"], false),
    /what load-balancer-https sends/,
  ],
  [
    "LoadBalancerService",
    "load-balancer-ssh",
    having(["destinationPort"], 30443),
    /what load-balancer-ssh sends/,
  ],
  ["LoadBalancerService", "load-balancer-http", gone, /the doors lead elsewhere/],
  ...(
    [
      ["port", 30443],
      ["protocol", "tcp"],
      ["http.path", "/"],
      ["http.statusCodes", ["2??", "3??"]],
    ] as const
  ).map(([at, value]): Damaged => [
    "LoadBalancerService",
    "load-balancer-https",
    having(["healthCheck", ...at.split(".")], value),
    /load-balancer-https asks what nobody answers/,
  ]),
  ["LoadBalancerService", "load-balancer-https", having(["healthCheck", "interval"], 60), /after 190 s/],
  ["Release", "traefik-chart", values("additionalArguments", []), /asks? wh\w+ nobody answers/],
  [
    "Release",
    "traefik-chart",
    values("additionalArguments", ["--ping.entryPoint=websecure"]),
    /asks? wh\w+ nobody answers/,
  ],
  ["Release", "traefik-chart", values("deployment.healthchecksPort", undefined), /the kubelet asks where/],
  ["Release", "traefik-chart", values("readinessProbe.failureThreshold", 6), /unready after 50 s/],
  [
    "Release",
    "traefik-chart",
    values("ports.websecure.transport.lifeCycle.requestAcceptGraceTimeout", "50s"),
    /after 55 s, which is in 50 s/,
  ],
  ["Release", "traefik-chart", values("ports.web.proxyProtocol", undefined), /who is believed/],
  [
    "Release",
    "traefik-chart",
    values("ports.web.proxyProtocol.trustedIPs", ["10.0.0.0/8"]),
    /who is believed/,
  ],
  [
    "Release",
    "traefik-chart",
    values("providers.kubernetesIngress.ingressEndpoint.ip", addresses.privateIpv4),
    /rules show 10\.0\.77\.7/,
  ],
  ["Ingress", shop, waitingForNothing, /Ingress web-frontend-shop.example.com before /],
  ["Release", "traefik-chart", waitingForNothing, /Release traefik-chart before /],
  ["Middleware", `${admin}-cors`, waitingForNothing, /Middleware .* before .* traefik-chart/],
];
