import * as pulumi from "@pulumi/pulumi";

import { crossFaults, type Readable } from "./settings/cross-faults";
import { derivedFrom, type Derived } from "./settings/derived";
import { shapeFaults, type Fault } from "./settings/faults";
import { schema, sections, type Config } from "./settings/schema";
import { app } from "./settings/schema/apps";
import { warningsOf } from "./settings/warnings";
import { proxiedWarnings } from "./settings/proxied-faults";
import { cloudflareToken, hetznerToken, kubeconfig, type SecretShape } from "./settings/secret-shapes";

export type { AppSettings } from "./settings/derived";

/** What only the stack's own secrets say. */
interface Secrets {
  /** A Cloudflare token with which cert-manager answers DNS-01 challenges. Absence means that the program makes it. */
  readonly dns01Token?: pulumi.Output<string> | undefined;
  /** A Cloudflare token for external-dns. Absence means that the program makes it, or that there is no external-dns. */
  readonly externalDnsToken?: pulumi.Output<string> | undefined;
  readonly hcloud: { readonly token: pulumi.Output<string>; readonly endpoint?: string };
  readonly cloudflare: { readonly apiToken: pulumi.Output<string>; readonly baseUrl?: string };
  readonly kubernetes: { readonly kubeconfig: pulumi.Output<string> };
}

export interface Settings extends Derived, Secrets {}

/**
 * The stack's settings: the one place that reads Pulumi config.
 *
 * @throws {pulumi.RunError} All faults at once, each with its path, what was given and what is wanted.
 */
export function readSettings(): Settings {
  const faults: Fault[] = [];
  const { config, readable } = ownConfig(faults);
  const secrets = readSecrets(readable, faults);
  if (config === undefined || faults.length > 0) throw new pulumi.RunError(report(faults));
  const settings = { ...derivedFrom(config), ...secrets };
  const proxied = proxiedWarnings(config).map(({ path, problem }) => `${path}: ${problem}`);
  if (pulumi.runtime.isDryRun())
    for (const warning of [...proxied, ...warningsOf(settings)]) void pulumi.log.warn(warning);
  return settings;
}

/** Secrets of the project itself, which the schema does not know. */
const ownSecrets = ["dns01Token", "externalDnsToken"];

/** The project's own keys, parsed and checked, with the faults added. No `config` when the shape is wrong somewhere. */
function ownConfig(faults: Fault[]): { readonly config?: Config | undefined; readonly readable: Readable } {
  const prefix = `${pulumi.getProject()}:`;
  const given: Record<string, unknown> = {};
  for (const [key, text] of Object.entries(pulumi.runtime.allConfig())) {
    const name = key.slice(prefix.length);
    if (key.startsWith(prefix) && !ownSecrets.includes(name)) given[name] = parseValue(name, text);
  }

  const parsed = schema.safeParse(given);
  if (!parsed.success) faults.push(...shapeFaults(parsed.error, given));
  const readable = parsed.success ? { ...nothingSaid, ...parsed.data, isWhole: true } : readableParts(given);
  faults.push(...crossFaults(readable));
  return { config: parsed.data, readable };
}

/** Every key, so that one that was not said is told from one that could not be read. */
const nothingSaid = Object.fromEntries(Object.keys(sections).map((key) => [key, undefined]));

/** What can be read of a config whose shape is wrong somewhere, so that the faults of the rest are told with it. */
function readableParts(given: Record<string, unknown>): Readable {
  const parts = Object.entries(sections).flatMap(([key, section]) => {
    const part = section.safeParse(given[key]);
    return part.success ? [[key, part.data] as const] : [];
  });
  const apps = Object.entries(isRecord(given.apps) ? given.apps : {}).map(([name, each]) => {
    const whole = app.safeParse(each);
    if (whole.success) return [name, whole.data] as const;
    const { calls, routes } = isRecord(each) ? each : {};
    const read = { calls: app.shape.calls.safeParse(calls), routes: app.shape.routes.safeParse(routes) };
    return [name, { calls: read.calls.data ?? [], routes: read.routes.data ?? [] }] as const;
  });
  return {
    ...(Object.fromEntries(parts) as Partial<Config>),
    apps: Object.fromEntries(apps),
    isWhole: false,
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** Pulumi hands every value over as text; what is no text was JSON. */
function parseValue(name: string, text: string): unknown {
  if (name === "namespace" || name === "charts") return text;
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON, so it is a bare word: the schema will say what was wanted in its place.
    return text;
  }
}

function readSecrets(readable: Readable, faults: Fault[]): Secrets {
  const own = new pulumi.Config();
  const hcloud = new pulumi.Config("hcloud");
  const cloudflare = new pulumi.Config("cloudflare");

  const secret = (config: pulumi.Config, key: string, { want, fits }: SecretShape) => {
    // Pulumi.yaml must have a default for what not every stack says, and an empty text is it.
    const value = config.get(key) ?? "";
    const path = config === own ? key : `${config.name}:${key}`;
    if (value === "")
      faults.push({ path, problem: `is missing, want ${want}: pulumi config set --secret ${path}` });
    else if (!fits(value)) faults.push({ path, problem: `is not ${want} (its value is not shown here)` });
    return pulumi.secret(value);
  };
  /** A token of the cluster. `refused` says why it must not be given; undefined means that it must be. */
  const clusterToken = (key: string, isRead: boolean, refused: string | undefined) => {
    // What decides it could not be read, so neither its absence nor its presence is a fault.
    if (!isRead) return undefined;
    if (refused === undefined) return secret(own, key, cloudflareToken);
    if ((own.get(key) ?? "") !== "")
      faults.push({ path: key, problem: `${refused}: pulumi config rm ${key}` });
    return undefined;
  };

  const { createTokens, externalDns } = readable;
  const isRead = createTokens !== undefined;
  const isMade =
    createTokens === true ? "is given where createTokens makes it, want one of the two" : undefined;
  const isUseless = externalDns === undefined ? "is given without externalDns, want both or none" : undefined;
  const endpoint = hcloud.get("endpoint");
  const baseUrl = cloudflare.get("baseUrl");
  return {
    dns01Token: clusterToken("dns01Token", isRead, isMade),
    externalDnsToken: clusterToken(
      "externalDnsToken",
      isRead && Object.hasOwn(readable, "externalDns"),
      isMade ?? isUseless,
    ),
    hcloud: { token: secret(hcloud, "token", hetznerToken), ...(endpoint !== undefined && { endpoint }) },
    cloudflare: {
      apiToken: secret(cloudflare, "apiToken", cloudflareToken),
      ...(baseUrl !== undefined && { baseUrl }),
    },
    kubernetes: { kubeconfig: secret(new pulumi.Config("kubernetes"), "kubeconfig", kubeconfig) },
  };
}

function report(faults: readonly Fault[]): string {
  const lines = faults.map(({ path, problem }) => `  ${path}: ${problem}`);
  const count = faults.length === 1 ? "One setting is" : `${faults.length} settings are`;
  return `${count} wrong in Pulumi.${pulumi.getStack()}.yaml; nothing was changed:\n${lines.join("\n")}`;
}
