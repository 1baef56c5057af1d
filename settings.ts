import * as pulumi from "@pulumi/pulumi";

import { formatErrors, type ConfigError } from "./settings/config-error";
import { parseConfig, parseValue } from "./settings/parse";
import { resolveSettings, type ResolvedSettings } from "./settings/resolve";
import { hasFacts, type KnownFacts } from "./settings/rule";
import { runRules } from "./settings/rules";
import { sections, type Config } from "./settings/schema";
import {
  cloudflareToken,
  dockerConfig,
  hetznerToken,
  kubeconfig,
  type SecretFormat,
} from "./settings/secret-formats";
import { findWarnings } from "./settings/warnings";

export type { AppSettings } from "./settings/apps/resolve";

/** Secret settings, and the providers' endpoints. */
interface Secrets {
  /** The Cloudflare token with which cert-manager solves DNS-01 challenges. Absent if the program creates it. */
  readonly dns01Token?: pulumi.Output<string> | undefined;
  /** The Cloudflare token of external-dns. Absent if the program creates it, or if there is no external-dns. */
  readonly externalDnsToken?: pulumi.Output<string> | undefined;
  /** The credentials of private registries: the text of Docker's `config.json`. Absent if there are none. */
  readonly dockerConfig?: pulumi.Output<string> | undefined;
  readonly hcloud: { readonly token: pulumi.Output<string>; readonly endpoint?: string };
  readonly cloudflare: { readonly apiToken: pulumi.Output<string>; readonly baseUrl?: string };
  readonly kubernetes: { readonly kubeconfig: pulumi.Output<string> };
}

export interface Settings extends ResolvedSettings, Secrets {}

const sectionNames = Object.keys(sections) as (keyof Config)[];

/**
 * The stack's settings: the one place that reads Pulumi config.
 *
 * @throws {pulumi.RunError} All errors at once, each with its path, the value and what is wanted.
 */
export function readSettings(): Settings {
  const { known, errors: invalid } = parseConfig(readConfig());
  const errors = [...invalid, ...runRules(known)];
  const secrets = readSecrets(known, errors);
  const needs = [...sectionNames, "appNames", "calls", "routes", "zone", "completeZone"] as const;
  if (errors.length > 0 || !hasFacts(known, needs))
    throw new pulumi.RunError(formatErrors(errors, pulumi.getStack()));
  if (pulumi.runtime.isDryRun()) for (const warning of findWarnings(known)) void pulumi.log.warn(warning);
  return { ...resolveSettings(known), ...secrets };
}

/** Secrets under the project's name, which are not in the schema. */
const ownSecrets = ["dns01Token", "externalDnsToken", "dockerConfig"];

/** The project's own config keys with their values. */
function readConfig(): Record<string, unknown> {
  const prefix = `${pulumi.getProject()}:`;
  return Object.fromEntries(
    Object.entries(pulumi.runtime.allConfig())
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, text]) => [key.slice(prefix.length), text] as const)
      .filter(([name]) => !ownSecrets.includes(name))
      .map(([name, text]) => [name, parseValue(name, text)]),
  );
}

/** Whether a config key is set with `--secret`. In the SDK, but not in its types. */
const isEncrypted = (key: string): boolean =>
  (pulumi.runtime as { readonly isConfigSecret?: (key: string) => boolean }).isConfigSecret?.(key) ?? true;

function readSecrets(known: KnownFacts, errors: ConfigError[]): Secrets {
  const own = new pulumi.Config();
  const hcloud = new pulumi.Config("hcloud");
  const cloudflare = new pulumi.Config("cloudflare");

  const secret = (config: pulumi.Config, key: string, { description, isValid }: SecretFormat) => {
    // The default in Pulumi.yaml of a secret that not every stack has is "".
    const value = config.get(key) ?? "";
    const path = config === own ? key : `${config.name}:${key}`;
    if (value === "")
      errors.push({
        path,
        message: `is missing, want ${description}: pulumi config set --secret ${path}`,
      });
    else if (!isValid(value))
      errors.push({ path, message: `is not ${description} (its value is not shown here)` });
    else if (!isEncrypted(`${config.name}:${key}`))
      errors.push({
        path,
        message:
          `is in plain text in Pulumi.${pulumi.getStack()}.yaml, want it encrypted: pulumi config set --secret ${path}; ` +
          "if the file was committed or sent, revoke this one and create another",
      });
    return pulumi.secret(value);
  };
  /** A token of the cluster: required, unless there is a conflict with another setting. */
  const clusterToken = (key: string, conflict: string | undefined) => {
    if (conflict === undefined) return secret(own, key, cloudflareToken);
    if ((own.get(key) ?? "") !== "")
      errors.push({ path: key, message: `${conflict}: pulumi config rm ${key}` });
    return undefined;
  };
  const created = known.createTokens === true ? "cannot be combined with createTokens: true" : undefined;
  const unused = known.externalDns === undefined ? "has no effect without externalDns" : undefined;
  const endpoint = hcloud.get("endpoint");
  const baseUrl = cloudflare.get("baseUrl");
  return {
    // If createTokens or externalDns is invalid, whether the token is required is unknown.
    ...(hasFacts(known, ["createTokens"]) && { dns01Token: clusterToken("dns01Token", created) }),
    ...(hasFacts(known, ["createTokens", "externalDns"]) && {
      externalDnsToken: clusterToken("externalDnsToken", created ?? unused),
    }),
    ...((own.get("dockerConfig") ?? "") !== "" && {
      dockerConfig: secret(own, "dockerConfig", dockerConfig),
    }),
    hcloud: { token: secret(hcloud, "token", hetznerToken), ...(endpoint !== undefined && { endpoint }) },
    cloudflare: {
      apiToken: secret(cloudflare, "apiToken", cloudflareToken),
      ...(baseUrl !== undefined && { baseUrl }),
    },
    kubernetes: { kubeconfig: secret(new pulumi.Config("kubernetes"), "kubeconfig", kubeconfig) },
  };
}
