import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { z } from "zod";

/** A resource of the state, as `pulumi stack export` and the engine's own files have it. */
export const stackResource = z.object({
  urn: z.string(),
  type: z.string(),
  id: z.string().default(""),
  parent: z.string().default(""),
  inputs: z.record(z.string(), z.unknown()).default({}),
  outputs: z.record(z.string(), z.unknown()).default({}),
});

/** A resource of the state. Secret values in it are encrypted: see {@link isEncrypted}. */
export type StackResource = z.output<typeof stackResource>;

const deployment = z.object({ deployment: z.object({ resources: z.array(stackResource).default([]) }) });

/** A stack as the last `pulumi up` left it. */
export interface DeployedStack {
  /** Such as `prod`. */
  readonly name: string;
  readonly resources: readonly StackResource[];
  /** The outputs of the stack. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The output `reachability`: see components/network-policy/allowed-flows.ts. */
export const reachability = z.array(
  z.object({
    from: z.string(),
    to: z.string(),
    ports: z.array(z.number()),
    protocol: z.string(),
    meshed: z.boolean(),
  }),
);

/** The resources of a type, such as `hcloud:index/loadBalancer`. */
export const findResources = ({ resources }: DeployedStack, type: string): StackResource[] =>
  resources.filter((each) => each.type.startsWith(`${type}:`));

/** An error in the user's command or environment: its message is for the user, without a stack trace. */
export class UserError extends Error {}

/** Reads the state of a stack with `pulumi stack export`. @throws {UserError} */
export async function readStack(name: string): Promise<DeployedStack> {
  const { resources } = deployment.parse(await runPulumi("stack", "export", "--stack", name)).deployment;
  const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  if (stack === undefined) throw new UserError(`The stack ${name} has no resources: run pulumi up first.`);
  return { name, resources, outputs: stack.outputs };
}

const config = z.record(z.string(), z.object({ value: z.string().default("") }));

/** Reads the config of a stack, decrypted, as text by key, such as `hcloud:token`. @throws {UserError} */
export async function readConfig(name: string): Promise<Readonly<Record<string, string>>> {
  const all = config.parse(await runPulumi("config", "--json", "--show-secrets", "--stack", name));
  return Object.fromEntries(Object.entries(all).map(([key, { value }]) => [key, value]));
}

const cliError = z.object({ code: z.unknown(), stderr: z.string().default("") });

async function runPulumi(...args: string[]): Promise<unknown> {
  // The sandbox keeps its project elsewhere.
  const cwd = process.env.PLATFORM_PROJECT ?? process.cwd();
  const options = { cwd, maxBuffer: 1 << 30 };
  try {
    const { stdout } = await promisify(execFile)("pulumi", [...args, "--non-interactive"], options);
    return JSON.parse(stdout) as unknown;
  } catch (error) {
    const { code, stderr } = cliError.parse(error);
    if (code === "ENOENT")
      throw new UserError(
        "pulumi is not on PATH: install it (https://www.pulumi.com/docs/install) and log in.",
      );
    throw new UserError(`pulumi ${args.slice(0, 2).join(" ")} failed:\n${stderr.trim() || String(error)}`);
  }
}

/** The key by which Pulumi marks a special value, and the mark of a secret. */
const signatureKey = "4dabf18193072939515e22adb298388d";

/** Whether a value of the state is an encrypted secret. */
export const isEncrypted = (value: unknown): boolean =>
  typeof value === "object" && value !== null && signatureKey in value;

/** The logical name of a resource. */
export const resourceName = ({ urn }: Pick<StackResource, "urn">): string =>
  urn.slice(urn.lastIndexOf("::") + 2);

/** The app whose AppService a resource is part of. Undefined for a resource of the platform. */
export const findApp = ({ parent }: Pick<StackResource, "parent">): string | undefined =>
  /(?:::|\$)platform:networking:AppService::(.+)$/.exec(parent)?.[1];
