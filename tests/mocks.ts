import type { Value } from "./recorded";

type Inputs = Readonly<Record<string, Value>>;

/** What stands for the PEM of the resource of this name: nobody reads what is inside. */
export const pem = (what: string, name: string): string =>
  `-----BEGIN ${what}-----\n${Buffer.from(name).toString("base64")}\n-----END ${what}-----\n`;

/**
 * The computed outputs of every type the program makes: no more than the API answers, and all that anybody reads.
 * A type that is not here fails the test.
 */
const computed: Readonly<Record<string, (inputs: Inputs, name: string) => Record<string, unknown>>> = {
  "hcloud:index/loadBalancer:LoadBalancer": () => ({ ipv4: "203.0.113.7", ipv6: "2001:db8::7" }),
  "hcloud:index/loadBalancerNetwork:LoadBalancerNetwork": () => ({ ip: "10.0.0.3" }),
  "hcloud:index/loadBalancerService:LoadBalancerService": () => ({}),
  "hcloud:index/loadBalancerTarget:LoadBalancerTarget": () => ({}),
  "hcloud:index/rdns:Rdns": () => ({}),
  "cloudflare:index/apiToken:ApiToken": (_, name) => ({ value: `value-of-${name}` }),
  "cloudflare:index/authenticatedOriginPullsCertificate:AuthenticatedOriginPullsCertificate": (_, name) => ({
    certificateId: `${name}-id`,
    status: "pending_deployment",
  }),
  "cloudflare:index/authenticatedOriginPullsSettings:AuthenticatedOriginPullsSettings": () => ({}),
  "cloudflare:index/dnsRecord:DnsRecord": () => ({}),
  "cloudflare:index/ruleset:Ruleset": () => ({}),
  "cloudflare:index/zoneDnssec:ZoneDnssec": () => ({ ds: "example.com. 3600 IN DS 2371 13 2 C988EC42" }),
  "cloudflare:index/zoneSetting:ZoneSetting": () => ({}),
  "random:index/randomPassword:RandomPassword": (_, name) => ({
    result: `password-of-${name}`,
    bcryptHash: `hash-of-${name}`,
  }),
  "tls:index/certRequest:CertRequest": (_, name) => ({ certRequestPem: pem("CERTIFICATE REQUEST", name) }),
  "tls:index/locallySignedCert:LocallySignedCert": (_, name) => ({ certPem: pem("CERTIFICATE", name) }),
  "tls:index/privateKey:PrivateKey": (_, name) => ({ privateKeyPem: pem("RSA PRIVATE KEY", name) }),
  "tls:index/selfSignedCert:SelfSignedCert": (_, name) => ({ certPem: pem("CERTIFICATE", name) }),
  "kubernetes:helm.sh/v3:Release": ({ name, namespace, version }) => ({
    status: { name, namespace, version, status: "deployed" },
  }),
};

/** Objects whose outputs are their inputs. */
const objects: ReadonlySet<string> = new Set([
  "kubernetes:core/v1:ConfigMap",
  "kubernetes:core/v1:Namespace",
  "kubernetes:core/v1:Secret",
  "kubernetes:core/v1:Service",
  "kubernetes:core/v1:ServiceAccount",
  "kubernetes:apps/v1:Deployment",
  "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
  "kubernetes:networking.k8s.io/v1:Ingress",
  "kubernetes:policy/v1:PodDisruptionBudget",
  "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
  "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
  "kubernetes:rbac.authorization.k8s.io/v1:Role",
  "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
  "kubernetes:cert-manager.io/v1:Certificate",
  "kubernetes:cert-manager.io/v1:ClusterIssuer",
  "kubernetes:cert-manager.io/v1:Issuer",
  "kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy",
  "kubernetes:cilium.io/v2:CiliumNetworkPolicy",
  "kubernetes:monitoring.coreos.com/v1:PrometheusRule",
  "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy",
  "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding",
  "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
  "kubernetes:gateway.networking.k8s.io/v1:Gateway",
  "kubernetes:gateway.networking.k8s.io/v1:GatewayClass",
  "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute",
  "kubernetes:linkerd.io/v1alpha2:ServiceProfile",
  "kubernetes:policy.linkerd.io/v1alpha1:AuthorizationPolicy",
  "kubernetes:policy.linkerd.io/v1alpha1:MeshTLSAuthentication",
  "kubernetes:policy.linkerd.io/v1alpha1:NetworkAuthentication",
  "kubernetes:policy.linkerd.io/v1beta3:Server",
  "kubernetes:traefik.io/v1alpha1:Middleware",
  "kubernetes:traefik.io/v1alpha1:ServersTransport",
  "kubernetes:traefik.io/v1alpha1:TLSOption",
  "kubernetes:traefik.io/v1alpha1:TraefikService",
  "kubernetes:trust.cert-manager.io/v1alpha1:Bundle",
]);

