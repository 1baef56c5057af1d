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

const nginx = "nginx.ingress.kubernetes.io";

/** Mutations of what ingress-nginx reads. */
export const mutationsNginx: readonly MutationCase[] = [
  ["Ingress", `${shop}-nginx`, remove, /routes differ from the expected paths/],
  ["Ingress", `${admin}-nginx`, spec("tls.0.secretName", "other"), noCertificate],
  ["Certificate", "wildcard-ingress-nginx", remove, /no certificate covers/],
  [
    "Certificate",
    "wildcard-ingress-nginx",
    setInput(["metadata", "namespace"], "production"),
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
    /routes publish 10\.0\.77\.7/,
  ],
  [
    "LoadBalancerService",
    "load-balancer-https",
    setInput(["healthCheck", "port"], 31080),
    /load-balancer-https checks an endpoint that does not exist/,
  ],
  [
    "LoadBalancerService",
    "load-balancer-http",
    setInput(["healthCheck", "protocol"], "tcp"),
    /load-balancer-http checks an endpoint that does not exist/,
  ],
  [
    "Release",
    "ingress-nginx-chart",
    values("controller.extraArgs.shutdown-grace-period", "50"),
    /after 55 s, but .* only 50 s/,
  ],
  ["Service", "ingress-nginx-health", remove, /checks an endpoint that does not exist/],
  [
    "Release",
    "ingress-nginx-chart",
    values("controller.readinessProbe.failureThreshold", 3),
    /unready after 20 s/,
  ],
  ["CiliumNetworkPolicy", "ingress-nginx-health-policy", remove, /the metrics of ingress-nginx are public/],
  [
    "Release",
    "ingress-nginx-chart",
    values("controller.config.use-proxy-protocol", "false"),
    /trusted PROXY protocol senders/,
  ],
  [
    "Release",
    "ingress-nginx-chart",
    values("controller.config.proxy-real-ip-cidr", "10.0.0.0/8"),
    /trusted PROXY protocol senders/,
  ],
  ["Release", "external-dns-chart", values("extraArgs.ingress-class", ["traefik"]), /does not read shop/],
  [
    "Ingress",
    `${admin}-nginx`,
    annotation(`${nginx}/auth-secret`, "other"),
    /refers to Secret production\/other#auth/,
  ],
  [
    "Ingress",
    `${admin}-nginx`,
    annotation(`${nginx}/custom-headers`, "production/other"),
    /refers to ConfigMap production\/other/,
  ],
  ["ConfigMap", `${admin}-response-headers`, remove, /refers to ConfigMap production\/admin-/],
  [
    "Ingress",
    `${admin}-nginx`,
    annotation(`${nginx}/custom-headers`, undefined),
    /nothing refers to .*ConfigMap admin-/,
  ],
  [
    "Ingress",
    `${shop}-nginx`,
    annotation(`${nginx}/auth-tls-secret`, undefined),
    /client certificate at shop/,
  ],
  [
    "Ingress",
    `${shop}-nginx`,
    annotation(`${nginx}/auth-tls-verify-client`, "off"),
    /client certificate at shop/,
  ],
  ["Secret", "origin-lock-ca", remove, /refers to Secret production\/origin-lock-ca#ca.crt/],
  [
    "LoadBalancerService",
    "load-balancer-https",
    setInput(["destinationPort"], 30443),
    /listeners have other destination ports/,
  ],
  ["Ingress", `${shop}-nginx`, withoutDependencies, /Ingress web-frontend-shop.example.com-nginx before /],
  ...["X-Other", undefined].map((allowed): MutationCase => [
    "Release",
    "ingress-nginx-chart",
    values("controller.config.global-allowed-response-headers", allowed),
    /nginx does not allow X-Frame-Options/,
  ]),
];
