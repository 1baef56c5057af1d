import { z } from "zod";

/** A check whose message says what is wanted, for {@link describe} in faults.ts. */
const matching = (pattern: RegExp, want: string) => z.string().regex(pattern, { error: want });

const label = matching(
  /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
  "lower-case letters, digits and dashes, a letter first, 63 at most",
);
const hostName = matching(
  /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]([-a-z0-9]*[a-z0-9])$/,
  "a host name in lower case, such as api.example.com",
);
const recordName = matching(
  /^(@|(\*|[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9])?)(\.[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9])?)*)$/,
  "a name relative to the zone in lower case, such as @, www or *.dev",
);
const quantity = matching(/^\d+(\.\d+)?(m|k|Ki|M|Mi|G|Gi)?$/, "a Kubernetes quantity, such as 100m or 128Mi");
const goDuration = matching(/^(\d+(ms|s|m|h))+$/, "a Go duration, such as 1m or 90s");
const port = z.int().min(1).max(65535);
const nodePort = z.int().min(30000).max(32767);

/** An IPv4 range whose address is the first of the range. */
const cidr = z.string().refine((text) => rangeOf(text) !== undefined, {
  error: "an IPv4 range whose address is its first one, such as 10.0.0.0/16",
});

/** The first and last address of `a.b.c.d/n` as numbers; undefined if it is no such range. */
export function rangeOf(text: string): { readonly first: number; readonly last: number } | undefined {
  const [, address = "", bits = ""] = /^(\d+\.\d+\.\d+\.\d+)\/(\d{1,2})$/.exec(text) ?? [];
  const octets = address.split(".").map(Number);
  if (octets.length !== 4 || octets.some((octet) => octet > 255) || Number(bits) > 32) return undefined;
  const first = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const size = 2 ** (32 - Number(bits));
  return first % size === 0 ? { first, last: first + size - 1 } : undefined;
}

const cluster = z.strictObject({
  /** A name for this cluster that never changes: it tells Pulumi that a new address is not a new cluster. */
  identifier: label,
  /** How many nodes it has; three or more make every controller run in more than one copy. */
  nodes: z.int().min(1),
  /** The private network of the nodes. */
  nodeCidr: cidr,
  /** As k3s was started with. */
  podCidr: cidr.default("10.42.0.0/16"),
  serviceCidr: cidr.default("10.43.0.0/16"),
  /** Where each node reaches the API server without kube-proxy. */
  apiServer: z
    .strictObject({ host: z.string().min(1).default("127.0.0.1"), port: port.default(6444) })
    .prefault({}),
});

const loadBalancer = z.strictObject({
  /** Its name at Hetzner, unique in the project. */
  name: label,
  type: z.enum(["lb11", "lb21", "lb31"]).default("lb11"),
  /** Exactly one of `location` and `networkZone`. */
  location: z.enum(["fsn1", "nbg1", "hel1", "ash", "hil", "sin"]).optional(),
  networkZone: z.enum(["eu-central", "us-east", "us-west", "ap-southeast"]).optional(),
  algorithm: z.enum(["round_robin", "least_connections"]).default("round_robin"),
  /** The id of the nodes' private network: `hcloud network list`. */
  networkId: z.int().positive(),
  /** Which servers are nodes, by their Hetzner labels. */
  labelSelector: matching(
    /^[^\s=,]+=[^\s=,]+(,[^\s=,]+=[^\s=,]+)*$/,
    "a label selector, such as cluster=prod,role=worker",
  ),
  nodePorts: z.strictObject({ http: nodePort.default(30080), https: nodePort.default(30443) }).prefault({}),
  proxyProtocol: z.boolean().default(true),
});

const common = {
  name: recordName,
  ttl: z.int().min(60).max(86400).optional(),
  comment: z.string().max(100).optional(),
};

const record = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("A"), ...common, proxied: z.boolean().optional() }),
  z.strictObject({
    type: z.literal("CNAME"),
    ...common,
    content: hostName,
    proxied: z.boolean().optional(),
  }),
  z.strictObject({
    type: z.literal("TXT"),
    ...common,
    content: matching(/^[\x20-\x7e]{1,2048}$/, "1 to 2048 printable ASCII characters, without outer quotes"),
    label: label.optional(),
  }),
]);

