import * as fs from "node:fs";
import * as path from "node:path";

import { z } from "zod";

/** A resource as the engine's state has it; fields that the sandbox does not read are carried along. */
export const resource = z.looseObject({
  urn: z.string(),
  type: z.string(),
  custom: z.boolean().optional(),
  id: z.string().optional(),
  protect: z.boolean().optional(),
  delete: z.boolean().optional(),
  pendingReplacement: z.boolean().optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
});
export type Resource = z.infer<typeof resource>;

export const deployment = z.looseObject({ resources: z.array(resource).nullish() });
export type Deployment = z.infer<typeof deployment>;

const checkpoint = z.looseObject({ checkpoint: z.looseObject({ latest: deployment.nullish() }) });

/** The stack's state, from the file where the engine keeps it; undefined when the stack was never made. */
export function readDeployment(home: string, project: string, stack: string): Deployment | undefined {
  const file = path.join(stacksFolder(home, project), `${stack}.json`);
  if (!fs.existsSync(file)) return undefined;
  return checkpoint.parse(JSON.parse(fs.readFileSync(file, "utf8"))).checkpoint.latest ?? {};
}

/** The stacks that have a state. */
export function listStacks(home: string, project: string): readonly string[] {
  const folder = stacksFolder(home, project);
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.slice(0, -".json".length));
}

/** The ids of all the stack's resources of one type. */
export function findIds(state: Deployment | undefined, type: string): readonly string[] {
  return (state?.resources ?? []).flatMap((one) => (one.type === type && one.id ? [one.id] : []));
}

const SECRET = "4dabf18193072939515e22adb298388d";

/** The stack's outputs as they were last written, each secret as `[secret]`. */
export function readOutputs(state: Deployment | undefined): Readonly<Record<string, unknown>> {
  const stack = (state?.resources ?? []).find((one) => one.type === "pulumi:pulumi:Stack");
  return maskSecrets(stack?.outputs ?? {}) as Record<string, unknown>;
}

function maskSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskSecrets);
  if (typeof value !== "object" || value === null) return value;
  if (SECRET in value) return "[secret]";
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskSecrets(item)] as const));
}

function stacksFolder(home: string, project: string): string {
  return path.join(home, "state", ".pulumi", "stacks", project);
}
