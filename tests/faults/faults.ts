import type { Code } from "../../doctor/finding";

/** A fault of a healthy stack. */
export interface Fault {
  readonly name: string;
  /** Shell commands that cause it. */
  readonly seed: string;
  /** The arguments of the doctor. Default: the URL of api-gateway. */
  readonly target?: readonly string[];
  /** The code of the first cause. */
  readonly code: Code;
  /**
   * Shell commands that stand for a repair outside the cluster and the stack, such as a registry that works again. Default:
   * the printed fix is run.
   */
  readonly repair?: string;
  /** Text that the printed fix must contain if it is no command. */
  readonly advice?: RegExp;
}

const zone = "$CLOUDFLARE/zones/0123456789abcdef0123456789abcdef";
const namespace = "production";

const cloudflare = (method: string, path: string, body?: unknown): string =>
  `curl -sSf -X ${method} ${zone}${path} -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN"` +
  (body === undefined ? "" : ` -H 'content-type: application/json' -d '${JSON.stringify(body)}'`);

/** The ID of the record of a name and type. */
const recordId = (name: string, type: string): string =>
  `$(${cloudflare("GET", `/dns_records?name=${name}\\&type=${type}`)} | node -pe 'JSON.parse(fs.readFileSync(0)).result[0].id')`;

const rulesetId = (phase: string): string =>
  `$(${cloudflare("GET", "/rulesets")} | node -pe 'JSON.parse(fs.readFileSync(0)).result.find(({ phase }) => phase === "${phase}").id')`;

/** Changes the A record of api.example.com. */
const changeRecord = (change: Readonly<Record<string, unknown>>): string => {
  const record = { name: "api.example.com", type: "A", content: "198.51.100.4", ttl: 1, proxied: true };
  return cloudflare("PUT", `/dns_records/${recordId("api.example.com", "A")}`, { ...record, ...change });
};

const hetzner = (action: string, body: unknown): string =>
  `curl -sSf -X POST $HETZNER/load_balancers/$LOAD_BALANCER/actions/${action} -H "Authorization: Bearer $HCLOUD_TOKEN" -H 'content-type: application/json' -d '${JSON.stringify(body)}'`;

const patch = (type: string, name: string, body: unknown, inNamespace: string = namespace): string =>
  `kubectl -n ${inNamespace} patch ${type} ${name} --type merge -p '${JSON.stringify(body)}'`;

const remove = (type: string, name: string, inNamespace: string = namespace): string =>
  `kubectl -n ${inNamespace} delete ${type} ${name} --wait=true`;

const apply = (object: unknown): string => `echo '${JSON.stringify(object)}' | kubectl apply -f -`;

/** A fault of the sandbox's controllers for an object: see docs/sandbox.md. */
const simulate = (object: string, fault: "stuck" | "fail"): string =>
  `kubectl -n kube-system create configmap sandbox-faults --from-literal=${object}=${fault} --dry-run=client -o yaml | kubectl apply -f -`;
const endSimulation = "kubectl -n kube-system delete configmap sandbox-faults";

const restart = (deployment: string, inNamespace: string = namespace): string =>
  `kubectl -n ${inNamespace} delete pods -l app=${deployment} --wait=false`;

