import { z } from "zod";

import {
  findApp,
  reachability,
  resourceName,
  type DeployedStack,
  type StackResource,
} from "../stack/read-stack";
import { countOf, type Layer, type Topology, type TopologyEdge, type TopologyNode } from "./topology";

const stackOutputs = z.object({
  routes: z
    .array(z.object({ url: z.string(), pathType: z.string(), app: z.string(), port: z.number() }))
    .default([]),
  /** The URL in the cluster, by app. */
  services: z.record(z.string(), z.string()).default({}),
  reachability: reachability.default([]),
  loadBalancer: z.object({ ipv4: z.string().nullish(), ipv6: z.string().nullish() }).default({}),
});
type Outputs = z.output<typeof stackOutputs>;

const dnsRecord = z.object({
  name: z.string(),
  type: z.enum(["A", "AAAA", "CNAME"]),
  content: z.string(),
  proxied: z.boolean().default(false),
});

const listener = z.object({
  listenPort: z.number(),
  destinationPort: z.number(),
  proxyprotocol: z.boolean().default(false),
});

const metadata = z.object({ name: z.string(), namespace: z.string().default("") });
const object = z.object({ metadata });

const kubernetesService = z.object({
  metadata,
  spec: z.object({
    type: z.string().optional(),
    externalName: z.string().optional(),
    ports: z
      .array(z.object({ port: z.number(), targetPort: z.union([z.number(), z.string()]).optional() }))
      .default([]),
  }),
});

const deployment = z.object({ metadata, spec: z.object({ replicas: z.number().optional() }) });

const certificate = z.object({
  metadata,
  spec: z.object({
    dnsNames: z.array(z.string()),
    secretName: z.string(),
    issuerRef: z.object({ name: z.string() }),
  }),
});
const certificateStatus = z.object({ status: z.object({ notAfter: z.string() }) });

/** The hosts of an Ingress or HTTPRoute. */
const routeObject = z.object({
  metadata,
  spec: z.object({
    rules: z.array(z.object({ host: z.string().optional() })).default([]),
    hostnames: z.array(z.string()).default([]),
  }),
});

/** Reads the path from a stack's state. */
export function readTopology(stack: DeployedStack): Topology {
  const outputs = stackOutputs.parse(stack.outputs);
  const hosts = [...new Set(outputs.routes.map(({ url }) => new URL(url).hostname))];
  const records = readRecords(stack, outputs, hosts);
  const edge = records.some(({ proxied }) => proxied) ? [readEdge(stack)] : [];
  const balancers = readBalancers(stack, outputs);
  const controllers = readControllers(stack);
  const certificates = readCertificates(stack, hosts);
  const routes = readRoutes(stack, outputs, [...records, ...certificates]);
  const apps = readApps(stack, outputs);
  const calls = readCalls(outputs, apps);
  const nodes = [
    node("visitors", "internet", "Visitors"),
    ...records,
    ...edge,
    ...balancers,
    ...controllers,
    ...routes,
    ...apps,
    ...calls.outside,
    ...certificates,
  ];
  const edges = [
    ...records.flatMap((record) => [
      path("visitors/internet", record.id),
      ...(record.proxied ? edge : balancers).map(({ id }) => path(record.id, id)),
    ]),
    ...connectAll(edge, balancers),
    ...connectAll(balancers, controllers),
    ...connectAll(certificates, controllers, "certificate"),
    ...connectAll(controllers, routes),
    ...routes.map(({ id, app, port }) => path(id, `apps/${app}`, String(port))),
    ...calls.edges,
  ];
  return { stack: stack.name, nodes, edges };
}

const node = (
  layer: Layer,
  name: string,
  title: string,
  details: readonly string[] = [],
  objects: readonly string[] = [],
): TopologyNode => ({ id: `${layer}/${name}`, layer, title, details, objects, findings: [] });

const path = (from: string, to: string, label = ""): TopologyEdge => ({ from, to, kind: "path", label });

const connectAll = (
  from: readonly TopologyNode[],
  to: readonly TopologyNode[],
  kind: TopologyEdge["kind"] = "path",
): TopologyEdge[] =>
  from.flatMap((start) => to.map((end) => ({ from: start.id, to: end.id, kind, label: "" })));

/** The inputs of all resources of a type that have a shape. */
const parseInputs = <T>({ resources }: DeployedStack, type: string, shape: z.ZodType<T>) =>
  resources.flatMap((resource) => {
    if (!resource.type.startsWith(type)) return [];
    const { data } = shape.safeParse(resource.inputs);
    return data === undefined ? [] : [{ resource, data }];
  });

const hasComponent = ({ resources }: DeployedStack, name: string): boolean =>
  resources.some(({ type }) => type === `platform:networking:${name}`);

