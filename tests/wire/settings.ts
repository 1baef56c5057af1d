import * as fs from "node:fs";
import * as path from "node:path";

import { parse, stringify } from "yaml";

import { root } from "../../sandbox/paths";

type Config = Record<string, unknown>;

const own = (key: string): string => `platform-networking:${key}`;

/**
 * The settings of prod as they are, but for what a test cannot wait for, the CA at hand, and names for external-dns.
 * The CA is one that everybody trusts, as far as the program knows: the edge verifies what it issues.
 *
 * @param server of the CA, its ACME directory.
 */
export function wireSettings(server: string): string {
  const file = parse(fs.readFileSync(path.join(root, "Pulumi.prod.yaml"), "utf8")) as { config: Config };
  const loadBalancer = file.config[own("loadBalancer")] as Config;
  return stringify({
    config: {
      ...file.config,
      [own("certificates")]: { email: "admin@example.com", issuer: "acme", acme: { server } },
      [own("loadBalancer")]: {
        ...loadBalancer,
        healthCheck: { intervalSeconds: 3, timeoutSeconds: 2, retries: 2 },
      },
      [own("dns")]: { ...(file.config[own("dns")] as Config), caa: ["pebble.example.net"] },
      [own("externalDns")]: { domains: ["apps.example.com"], policy: "upsert-only", ownerId: "wire" },
    },
  });
}