export const faults: readonly Fault[] = [
  // DNS
  {
    name: "DNS record deleted",
    seed: cloudflare("DELETE", `/dns_records/${recordId("api.example.com", "A")}`),
    code: "dns/no-record",
  },
  {
    name: "DNS record points elsewhere",
    seed: changeRecord({ content: "203.0.113.9" }),
    code: "dns/record-elsewhere",
  },
  {
    name: "DNS record no longer proxied",
    seed: changeRecord({ proxied: false }),
    code: "dns/proxied",
  },
  {
    name: "a second A record",
    seed: cloudflare("POST", "/dns_records", {
      name: "api.example.com",
      type: "A",
      content: "203.0.113.9",
      ttl: 1,
      proxied: true,
    }),
    code: "dns/extra-record",
  },
  // Cloudflare zone
  {
    name: "SSL mode flexible",
    seed: cloudflare("PATCH", "/settings/ssl", { value: "flexible" }),
    code: "edge/ssl-mode",
  },
  {
    name: "lower minimum TLS version",
    seed: cloudflare("PATCH", "/settings/min_tls_version", { value: "1.0" }),
    code: "edge/setting-changed",
  },
  {
    name: "authenticated origin pulls off",
    seed: cloudflare("PUT", "/origin_tls_client_auth/settings", { enabled: false }),
    code: "edge/origin-pulls-off",
  },
  {
    name: "a rule blocks the path",
    seed: cloudflare("PUT", `/rulesets/${rulesetId("http_request_firewall_custom")}`, {
      name: "default",
      kind: "zone",
      phase: "http_request_firewall_custom",
      rules: [
        {
          action: "block",
          expression: 'starts_with(http.request.uri.path, "/v1")',
          enabled: true,
          description: "",
        },
      ],
    }),
    code: "edge/rules-changed",
  },
  // Load balancer
  {
    name: "PROXY protocol off at the load balancer",
    seed: hetzner("update_service", { listen_port: 443, proxyprotocol: false }),
    code: "load-balancer/proxy-protocol",
  },
  {
    name: "wrong node port at the load balancer",
    seed: hetzner("update_service", { listen_port: 443, destination_port: 30999 }),
    code: "load-balancer/listener-changed",
  },
  {
    name: "health check of a wrong port",
    seed: hetzner("update_service", {
      listen_port: 443,
      health_check: {
        protocol: "http",
        port: 30997,
        interval: 15,
        timeout: 10,
        retries: 3,
        http: { path: "/ping", domain: "" },
      },
    }),
    code: "load-balancer/listener-changed",
  },
  {
    name: "listener deleted",
    seed: hetzner("delete_service", { listen_port: 443 }),
    code: "load-balancer/no-listener",
  },
  {
    name: "target removed",
    seed: hetzner("remove_target", { type: "label_selector", label_selector: { selector: "cluster=k3s" } }),
    code: "load-balancer/no-target",
  },
  {
    name: "load balancer detached from the network",
    seed: hetzner("detach_from_network", { network: 4711 }),
    code: "load-balancer/no-network",
  },
  // Endpoints
  { name: "Service deleted", seed: remove("service", "api-gateway"), code: "drift/missing" },
  {
    name: "wrong selector",
    seed: patch("service", "api-gateway", { spec: { selector: { app: "api" } } }),
    code: "drift/changed",
  },
  {
    name: "wrong target port",
    seed: patch("service", "api-gateway", {
      spec: { ports: [{ name: "http", port: 8080, targetPort: 9090 }] },
    }),
    code: "drift/changed",
  },
  // Pods
  {
    name: "scaled to zero",
    seed: `kubectl -n ${namespace} scale deployment api-gateway --replicas=0`,
    code: "drift/changed",
  },
  {
    name: "image that cannot be pulled",
    seed: `${simulate("Deployment.api-gateway", "stuck")} && ${restart("api-gateway")}`,
    code: "pod/image-pull",
    advice: /push the image/,
    repair: `${endSimulation} && ${restart("api-gateway")}`,
  },
  {
    name: "container that crashes",
    seed: `${simulate("Deployment.api-gateway", "fail")} && ${restart("api-gateway")}`,
    code: "pod/crash",
    advice: /logs deployment\/api-gateway/,
    repair: `${endSimulation} && ${restart("api-gateway")}`,
  },
  {
    name: "quota that is used up",
    seed: `${apply({ apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "few-pods", namespace }, spec: { hard: { pods: "1" } } })} && ${restart("api-gateway")}`,
    code: "pod/quota",
  },
  {
    name: "changed image",
    seed: `kubectl -n ${namespace} set image deployment/api-gateway api-gateway=ghcr.io/org/api:v0`,
    code: "drift/changed",
  },
  { name: "ServiceAccount deleted", seed: remove("serviceaccount", "api-gateway"), code: "drift/missing" },
  // Ingress
  {
    name: "Ingress deleted",
    seed: remove("ingress", "api-gateway-api-example-com"),
    code: "drift/missing",
  },
  {
    name: "Ingress of another class",
    seed: patch("ingress", "api-gateway-api-example-com", { spec: { ingressClassName: "nginx" } }),
    code: "drift/changed",
  },
  {
    name: "path shadowed by a foreign Ingress",
    seed: apply({
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: { name: "mine", namespace: "production" },
      spec: {
        ingressClassName: "traefik",
        rules: [
          {
            host: "api.example.com",
            http: {
              paths: [
                {
                  path: "/v1",
                  pathType: "Exact",
                  backend: { service: { name: "mine", port: { number: 80 } } },
                },
              ],
            },
          },
        ],
      },
    }),
    code: "ingress/shadowed",
  },
  {
    name: "two default IngressClasses",
    seed: apply({
      apiVersion: "networking.k8s.io/v1",
      kind: "IngressClass",
      metadata: { name: "other", annotations: { "ingressclass.kubernetes.io/is-default-class": "true" } },
      spec: { controller: "example.com/other" },
    }),
    code: "ingress/two-default-classes",
  },
  {
    name: "Middleware deleted",
    seed: remove("middleware.traefik.io", "api-gateway-api-example-com-rate-limit"),
    code: "drift/missing",
  },
  {
    name: "controller scaled to zero",
    seed: "kubectl -n traefik scale deployment traefik --replicas=0",
    code: "drift/changed",
  },
  {
    name: "node port of the controller changed",
    seed: `kubectl -n traefik patch service traefik --type json -p '[{"op":"replace","path":"/spec/ports/1/nodePort","value":30998}]'`,
    code: "drift/changed",
  },
  // TLS
  {
    name: "expired certificate",
    seed: "kubectl -n traefik create secret tls wildcard-tls --cert $CERTIFICATES/expired.crt --key $CERTIFICATES/expired.key --dry-run=client -o yaml | kubectl apply --server-side --force-conflicts -f -",
    code: "tls/expired",
  },
  {
    name: "certificate of another name",
    seed: "kubectl -n traefik create secret tls wildcard-tls --cert $CERTIFICATES/other.crt --key $CERTIFICATES/other.key --dry-run=client -o yaml | kubectl apply --server-side --force-conflicts -f -",
    code: "tls/wrong-names",
  },
  {
    name: "challenge that stays pending",
    seed: `${simulate("Certificate.wildcard-cert", "stuck")} && ${remove("secret", "wildcard-tls", "traefik")}`,
    code: "tls/challenge",
    advice: /name servers/,
    repair: endSimulation,
  },
  {
    name: "token of the issuer revoked",
    seed: patch(
      "secret",
      "cloudflare-api-token",
      { stringData: { "api-token": "0".repeat(40) } },
      "cert-manager",
    ),
    code: "tls/token-refused",
    advice: /create a token with Zone:Read and DNS:Edit/,
    repair: `kubectl -n cert-manager patch secret cloudflare-api-token --type merge -p '{"stringData":{"api-token":"'$CLOUDFLARE_API_TOKEN'"}}'`,
  },
  {
    name: "TLSOption of the origin lock deleted",
    seed: remove("tlsoption.traefik.io", "default", "traefik"),
    code: "drift/missing",
  },
  {
    name: "Certificate deleted",
    seed: remove("certificate", "wildcard-cert", "traefik"),
    code: "drift/missing",
  },
  // Network policy
  {
    name: "network policy deleted",
    seed: remove("ciliumnetworkpolicy", "api-gateway-policy"),
    code: "drift/missing",
  },
  {
    name: "half of a call missing",
    seed: patch("ciliumnetworkpolicy", "auth-service-policy", {
      spec: { ingress: [{ fromEntities: ["host"] }] },
    }),
    target: ["auth-service", "--from", "api-gateway"],
    code: "drift/changed",
  },
  {
    name: "deny rule of somebody else",
    seed: apply({
      apiVersion: "cilium.io/v2",
      kind: "CiliumNetworkPolicy",
      metadata: { name: "no-gateway", namespace },
      spec: {
        endpointSelector: { matchLabels: { app: "api-gateway" } },
        ingressDeny: [{ fromEntities: ["all"], toPorts: [{ ports: [{ port: "8080", protocol: "TCP" }] }] }],
      },
    }),
    code: "policy/denied",
  },
  {
    name: "call that is not declared",
    seed: "true",
    target: ["user-service", "--from", "web-frontend"],
    code: "policy/blocked",
  },
  // Mesh
  {
    name: "issuer of the mesh signed by another CA",
    seed: `kubectl -n linkerd create secret tls linkerd-identity-issuer --cert $CERTIFICATES/other.crt --key $CERTIFICATES/other.key --dry-run=client -o yaml | kubectl apply --server-side --force-conflicts -f -`,
    code: "mesh/issuer-not-trusted",
  },
  {
    name: "authorization of the ingress controller deleted",
    seed: remove("authorizationpolicy.policy.linkerd.io", "api-gateway-8080-ingress-traefik"),
    code: "drift/missing",
  },
  {
    name: "Server of somebody else",
    seed: apply({
      apiVersion: "policy.linkerd.io/v1beta3",
      kind: "Server",
      metadata: { name: "closed", namespace },
      spec: { podSelector: { matchLabels: { app: "auth-service" } }, port: 8080, proxyProtocol: "HTTP/1" },
    }),
    target: ["auth-service", "--from", "api-gateway"],
    code: "mesh/unauthorized",
  },
  {
    name: "certificate of a webhook of the mesh expired",
    // The sandbox's chart of Linkerd has no webhook: this one calls nothing.
    seed:
      `CA=$(kubectl -n linkerd get secret linkerd-proxy-injector-k8s-tls -o jsonpath='{.data.ca\\.crt}') && ` +
      `echo '{"apiVersion":"admissionregistration.k8s.io/v1","kind":"MutatingWebhookConfiguration","metadata":{"name":"injector"},"webhooks":[{"name":"linkerd-proxy-injector.linkerd.io","sideEffects":"None","admissionReviewVersions":["v1"],"clientConfig":{"service":{"name":"linkerd-proxy-injector","namespace":"linkerd","path":"/"},"caBundle":"'$CA'"}}]}' | kubectl apply -f - && ` +
      "kubectl -n linkerd create secret tls linkerd-proxy-injector-k8s-tls --cert $CERTIFICATES/expired.crt --key $CERTIFICATES/expired.key --dry-run=client -o yaml | kubectl apply --server-side --force-conflicts -f -",
    code: "mesh/webhook-certificate",
  },
  // external-dns
  {
    name: "external-dns scaled to zero",
    seed: "kubectl -n external-dns scale deployment external-dns --replicas=0",
    code: "drift/changed",
  },
  {
    name: "token of external-dns revoked",
    seed: `kubectl -n external-dns patch $(kubectl -n external-dns get secret -o name | grep -v helm | head -1) --type merge -p '{"stringData":{"'$(kubectl -n external-dns get $(kubectl -n external-dns get secret -o name | grep -v helm | head -1) -o jsonpath='{.data}' | node -pe 'Object.keys(JSON.parse(fs.readFileSync(0)))[0]')'":"${"0".repeat(40)}"}}'`,
    code: "external-dns/token-refused",
    advice: /externalDnsToken/,
    repair: `kubectl -n external-dns patch $(kubectl -n external-dns get secret -o name | grep -v helm | head -1) --type merge -p '{"stringData":{"'$(kubectl -n external-dns get $(kubectl -n external-dns get secret -o name | grep -v helm | head -1) -o jsonpath='{.data}' | node -pe 'Object.keys(JSON.parse(fs.readFileSync(0)))[0]')'":"'$CLOUDFLARE_API_TOKEN'"}}'`,
  },
  // Cluster
  { name: "node cordoned", seed: "kubectl cordon prod-1", code: "cluster/node-cordoned" },
  {
    name: "k3s started with a wrong flag",
    seed: `kubectl annotate node prod-1 --overwrite k3s.io/node-args='["server","--disable","traefik"]'`,
    code: "cluster/k3s-flag",
    advice: /config\.yaml/,
    repair: `kubectl annotate node prod-1 --overwrite k3s.io/node-args='["server","--flannel-backend","none","--disable-network-policy","--disable-kube-proxy","--disable","traefik","--disable","servicelb","--disable-cloud-controller","--secrets-encryption"]'`,
  },
  {
    name: "APIService without a server",
    seed: apply({
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: "v1beta1.metrics.k8s.io" },
      spec: {
        group: "metrics.k8s.io",
        version: "v1beta1",
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { name: "metrics-server", namespace: "kube-system" },
      },
    }),
    code: "cluster/api-service",
  },
  {
    name: "object of a Helm release deleted",
    seed: remove("configmap", "cilium-config", "kube-system"),
    code: "drift/missing",
  },
];

/** Faults at the same time, by name. */
export const pairs: readonly (readonly [string, string])[] = [
  ["DNS record points elsewhere", "wrong selector"],
  ["SSL mode flexible", "image that cannot be pulled"],
  ["PROXY protocol off at the load balancer", "expired certificate"],
  ["network policy deleted", "path shadowed by a foreign Ingress"],
  ["node cordoned", "DNS record deleted"],
];
