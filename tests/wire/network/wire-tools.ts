import * as fs from "node:fs";
import * as path from "node:path";

import { z } from "zod";

import { binDir, root } from "../../../sandbox/paths";
import { copyWritable } from "../../../sandbox/tools/assemble-charts";
import { pinnedVersion, readGoMod, runGo } from "../../../sandbox/tools/go";
import { ensureGroup, type ToolGroup } from "../../../sandbox/tools/tools";

const lego = "github.com/go-acme/lego/v5";

/**
 * Copies lego's module without its DNS providers, whose own modules the module proxy does not serve. Traefik imports
 * them; a `replace` in its go.mod refers to the copy.
 */
async function copyLego(log: string): Promise<void> {
  const cwd = path.join(root, "tools", "wire", "lego");
  const wanted = `${lego}@${pinnedVersion(readGoMod(cwd), lego)}`;
  // With its version after it, a module is checked against go.sum.
  const answer = await runGo(["mod", "download", "-json", wanted], { cwd, log });
  const { Dir: source } = z.object({ Dir: z.string() }).parse(JSON.parse(answer));
  const copy = path.join(cwd, "module");
  const providers = path.join(copy, "providers", "dns");
  fs.rmSync(copy, { recursive: true, force: true });
  copyWritable(source, copy);
  fs.rmSync(providers, { recursive: true });
  fs.cpSync(path.join(cwd, "dns"), providers, { recursive: true });
}

const ours = "platform-networking/tools/wire/acme-and-dns";

const groups: readonly ToolGroup[] = [
  {
    name: "traefik",
    what: "Traefik",
    minutes: "3 minutes",
    programs: { traefik: "github.com/traefik/traefik/v3/cmd/traefik" },
    variables: () => ({}),
    prepare: copyLego,
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
  for (const group of groups)
    await ensureGroup(group, "for real requests through real controllers", { dirs });
}
