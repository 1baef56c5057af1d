import type { DeployedStack } from "../../stack/read-stack";
import { changed, runProgram, stackConfig, type StackConfig } from "../config";

/** The state that the program leaves with a config, as `pulumi stack export` has it, with ready certificates. */
export async function deploy(name: string, config: StackConfig): Promise<DeployedStack> {
  const { resources, outputs } = await runProgram(config, { stack: name });
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

/** The prod stack with 100 apps: 20 domains with a site, an API, a worker, a database and a queue. */
export const hundredApps: StackConfig = changed(stackConfig("prod"), {
  apps: Object.fromEntries(
    domains.flatMap((domain, index) => {
      const next = domains[(index + 1) % domains.length] ?? domain;
      const image = `ghcr.io/org/${domain}:v1.0.0`;
      return [
        [
          `${domain}-web`,
          { image, port: 3000, calls: [`${domain}-api`], routes: [{ host: `${domain}.example.com` }] },
        ],
        [
          `${domain}-api`,
          {
            image,
            port: 8080,
            calls: [`${domain}-db`, `${domain}-queue`, `${next}-api`],
            routes: [{ host: "api.example.com", paths: [{ path: `/${domain}` }] }],
          },
        ],
        [
          `${domain}-worker`,
          {
            image,
            port: 9000,
            calls: [`${domain}-db`, `${domain}-queue`],
            ...(index % 5 === 0 && { egress: [{ host: `${domain}.example.org`, ports: [443] }] }),
          },
        ],
        [`${domain}-db`, { existing: true, namespace: "databases", port: 5432, meshed: false }],
        [`${domain}-queue`, { existing: true, namespace: "messaging", port: 4222 }],
      ];
    }),
  ),
});
