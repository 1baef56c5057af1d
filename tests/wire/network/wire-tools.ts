import * as path from "node:path";

import { binDir, root } from "../../../sandbox/paths";
import { ensureGroup, type ToolGroup } from "../../../sandbox/tools/tools";

const ours = "platform-networking/tools/wire/acme-and-dns";

const groups: readonly ToolGroup[] = [
  {
    name: "traefik",
    what: "Traefik",
    minutes: "6 minutes",
    programs: { traefik: "github.com/traefik/traefik/v3/cmd/traefik" },
    variables: () => ({}),
  },
  {
    name: "acme-and-dns",
    what: "cert-manager, external-dns and the ACME server Pebble",
    minutes: "5 minutes",
    programs: {
      "cert-manager": `${ours}/cert-manager`,
      "external-dns": "sigs.k8s.io/external-dns",
      pebble: "github.com/letsencrypt/pebble/v2/cmd/pebble",
    },
    variables: () => ({}),
  },
];

/** Builds what is not built yet, as the sandbox's own tools are. @throws SandboxError as those do. */
export async function ensureWireTools(): Promise<void> {
  const dirs = { tools: path.join(root, "tools", "wire"), bin: binDir };
  for (const group of groups) await ensureGroup(group, "for real requests through real controllers", dirs);
}