/** The hosts whose records resolve to the load balancer, and those of routes without a record in the state. */
function readRecords(stack: DeployedStack, { loadBalancer }: Outputs, hosts: readonly string[]) {
  const all = parseInputs(stack, "cloudflare:index/dnsRecord", dnsRecord).map(({ data }) => data);
  const addresses = [loadBalancer.ipv4, loadBalancer.ipv6];
  const resolves = (name: string, seen: readonly string[] = []): boolean =>
    all.some(
      (record) =>
        record.name === name &&
        (record.type === "CNAME"
          ? !seen.includes(name) && resolves(record.content, [...seen, name])
          : addresses.includes(record.content)),
    );
  const names = [...new Set(all.map(({ name }) => name))].filter((name) => resolves(name)).sort();
  const managed = names.map((name) => {
    const own = all.filter((record) => record.name === name);
    const proxied = own.some((record) => record.proxied);
    const types = own.map(({ type, content }) => (type === "CNAME" ? `CNAME ${content}` : type));
    const objects = [`Host ${name}`, ...own.map(({ type }) => `DNS record ${type} ${name}`)];
    const details = [types.sort().join(", "), proxied ? "proxied" : "DNS only"];
    return { ...node("dns", name, name, details, objects), proxied };
  });
  const source = hasComponent(stack, "ExternalDns") ? "by external-dns" : "no record in this stack";
  const others = hosts
    .filter((host) => !names.some((name) => coversHost(name, host)))
    .map((host) => ({
      ...node("dns", host, host, [source], [`Host ${host}`, `DNS record * ${host}`]),
      proxied: false,
    }));
  return [...managed, ...others];
}

/** Whether a name, which may be a wildcard, stands for a host. */
const coversHost = (name: string, host: string): boolean =>
  name === host || (name.startsWith("*.") && host.slice(host.indexOf(".") + 1) === name.slice(2));

function readEdge(stack: DeployedStack): TopologyNode {
  const setting = z.object({ settingId: z.literal("ssl"), value: z.string() });
  const [ssl] = parseInputs(stack, "cloudflare:index/zoneSetting", setting);
  const details = [
    ...(ssl === undefined ? [] : [`TLS to the origin: ${ssl.data.value}`]),
    ...(hasComponent(stack, "OriginLock") ? ["origin lock: mutual TLS"] : []),
    ...(hasComponent(stack, "EdgeWaf") ? ["WAF"] : []),
  ];
  return node("edge", "cloudflare", "Cloudflare edge", details, ["Zone *"]);
}

/** The load balancer of Pulumi, or that of the cloud controller manager's Service. */
function readBalancers(stack: DeployedStack, { loadBalancer }: Outputs): TopologyNode[] {
  const addresses = [loadBalancer.ipv4, loadBalancer.ipv6].flatMap((address) => address ?? []);
  const own = parseInputs(stack, "hcloud:index/loadBalancer:", z.object({ name: z.string() }));
  if (own.length > 0) {
    const listeners = parseInputs(stack, "hcloud:index/loadBalancerService:", listener)
      .map(({ data }) => data)
      .sort((one, other) => one.listenPort - other.listenPort);
    const details = [
      ...addresses,
      ...listeners.map(({ listenPort, destinationPort }) => `${listenPort} → node port ${destinationPort}`),
      ...(listeners.some(({ proxyprotocol }) => proxyprotocol) ? ["PROXY protocol"] : []),
    ];
    return own.map(({ data: { name } }) => node("balancer", name, name, details, [`Load balancer ${name}`]));
  }
  return parseInputs(stack, "kubernetes:core/v1:Service", kubernetesService)
    .filter(({ resource }) => resource.parent.includes("platform:networking:CcmLoadBalancer"))
    .map(
      ({
        data: {
          metadata: { name, namespace },
          spec,
        },
      }) => {
        const listeners = spec.ports.map(({ port, targetPort }) => `${port} → port ${targetPort ?? port}`);
        const objects = [`Load balancer ${name}`, `Service ${namespace}/${name}`];
        return node("balancer", name, name, [...addresses, ...listeners], objects);
      },
    );
}

function readControllers(stack: DeployedStack): TopologyNode[] {
  const release = z.object({ name: z.string(), namespace: z.string(), version: z.string().default("") });
  return parseInputs(stack, "kubernetes:helm.sh/v3:Release", release)
    .filter(({ resource }) => resource.parent.includes("platform:networking:IngressLayer"))
    .map(({ data: { name, namespace, version } }) =>
      node("ingress", name, name, [`namespace ${namespace}`, `chart ${version}`], [`* ${namespace}/*`]),
    );
}