/** Cloudflare's ranges. */
export const edgeRanges = {
  ipv4Cidrs: ["173.245.48.0/20", "103.21.244.0/22"],
  ipv6Cidrs: ["2400:cb00::/32"],
};

const functions: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "cloudflare:index/getApiTokens:getApiTokens": { results: [] },
  "cloudflare:index/getAuthenticatedOriginPullsCertificate:getAuthenticatedOriginPullsCertificate": {
    status: "active",
  },
  "cloudflare:index/getDnsRecords:getDnsRecords": { results: [] },
  "cloudflare:index/getIpRanges:getIpRanges": { ...edgeRanges, etag: "etag" },
  "cloudflare:index/getRulesets:getRulesets": { rulesets: [] },
  "kubernetes:helm:template": { result: [] },
  "hcloud:index/getLoadBalancers:getLoadBalancers": { id: "all", loadBalancers: [] },
  "hcloud:index/getServers:getServers": { id: "all", servers: [] },
  // On the highest plan, with a token that may do everything: whatever the settings say agrees with it.
  "cloudflare:index/getZone:getZone": {
    name: "example.com",
    plan: { legacyId: "enterprise" },
    permissions: [
      "#zone:read",
      "#dns_records:edit",
      "#dns_records:read",
      "#ssl:edit",
      "#ssl:read",
      "#waf:edit",
      "#waf:read",
      "#zone_settings:edit",
      "#zone_settings:read",
    ],
  },
};

/** Outputs that stand in place of those above, or what the cloud refuses with. */
export type Answer = Readonly<Record<string, unknown>> | Error;

/** What the cloud answers, by type or function: always the same, or as the inputs ask. */
export type Answers = Readonly<Record<string, Answer | ((inputs: Inputs) => Answer)>>;

function answered(answers: Answers, of: string, inputs: Inputs): Readonly<Record<string, unknown>> {
  const answer = answers[of];
  const given = typeof answer === "function" ? answer(inputs) : (answer ?? {});
  if (given instanceof Error) throw given;
  return given;
}

/** The id and the outputs of a new resource. */
export function created(type: string, name: string, inputs: Inputs, answers: Answers) {
  if (type.startsWith("pulumi:providers:")) return { id: `${name}-id`, outputs: {} };
  if (objects.has(type)) return { id: `${name}-id`, outputs: answered(answers, type, inputs) };
  const outputs = computed[type];
  if (outputs === undefined)
    throw new Error(`the mocks do not know ${type}: list its computed outputs in tests/mocks.ts`);
  // Hetzner's ids are numbers, and the program reads them as such.
  const id = type.startsWith("hcloud:") ? "42" : `${name}-id`;
  return { id, outputs: { ...outputs(inputs, name), ...answered(answers, type, inputs) } };
}

/** What a function of a provider answers. */
export function called(token: string, inputs: Inputs, answers: Answers): Readonly<Record<string, unknown>> {
  const answer = functions[token];
  if (answer === undefined)
    throw new Error(`the mocks do not know the function ${token}: see tests/mocks.ts`);
  return { ...answer, ...answered(answers, token, inputs) };
}
