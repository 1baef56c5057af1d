import { execFileSync, spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";

import { SandboxError } from "../../../sandbox/sandbox-error";
import { localRanges, addresses } from "./network-addresses";

/** A network of its own, with nothing in it and no way out; and what it starts ends with it. */
const unshare = "--user --map-root-user --net --mount --pid --fork --kill-child --mount-proc".split(" ");

const remedy =
  "The wire's test runs in a network namespace that it makes itself, which takes no root but user namespaces. " +
  "Allow them: on Ubuntu 24.04 and later, sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0; " +
  "on older kernels, sudo sysctl -w kernel.unprivileged_userns_clone=1; where their number is limited to none, " +
  "sudo sysctl -w user.max_user_namespaces=10000; in a container, run it with " +
  "--security-opt seccomp=unconfined or --privileged. On macOS, run it in a Linux virtual machine.";

/**
 * Checks that a network namespace can be created here.
 *
 * @throws {SandboxError} it cannot, with the reason and what to do.
 */
export function requireNamespaces(): void {
  for (const program of ["unshare", "ip", "mount"]) {
    const { error } = spawnSync(program, ["--version"], { stdio: "ignore" });
    if (error !== undefined)
      throw new SandboxError(
        `${program} is not on PATH: install ${program === "ip" ? "iproute2" : "util-linux"}. ${remedy}`,
      );
  }
  const { status, stderr } = spawnSync("unshare", [...unshare, "true"], { encoding: "utf8" });
  if (status !== 0) throw new SandboxError(`No network namespace can be made (${stderr.trim()}). ${remedy}`);
}

/** Runs a program in a network of its own, with this one's input and output. @returns its exit code. */
export function inNamespace(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  // The first process of a namespace takes on every orphan in it; a shell buries them, Node does not.
  const shell = ["sh", "-c", '"$@"; exit $?', "sh"];
  const child = spawn("unshare", [...unshare, ...shell, command, ...args], { env, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill("SIGKILL"));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

/** Furnishes the network that this process is alone in: every address of the wire is this machine's. */
export function configureNetwork(folder: string): void {
  const ip = (...args: readonly string[]) => execFileSync("ip", args);
  ip("link", "set", "lo", "up");
  for (const range of localRanges) ip("route", "add", "local", range, "dev", "lo");
  const resolver = `${folder}/resolv.conf`;
  fs.writeFileSync(resolver, `nameserver ${addresses.resolver}\noptions timeout:2 attempts:2\n`);
  execFileSync("mount", ["--bind", resolver, fs.realpathSync("/etc/resolv.conf")]);
}
