import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { helmFile } from "../../../sandbox/paths";

/**
 * Has Helm wait for what the wire runs. The charts of the controllers are not to be had, so their Deployments are not
 * in the cluster, and Helm, which would wait for them by `--wait`, has nothing to wait for. In this namespace, and
 * nowhere else, a wrapper replaces Helm: it runs Helm, and then waits for the test to apply the release.
 */
export class HelmWaitShim {
  readonly #asked: string;

  /** @param releases those that are waited for, by name. @param home a folder of this run's own. */
  constructor(releases: readonly string[], home: string) {
    this.#asked = path.join(home, "asked-by-helm");
    fs.mkdirSync(this.#asked, { recursive: true });
    const real = path.join(home, "helm-itself");
    const awaiting = path.join(home, "helm-that-awaits");
    const helm = helmFile();
    fs.writeFileSync(real, "");
    fs.writeFileSync(awaiting, script(real, this.#asked, releases), { mode: 0o755 });
    execFileSync("mount", ["--bind", helm, real]);
    execFileSync("mount", ["--bind", awaiting, helm]);
  }

  /** Applies releases one after the other, for ever. An error fails the Helm command with its message. */
  async run(carryOut: (release: string) => Promise<void>): Promise<never> {
    for (;;) {
      for (const file of fs.readdirSync(this.#asked).filter((name) => !name.includes("."))) {
        const asked = path.join(this.#asked, file);
        await carryOut(file).catch((error: unknown) =>
          fs.writeFileSync(`${asked}.failed`, error instanceof Error ? error.message : String(error)),
        );
        fs.rmSync(asked);
      }
      await sleep(100);
    }
  }
}

const script = (real: string, asked: string, releases: readonly string[]): string => `#!/bin/sh
'${real}' "$@" || exit
case "$1" in install | upgrade | uninstall) ;; *) exit 0 ;; esac
case "$2" in ${releases.join(" | ")}) ;; *) exit 0 ;; esac
: >'${asked}'/"$2"
while [ -e '${asked}'/"$2" ]; do sleep 0.1; done
[ ! -e '${asked}'/"$2".failed ] || { cat '${asked}'/"$2".failed >&2; exit 1; }
`;