const dns = z.strictObject({
  /** The Cloudflare zone. */
  zone: hostName,
  zoneId: matching(/^[0-9a-f]{32}$/, "the zone's id: 32 hex digits, on the zone's overview page"),
  /** The name under which this stack's hosts live: the zone itself, or a name in it. Absence means the zone. */
  domain: hostName.optional(),
  /** Whether records go through Cloudflare's proxy unless they say otherwise. */
  proxied: z.boolean().default(true),
  /** Records beside those that routed hosts get by themselves. */
  records: z.array(record).default([]),
});

const certificates = z.strictObject({
  /** Where Let's Encrypt writes to. */
  email: z.email({ error: "an e-mail address" }),
  issuer: z.enum(["letsencrypt-prod", "letsencrypt-staging"]).default("letsencrypt-prod"),
});

const cilium = z.strictObject({ encryption: z.boolean().default(true) });

const mesh = z.strictObject({ trustDomain: hostName.default("cluster.local") });

const ingress = z.strictObject({
  replicas: z.strictObject({ min: z.int().min(1).default(3), max: z.int().min(1).default(10) }).prefault({}),
});

const route = z.strictObject({
  host: hostName,
  paths: z
    .array(
      z.strictObject({
        path: matching(/^\/\S*$/, "a path, such as /v1"),
        pathType: z.enum(["Prefix", "Exact"]).default("Prefix"),
      }),
    )
    .min(1)
    .default([{ path: "/", pathType: "Prefix" }]),
  rateLimit: z
    .strictObject({ requests: z.int().min(1), period: goDuration, burst: z.int().min(1).default(50) })
    .optional(),
  cors: z
    .strictObject({
      origins: z
        .array(matching(/^https?:\/\/[^/\s]+$/, "an origin with its scheme, such as https://example.com"))
        .min(1),
      methods: z.array(z.string()).default(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
      headers: z.array(z.string()).default(["Authorization", "Content-Type"]),
      maxAgeSeconds: z.int().min(0).default(600),
    })
    .optional(),
  basicAuth: z.strictObject({ users: z.array(label).min(1) }).optional(),
});

/** One app. */
export const app = z.strictObject({
  image: matching(/^\S+[:@]\S+$/, "an image with its tag or digest, such as ghcr.io/org/api:v1.0.0"),
  port,
  /** Absence means `port`. */
  servicePort: port.optional(),
  replicas: z.int().min(0).default(2),
  meshed: z.boolean().default(true),
  healthPath: matching(/^\/\S*$/, "a path, such as /health").optional(),
  resources: z
    .strictObject({ cpu: quantity.default("100m"), memory: quantity.default("128Mi") })
    .prefault({}),
  env: z.record(matching(/^[A-Za-z_]\w*$/, "the name of a variable"), z.string()).default({}),
  /** The apps it calls. What is not declared is dropped. */
  calls: z.array(z.string()).default([]),
  routes: z.array(route).default([]),
});

/** The project's own config keys, by top-level key; what Pulumi.yaml declares. */
export const sections = {
  cluster,
  loadBalancer,
  dns,
  certificates,
  cilium: cilium.prefault({}),
  mesh: mesh.prefault({}),
  ingress: ingress.prefault({}),
  namespace: label,
  apps: z.record(label, app),
  /** Whether what holds a public address is guarded against deletion. */
  protect: z.boolean().default(false),
  /** Whether an `up` waits until what it made is ready. False only where no controllers run. */
  awaitReady: z.boolean().default(true),
  /** A mirror of all charts: a folder or an OCI prefix. Empty means upstream. */
  charts: z.string().default(""),
} as const;

export const schema = z.strictObject(sections);

/** The config as the schema leaves it: checked, with every default filled in. */
export type Config = z.output<typeof schema>;
export type AppConfig = z.output<typeof app>;
