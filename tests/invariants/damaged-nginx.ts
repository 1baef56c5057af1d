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

const nginx = "nginx.ingress.kubernetes.io";

/** What ingress-nginx reads, damaged. */
export const damagedNginx: readonly Damaged[] = [
  ["Ingress", `${shop}-nginx`, gone, /rules and ways in differ/],
  ["Ingress", `${admin}-nginx`, spec("tls.0.secretName", "other"), notCovered],
  ["Certificate", "wildcard-ingress-nginx", gone, /no certificate covers/],
  [
    "Certificate",
    "wildcard-ingress-nginx",
    having(["metadata", "namespace"], "production"),
    /no certificate covers/,
  ],
  [
    "Release",
    "ingress-nginx-chart",
    values("controller.extraArgs.default-ssl-certificate", "ingress-nginx/other"),
    /no certificate covers/,
  ],
  [
    "Release",
    "ingress-nginx-chart",
    values("controller.extraArgs.default-ssl-certificate", "production/wildcard-tls"),
    /no certificate covers/,
  ],
  [
    "Release",
    "ingress-nginx-chart",
    values("controller.extraArgs.publish-status-address", addresses.privateIpv4),
    /rules show 10\.0\.77\.7/,
  ],
  [
    "LoadBalancerService",
    "load-balancer-https",
    having(["healthCheck", "port"], 31080),
    /load-balancer-https asks what nobody answers/,
  ],
  [
    "LoadBalancerService",
    "load-balancer-http",
    having(["healthCheck", "protocol"], "tcp"),
    /load-balancer-http asks what nobody answers/,
  ],
  [
    "Release",
    "ingress-nginx-chart",
    values("controller.extraArgs.shutdown-grace-period", "50"),
    /after 55 s, which is in 50 s/,
  ],
  ["Service", "ingress-nginx-health", gone, /asks what nobody answers/],
  [
    "Release",
    "ingress-nginx-chart",
    values("controller.readinessProbe.failureThreshold", 3),
    /unready after 20 s/,
  ],
  ["CiliumNetworkPolicy", "ingress-nginx-health-policy", gone, /anybody reaches the metrics/],
  [
    "Release",
    "ingress-nginx-chart",
    values("controller.config.use-proxy-protocol", "false"),
    /who is believed/,
  ],
  [
    "Release",
    "ingress-nginx-chart",
    values("controller.config.proxy-real-ip-cidr", "10.0.0.0/8"),
    /who is believed/,
  ],
  ["Release", "external-dns-chart", values("extraArgs.ingress-class", ["traefik"]), /does not read shop/],
  [
    "Ingress",
    `${admin}-nginx`,
    annotation(`${nginx}/auth-secret`, "other"),
    /names Secret production\/other#auth/,
  ],
  [
    "Ingress",
    `${admin}-nginx`,
    annotation(`${nginx}/custom-headers`, "production/other"),
    /names ConfigMap production\/other/,
  ],
  ["ConfigMap", `${admin}-response-headers`, gone, /names ConfigMap production\/admin-/],
  [
    "Ingress",
    `${admin}-nginx`,
    annotation(`${nginx}/custom-headers`, undefined),
    /nothing names .*ConfigMap admin-/,
  ],
  ["Ingress", `${shop}-nginx`, annotation(`${nginx}/auth-tls-secret`, undefined), /the certificate at shop/],
  [
    "Ingress",
    `${shop}-nginx`,
    annotation(`${nginx}/auth-tls-verify-client`, "off"),
    /the certificate at shop/,
  ],
  ["Secret", "origin-lock-ca", gone, /names Secret production\/origin-lock-ca#ca.crt/],
  [
    "LoadBalancerService",
    "load-balancer-https",
    having(["destinationPort"], 30443),
    /the doors lead elsewhere/,
  ],
  ["Ingress", `${shop}-nginx`, waitingForNothing, /Ingress web-frontend-shop.example.com-nginx before /],
  ...["X-Other", undefined].map((allowed): Damaged => [
    "Release",
    "ingress-nginx-chart",
    values("controller.config.global-allowed-response-headers", allowed),
    /nginx is not told of X-Frame-Options/,
  ]),
];
