import type { Value } from "./harness";

type Inputs = Readonly<Record<string, Value>>;

/**
 * The computed outputs of every type the program makes: no more than the API answers, and all that anybody reads.
 * A type that is not here fails the test.
 */
const computed: Readonly<Record<string, (inputs: Inputs, name: string) => Record<string, unknown>>> = {
  "hcloud:index/loadBalancer:LoadBalancer": () => ({ ipv4: "203.0.113.7", ipv6: "2001:db8::7" }),
  "hcloud:index/loadBalancerNetwork:LoadBalancerNetwork": () => ({ ip: "10.0.0.3" }),
  "hcloud:index/loadBalancerService:LoadBalancerService": () => ({}),
  "hcloud:index/loadBalancerTarget:LoadBalancerTarget": () => ({}),
  "cloudflare:index/dnsRecord:DnsRecord": () => ({}),
  "cloudflare:index/apiToken:ApiToken": (_, name) => ({ value: `value-of-${name}` }),
  "random:index/randomPassword:RandomPassword": (_, name) => ({
    result: `password-of-${name}`,
    bcryptHash: `hash-of-${name}`,
  }),
  "kubernetes:helm.sh/v3:Release": ({ name, namespace, version }) => ({
    status: { name, namespace, version, status: "deployed" },
  }),
};

/** Objects whose outputs are their inputs. */
const objects: ReadonlySet<string> = new Set([
  "kubernetes:core/v1:Namespace",
  "kubernetes:core/v1:Secret",
  "kubernetes:core/v1:Service",
  "kubernetes:core/v1:ServiceAccount",
  "kubernetes:apps/v1:Deployment",
  "kubernetes:networking.k8s.io/v1:Ingress",
  "kubernetes:policy/v1:PodDisruptionBudget",
  "kubernetes:cert-manager.io/v1:Certificate",
  "kubernetes:cert-manager.io/v1:ClusterIssuer",
  "kubernetes:cert-manager.io/v1:Issuer",
  "kubernetes:cilium.io/v2:CiliumNetworkPolicy",
  "kubernetes:traefik.io/v1alpha1:Middleware",
  "kubernetes:trust.cert-manager.io/v1alpha1:Bundle",
]);

const functions: Readonly<Record<string, Record<string, Value>>> = {
  "cloudflare:index/getIpRanges:getIpRanges": {
    ipv4Cidrs: ["173.245.48.0/20", "103.21.244.0/22"],
    ipv6Cidrs: ["2400:cb00::/32"],
    etag: "etag",
  },
};

/** What the cloud answers in place of the outputs above, by type. */
export type Answers = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The id and the outputs of a new resource. */
export function created(type: string, name: string, inputs: Inputs, answers: Answers) {
  if (type.startsWith("pulumi:providers:") || objects.has(type)) return { id: `${name}-id`, outputs: {} };
  const outputs = computed[type];
  if (outputs === undefined)
    throw new Error(`the mocks do not know ${type}: list its computed outputs in tests/mocks.ts`);
  // Hetzner's ids are numbers, and the program reads them as such.
  const id = type.startsWith("hcloud:") ? "42" : `${name}-id`;
  return { id, outputs: { ...outputs(inputs, name), ...answers[type] } };
}

/** What a function of a provider answers. */
export function called(token: string): Record<string, Value> {
  const answer = functions[token];
  if (answer === undefined)
    throw new Error(`the mocks do not know the function ${token}: see tests/mocks.ts`);
  return answer;
}
