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

const router = "traefik.ingress.kubernetes.io/router";

const middlewares = (...names: string[]) =>
  annotation(`${router}.middlewares`, names.map((name) => `${name}@kubernetescrd`).join(","));

/** Mutations of what Traefik reads. */
export const mutationsTraefik: readonly MutationCase[] = [
  ...casesOf("Ingress", "web-frontend-example.com", [
    [remove, /routes differ from the expected paths/],
    [annotation("external-dns.kubernetes.io/controller", undefined), /DNS owner of example.com/],
  ]),
  ...casesOf("Ingress", shop, [
    [spec("ingressClassName", "nginx"), /routes differ from the expected paths/],
    [spec("rules.0.http.paths.0.path", "/other"), /routes differ from the expected paths/],
    [spec("rules.0.http.paths.0.backend.service.name", "admin"), /shop.example.com\/ routes to admin/],
    [spec("rules.0.http.paths.0.backend.service.port.number", 81), /refers to Service .*:81/],
    [spec("tls.0.hosts", ["example.com"]), /no certificate covers shop/],
    [middlewares("traefik-origin-lok"), /allow-list at shop/],
    [middlewares("traefik-origin-lock", "production-x"), /refers to Middleware production-x@/],
    [withoutDependencies, /Ingress web-frontend-shop.example.com before /],
  ]),
  ...casesOf("Ingress", admin, [
    [spec("tls.0.secretName", "other"), noCertificate],
    [middlewares("traefik-origin-lock"), /nothing refers to .*Middleware admin-/],
  ]),
  ...casesOf("Certificate", admin, [[spec("dnsNames", ["b.example.com"]), noCertificate]]),
  ...casesOf("Certificate", "wildcard-traefik", [
    [remove, /no certificate covers/],
    [spec("dnsNames", ["*.example.com"]), /no certificate covers example.com/],
    [setInput(["metadata", "namespace"], "production"), /no certificate covers/],
  ]),
  ...casesOf("Release", "traefik-chart", [
    [values("tlsStore.default.defaultCertificate.secretName", "other"), /no certificate covers/],
    [values("additionalArguments", ["--ping.entryPoint=websecure"]), /endpoint that does not exist/],
    [values("deployment.healthchecksPort", undefined), /the kubelet probes/],
    [values("readinessProbe.failureThreshold", 6), /unready after 50 s/],
    [
      values("ports.websecure.transport.lifeCycle.requestAcceptGraceTimeout", "50s"),
      /after 55 s, but .* only 50 s/,
    ],
    [values("ports.web.proxyProtocol.trustedIPs", ["10.0.0.0/8"]), /trusted PROXY protocol senders/],
    [
      values("providers.kubernetesIngress.ingressEndpoint.ip", addresses.privateIpv4),
      /routes publish 10\.0\.77\.7/,
    ],
    [withoutDependencies, /Release traefik-chart before /],
  ]),
  ...casesOf("Middleware", `${admin}-cors`, [
    [remove, /refers to Middleware production-admin-admin-example-com-cors@/],
    [withoutDependencies, /Middleware .* before .* traefik-chart/],
  ]),
  ...casesOf("TLSOption", "default-tls", [
    [remove, /default TLS options of Traefik/],
    [spec("clientAuth", undefined), /client certificate of an unknown host/],
    [withoutDependencies, /TLSOption default-tls before /],
  ]),
  ["Secret", "origin-lock-ca", remove, /refers to Secret traefik\/origin-lock-ca#ca.crt/],
  ["ServersTransport", "admin-timeouts", remove, /refers to ServersTransport production-admin-timeouts@/],
  ...casesOf("Service", "admin", [
    [setInput(["metadata", "annotations"], {}), /nothing refers to .*ServersTransport admin-timeouts/],
  ]),
  ["Service", "web-frontend", spec("ports.0.port", 81), /refers to Service production\/web-frontend:80/],
  ...casesOf("LoadBalancerService", "load-balancer-https", [
    [setInput(["destinationPort"], 31443), /listeners have other destination ports/],
    [setInput(["proxyprotocol"], false), /PROXY protocol of load-balancer-https/],
    [setInput(["healthCheck", "interval"], 60), /after 190 s/],
    [setInput(["healthCheck", "http", "path"], "/"), /load-balancer-https checks an endpoint that does not/],
  ]),
  ...casesOf("LoadBalancerService", "load-balancer-ssh", [
    [setInput(["destinationPort"], 30443), /PROXY protocol of load-balancer-ssh/],
  ]),
  [
    "MeshTLSAuthentication",
    "storage.storage-console-ingress-traefik",
    setInput(["spec", "identities"], []),
    /Server storage.9001 lacks traefik/,
  ],
  ["CiliumNetworkPolicy", "admin-policy-traefik", remove, /ingress lacks traefik to admin TCP 8080/],
];
