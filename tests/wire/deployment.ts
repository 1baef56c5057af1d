import { execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse, stringify } from "yaml";

import { Clouds } from "../../sandbox/clouds/client";
import { request } from "../../sandbox/cluster/access";
import { cloudsPort, clusterPorts, root, sandboxDir as home } from "../../sandbox/paths";
import { readServerCa, ensureCredentials } from "../../sandbox/cluster/credentials";
import { deployment as deploymentOf, type Resource } from "../../sandbox/engine/deployment";
import { helm, HelmError } from "../../sandbox/plugins/kubernetes/helm";

/** The emulated clouds, as the program left them. */
export const clouds = new Clouds(home, cloudsPort);

export const kubeconfig = path.join(home, "prod", "kubeconfig");

/** Writes a kubeconfig with the permissions of a ServiceAccount. @returns Its path. */
export function writeKubeconfigAs(namespace: string, serviceAccount: string): string {
  const config = parse(fs.readFileSync(kubeconfig, "utf8")) as {
    readonly users: readonly { user: object }[];
  };
  const as = `system:serviceaccount:${namespace}:${serviceAccount}`;
  for (const entry of config.users) entry.user = { ...entry.user, as };
  const file = path.join(home, "prod", `kubeconfig-${namespace}-${serviceAccount}`);
  fs.writeFileSync(file, stringify(config), { mode: 0o600 });
  return file;
}

/** Runs `npm start -- <args>`. @throws its words, when it fails. */
export async function sandbox(...args: readonly string[]): Promise<void> {
  const all = ["--require", "./sandbox/typescript.cjs", "sandbox/main.ts", ...args];
  const child = spawn(process.execPath, all, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  fs.appendFileSync(path.join(home, "up.log"), output);
  if (code !== 0) throw new Error(`npm start -- ${args.join(" ")} ended with ${code}:\n${output}`);
}

/** A request to the cluster's API server, as its administrator; undefined for a 404. */
export async function kube(
  at: string,
  change?: { readonly method: "PATCH" | "DELETE"; readonly body?: object; readonly type?: string },
): Promise<unknown> {
  const credentials = ensureCredentials(path.join(home, "prod"));
  const ca = readServerCa(credentials) ?? "";
  const server = `https://127.0.0.1:${clusterPorts("prod").apiServer}`;
  const { status, body } = await request({ server, ca, token: credentials.token }, at, {
    type: change?.type ?? "application/apply-patch+yaml",
    ...(change && { method: change.method, body: JSON.stringify(change.body ?? {}) }),
  });
  if (status === 404) return undefined;
  if (status >= 300) throw new Error(`${change?.method ?? "GET"} ${at} is answered with ${status}: ${body}`);
  return JSON.parse(body);
}

/** Applies an object where it is to lie. */
export const apply = (at: string, body: object): Promise<unknown> =>
  kube(`${at}?fieldManager=wire&force=true`, { method: "PATCH", body });

/** Deletes an object, if it is there. */
export const remove = (at: string): Promise<unknown> =>
  kube(at, { method: "DELETE", type: "application/json" });

/** The values that the program gave a Helm release; undefined if there is none of that name. */
export async function readHelmValues(namespace: string, release: string): Promise<unknown> {
  try {
    const args = ["get", "values", release, "-n", namespace, "-o", "json"];
    return JSON.parse(await helm({ kubeconfig }, args)) as unknown;
  } catch (error) {
    if (error instanceof HelmError && error.message.includes("not found")) return undefined;
    throw error;
  }
}

/** The arguments of a Deployment's first container. */
export async function readArguments(namespace: string, name: string): Promise<readonly string[] | undefined> {
  const found = (await kube(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`)) as
    { spec: { template: { spec: { containers: readonly { args?: readonly string[] }[] } } } } | undefined;
  return found?.spec.template.spec.containers[0]?.args;
}

/** The Hetzner Cloud API as the account's owner. */
export async function hetzner(at: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${clouds.accounts().hetzner}` };
  const response = await fetch(`${clouds.hetznerUrl}${at}`, { headers });
  if (!response.ok) throw new Error(`GET ${at}: HTTP ${response.status}`);
  return response.json();
}

/** The stack's state with its secrets in plain: only this test's own. */
export function readResources(): readonly Resource[] {
  const text = execFileSync(
    path.join(root, ".sandbox/bin/pulumi"),
    ["stack", "export", "--show-secrets", "--stack", "prod"],
    {
      cwd: path.join(home, "project"),
      encoding: "utf8",
      maxBuffer: 256 * 1024 ** 2,
      env: {
        ...process.env,
        PULUMI_HOME: path.join(home, "pulumi"),
        PULUMI_CONFIG_PASSPHRASE_FILE: path.join(home, "passphrase"),
        PULUMI_SKIP_UPDATE_CHECK: "true",
      },
    },
  );
  return deploymentOf.parse((JSON.parse(text) as { deployment: unknown }).deployment).resources ?? [];
}

/** A secret's plain value, as `--show-secrets` has it. */
export const decodeSecret = (value: unknown): string => {
  if (typeof value === "string") return value;
  const { plaintext } = value as { plaintext: string };
  return JSON.parse(plaintext) as string;
};
