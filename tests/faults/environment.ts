import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { engineEnvironment } from "../../sandbox/engine/engine-environment";
import type { Clouds } from "../../sandbox/clouds/client";
import { binDir, root } from "../../sandbox/paths";
import { writeCertificate } from "./certificates";

/** A shell in which the printed fixes and the seeds run against the sandbox. */
export interface Shell {
  /** Runs shell commands. @throws {Error} with their output, if they fail. */
  readonly run: (commands: string) => Promise<string>;
  readonly environment: NodeJS.ProcessEnv;
}

/** `pulumi` as a user has it: `up` runs the program in the sandbox, with the stack file of the test. */
const pulumiScript = (stackFile: string): string => `#!/bin/sh
export PATH="$PATH_WITHOUT_SCRIPT"
sandbox() { node --require ${root}/sandbox/typescript.cjs ${root}/sandbox/main.ts "$@" --stack prod --stack-file ${stackFile}; }
case "$1 $2" in
  "up "*) sandbox refresh && sandbox up ;;
  "config set") exec pulumi "$@" --config-file ${stackFile} ;;
  *) exec pulumi "$@" ;;
esac
`;

/**
 * Prepares a shell for the stack prod of a sandbox.
 *
 * @param home The sandbox's folder.
 * @param stackFile The stack's settings.
 */
export async function createShell(home: string, clouds: Clouds, stackFile: string): Promise<Shell> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "faults-"));
  const bin = path.join(folder, "bin");
  fs.mkdirSync(bin);
  fs.writeFileSync(path.join(bin, "pulumi"), pulumiScript(stackFile), { mode: 0o755 });
  const day = 86_400_000;
  await writeCertificate(folder, "expired", {
    dnsNames: ["example.com", "*.example.com"],
    notAfter: new Date(Date.now() - day),
  });
  await writeCertificate(folder, "other", {
    dnsNames: ["example.org"],
    notAfter: new Date(Date.now() + day),
  });
  const accounts = clouds.accounts();
  const { hetzner } = await clouds.inventory();
  const withoutScript = [binDir, process.env.PATH].join(path.delimiter);
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    ...engineEnvironment(home),
    PLATFORM_SANDBOX: home,
    PLATFORM_SANDBOX_PORT: new URL(clouds.hetznerUrl).port,
    PATH: [bin, withoutScript].join(path.delimiter),
    PATH_WITHOUT_SCRIPT: withoutScript,
    KUBECONFIG: path.join(home, "prod", "kubeconfig"),
    CERTIFICATES: folder,
    CLOUDFLARE: clouds.cloudflareUrl.replace(/\/$/, ""),
    CLOUDFLARE_API_TOKEN: accounts.cloudflare,
    HETZNER: clouds.hetznerUrl,
    HCLOUD_TOKEN: accounts.hetzner,
    LOAD_BALANCER: String(hetzner.load_balancers[0]?.id),
    // `kubectl edit` as a user would: raise each limit of a quota.
    KUBE_EDITOR: `sed -i 's/pods: "1"/pods: "100"/'`,
  };
  const run = (commands: string) =>
    new Promise<string>((resolve, reject) => {
      // A fix names the real Cloudflare.
      const script = commands.replaceAll("https://api.cloudflare.com/client/v4", "$CLOUDFLARE");
      const child = spawn("bash", ["-eo", "pipefail", "-c", script], {
        cwd: path.join(home, "project"),
        env: environment,
      });
      let output = "";
      const take = (chunk: Buffer) => (output += chunk.toString());
      child.stdout.on("data", take);
      child.stderr.on("data", take);
      child.on("error", reject);
      child.on("close", (code) =>
        code === 0 ? resolve(output) : reject(new Error(`${script}\nended with ${code}:\n${output}`)),
      );
    });
  return { run, environment };
}
