import { addresses } from "./all";
import {
  casesOf,
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
  ...casesOf("Ingress", `${shop}-nginx`, [
    [remove, /routes differ from the expected paths/],
    [annotation(`${nginx}/auth-tls-secret`, undefined), /client certificate at shop/],
    [annotation(`${nginx}/auth-tls-verify-client`, "off"), /client certificate at shop/],
    [withoutDependencies, /Ingress web-frontend-shop.example.com-nginx before /],
  ]),
  ...casesOf("Ingress", `${admin}-nginx`, [
    [spec("tls.0.secretName", "other"), noCertificate],
    [annotation(`${nginx}/auth-secret`, "other"), /refers to Secret production\/other#auth/],
    [annotation(`${nginx}/custom-headers`, "production/other"), /refers to ConfigMap production\/other/],
    [annotation(`${nginx}/custom-headers`, undefined), /nothing refers to .*ConfigMap admin-/],
  ]),
  ...casesOf("Certificate", "wildcard-ingress-nginx", [
    [setInput(["metadata", "namespace"], "production"), /no certificate covers/],
  ]),
  ...casesOf("Release", "ingress-nginx-chart", [
    [
      values("controller.extraArgs.default-ssl-certificate", "production/wildcard-tls"),
      /no certificate covers/,
    ],
    [
      values("controller.extraArgs.publish-status-address", addresses.privateIpv4),
      /routes publish 10\.0\.77\.7/,
    ],
    [values("controller.extraArgs.shutdown-grace-period", "50"), /after 55 s, but .* only 50 s/],
    [values("controller.readinessProbe.failureThreshold", 3), /unready after 20 s/],
    [values("controller.config.global-allowed-response-headers", "X-Other"), /nginx does not allow X-Frame/],
    [values("controller.config.use-proxy-protocol", "false"), /trusted PROXY protocol senders/],
    [values("controller.config.proxy-real-ip-cidr", "10.0.0.0/8"), /trusted PROXY protocol senders/],
  ]),
  ...casesOf("LoadBalancerService", "load-balancer-https", [
    [setInput(["healthCheck", "port"], 31080), /load-balancer-https checks an endpoint that does not exist/],
    [setInput(["destinationPort"], 30443), /listeners have other destination ports/],
  ]),
  ["Service", "ingress-nginx-health", remove, /checks an endpoint that does not exist/],
  ["CiliumNetworkPolicy", "ingress-nginx-health-policy", remove, /the metrics of ingress-nginx are public/],
  ["Release", "external-dns-chart", values("extraArgs.ingress-class", ["traefik"]), /does not read shop/],
  ["ConfigMap", `${admin}-response-headers`, remove, /refers to ConfigMap production\/admin-/],
  ["Secret", "origin-lock-ca", remove, /refers to Secret production\/origin-lock-ca#ca.crt/],
  [
    "MeshTLSAuthentication",
    "storage.storage-console-ingress-ingress-nginx",
    setInput(["spec", "identities"], []),
    /Server storage.9001 lacks ingress-nginx/,
  ],
  [
    "CiliumNetworkPolicy",
    "admin-policy-ingress-nginx",
    remove,
    /ingress lacks ingress-nginx to admin TCP 8080/,
  ],
];