/** The certificates of hosts of routes. */
const readCertificates = (stack: DeployedStack, hosts: readonly string[]): TopologyNode[] =>
  parseInputs(stack, "kubernetes:cert-manager.io/v1:Certificate", certificate)
    .filter(({ data: { spec } }) =>
      spec.dnsNames.some((name) => hosts.some((host) => coversHost(name, host))),
    )
    .map(
      ({
        resource,
        data: {
          metadata: { name, namespace },
          spec,
        },
      }) => {
        const { data } = certificateStatus.safeParse(resource.outputs);
        const expiry = data === undefined ? [] : [`until ${data.status.notAfter.slice(0, 10)}`];
        const details = [...spec.dnsNames, spec.issuerRef.name, ...expiry];
        const objects = [
          `Certificate ${namespace}/${name}`,
          `Secret ${namespace}/${spec.secretName}`,
          `* ${namespace}/${name}-*`,
          `ClusterIssuer ${spec.issuerRef.name}`,
        ];
        return node("certificates", `${namespace}/${name}`, name, details, objects);
      },
    );

function readRoutes(stack: DeployedStack, { routes }: Outputs, servers: readonly TopologyNode[]) {
  const objects = [
    "kubernetes:networking.k8s.io/v1:Ingress",
    "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute",
  ]
    .flatMap((type) => parseInputs(stack, type, routeObject))
    .map(
      ({
        resource,
        data: {
          metadata: { name, namespace },
          spec,
        },
      }) => ({
        app: findApp(resource),
        hosts: [...spec.rules.map(({ host }) => host), ...spec.hostnames],
        reference: `${kindOf(resource)} ${namespace}/${name}`,
      }),
    );
  return routes.map(({ url, pathType, app, port }) => {
    const { hostname, pathname } = new URL(url);
    const references = objects
      .filter((each) => each.app === app && each.hosts.includes(hostname))
      .map(({ reference }) => reference);
    const covering = servers.filter(({ layer, title, details }) =>
      (layer === "dns" ? [title] : details).some((name) => coversHost(name, hostname)),
    );
    const exact = covering.filter(({ layer, title }) => layer !== "dns" || title === hostname);
    const servedBy = (exact.some(({ layer }) => layer === "dns") ? exact : covering).map(({ id }) => id);
    const details = pathType === "Prefix" ? [] : [pathType];
    const title = hostname + pathname;
    return { ...node("routes", `${title} ${pathType}`, title, details, references), servedBy, app, port };
  });
}

const kindOf = ({ type }: StackResource): string => type.slice(type.lastIndexOf(":") + 1);

const appComponent = "platform:networking:AppService";

function readApps(stack: DeployedStack, { services }: Outputs): TopologyNode[] {
  const names = stack.resources.filter(({ type }) => type === appComponent).map(resourceName);
  return names.sort().map((name) => {
    const own = { ...stack, resources: stack.resources.filter((resource) => findApp(resource) === name) };
    const { hostname, port } = new URL(services[name] ?? "http://.");
    const [serviceName = name, namespace = ""] = hostname.split(".");
    const service = `Service ${serviceName}:${port === "" ? "80" : port}`;
    const [external] = parseInputs(own, "kubernetes:core/v1:Service", kubernetesService).flatMap(
      ({ data }) => data.spec.externalName ?? [],
    );
    const deployments = parseInputs(own, "kubernetes:apps/v1:Deployment", deployment).map(({ data }) => data);
    const pods = deployments.flatMap(({ spec: { replicas } }) => replicas ?? []);
    const details = [
      service,
      ...(external === undefined ? [] : [`ExternalName ${external}`]),
      ...pods.map((count) => countOf(count, "pod")),
      ...(external === undefined && deployments.length === 0 ? ["existing Service"] : []),
    ];
    const objects = parseInputs(own, "kubernetes:", object)
      .filter(({ resource }) => !/:(Ingress|HTTPRoute)$/.test(resource.type))
      .map(({ resource, data }) => `${kindOf(resource)} ${data.metadata.namespace}/${data.metadata.name}`);
    const created = deployments.map(({ metadata }) => `* ${metadata.namespace}/${metadata.name}-*`);
    const references = [`Service ${namespace}/${serviceName}`, ...objects, ...created];
    return { ...node("apps", name, name, details, references), namespace };
  });
}

/** The declared calls between apps and from apps to the outside, and from any address to an app. */
function readCalls({ reachability }: Outputs, apps: readonly TopologyNode[]) {
  const ids = new Map(
    apps.flatMap(({ id, title, namespace = "" }) => [
      [title, id],
      [`${namespace}/${title}`, id],
    ]),
  );
  ids.set("outside", "visitors/internet");
  const targets = new Map<string, TopologyNode>();
  const edges = reachability.flatMap(({ from, to, ports, protocol, meshed }): TopologyEdge[] => {
    const caller = ids.get(from);
    // An ingress controller: the routes show it.
    if (caller === undefined) return [];
    const callee = ids.get(to) ?? `outside/${to}`;
    if (!ids.has(to)) targets.set(to, node("outside", to, to));
    const label = ports.map((port) => (protocol === "TCP" ? String(port) : `${port}/${protocol}`)).join(", ");
    return [{ from: caller, to: callee, kind: meshed ? "meshed" : "plain", label }];
  });
  return { edges, outside: [...targets.values()] };
}
