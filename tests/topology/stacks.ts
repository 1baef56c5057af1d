import type { DeployedStack } from "../../stack/read-stack";
import { runProgram, stackConfig, type StackConfig } from "../config";
import { cloudResponses } from "../invariants/all";

/** The state that the program leaves with a config, as `pulumi stack export` has it, with ready certificates. */
export async function deploy(name: string, config: StackConfig): Promise<DeployedStack> {
  const { resources, outputs } = await runProgram(config, { stack: name, answers: cloudResponses });
  const root = `urn:pulumi:${name}::platform-networking::`;
  const status = { status: { notAfter: "2027-02-28T15:33:37Z" } };
  return {
    name,
    resources: resources.map(({ type, name: own, inputs, parent }) => ({
      urn: `${root}${type}::${own}`,
      type,
      id: "",
      parent: root + (parent === "" ? `pulumi:pulumi:Stack::${name}` : parent.replace(" ", "::")),
      inputs,
      outputs: type === "kubernetes:cert-manager.io/v1:Certificate" ? status : {},
    })),
    outputs: outputs.find(({ of }) => of === "")?.outputs ?? {},
  };
}

const domains = [
  [
    "account",
    "billing",
    "cart",
    "catalog",
    "checkout",
    "customer",
    "delivery",
    "email",
    "fraud",
    "inventory",
  ],
  ["invoice", "media", "order", "payment", "pricing", "rating", "report", "returns", "search", "tax"],
].flat();

/** Kinds of apps, each with its namespace, port and, if it is ours, whether it has a route. */
const kinds = {
  web: { namespace: "production", port: 3000, routed: true },
  api: { namespace: "production", port: 8080, routed: true },
  worker: { namespace: "production", port: 9000, routed: false },
  db: { namespace: "databases", port: 5432, routed: false },
  queue: { namespace: "messaging", port: 4222, routed: false },
} as const;

/**
 * The stack prod with 100 other apps: in each of 20 domains a site, an API, a worker, a database and a queue. As
 * {@link deploy} has it, but without running the program, which takes seconds for so many apps.
 */
async function deployHundredApps(): Promise<DeployedStack> {
  const { resources, outputs } = await deployOnce("prod");
  const root = "urn:pulumi:100-apps::platform-networking::";
  const resource = (type: string, name: string, parent: string, inputs: Record<string, unknown>) => ({
    ...{ urn: `${root}${type}::${name}`, type, id: "", parent: root + parent, inputs, outputs: {} },
  });
  const flow = (from: string, to: string, port: number, meshed = true) => ({
    ...{ from, to, ports: [port], protocol: "TCP", meshed },
  });
  const apps = domains.flatMap((domain) =>
    Object.entries(kinds).map(([kind, facts]) => ({ domain, kind, name: `${domain}-${kind}`, ...facts })),
  );
  const hosts = ["api.example.com", ...domains.map((domain) => `${domain}.example.com`)];
  return {
    name: "100-apps",
    resources: [
      ...resources.filter(({ type, parent }) => !/AppService|DnsRecord/.test(type + parent)),
      ...hosts.map((name) => {
        const content = (outputs.loadBalancer as { ipv4: string }).ipv4;
        const record = { name, type: "A", content, proxied: true };
        return resource("cloudflare:index/dnsRecord:DnsRecord", `dns-${name}`, "", record);
      }),
      ...apps.flatMap(({ name, namespace }) => [
        resource("platform:networking:AppService", name, "", {}),
        ...(namespace === "production"
          ? [
              resource("kubernetes:apps/v1:Deployment", name, `platform:networking:AppService::${name}`, {
                ...{ metadata: { name, namespace }, spec: { replicas: 2 } },
              }),
            ]
          : []),
      ]),
    ],
    outputs: {
      loadBalancer: outputs.loadBalancer,
      services: Object.fromEntries(
        apps.map(({ name, namespace, port }) => [
          name,
          `http://${name}.${namespace}.svc.cluster.local:${port}`,
        ]),
      ),
      routes: apps
        .filter(({ routed }) => routed)
        .map(({ domain, kind, name, port }) => ({
          url: kind === "web" ? `https://${domain}.example.com/` : `https://api.example.com/${domain}`,
          ...{ pathType: "Prefix", app: name, port, proxied: true },
        })),
      reachability: domains.flatMap((domain, index) => [
        flow("traefik/traefik", `${domain}-web`, 3000),
        flow("traefik/traefik", `${domain}-api`, 8080),
        flow(`${domain}-web`, `${domain}-api`, 8080),
        flow(`${domain}-api`, `${domains[(index + 1) % domains.length] ?? ""}-api`, 8080),
        ...["api", "worker"].flatMap((kind) => [
          flow(`${domain}-${kind}`, `databases/${domain}-db`, 5432, false),
          flow(`${domain}-${kind}`, `messaging/${domain}-queue`, 4222),
        ]),
        ...(index % 5 === 0 ? [flow(`${domain}-worker`, `${domain}.example.org`, 443, false)] : []),
      ]),
    },
  };
}

const deployed = new Map<string, Promise<DeployedStack>>();

/** The stacks dev and prod of the repository, and `100-apps`: the same state for all tests. */
export function deployOnce(name: "dev" | "prod" | "100-apps"): Promise<DeployedStack> {
  const known =
    deployed.get(name) ?? (name === "100-apps" ? deployHundredApps() : deploy(name, stackConfig(name)));
  deployed.set(name, known);
  return known;
}
