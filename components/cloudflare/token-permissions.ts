import * as pulumi from "@pulumi/pulumi";

import { errorHook } from "../pulumi/hooks";

/** Permissions of an API token on a zone, as the dashboard calls them. */
export const zonePermissions = {
  dns: "DNS: Edit",
  settings: "Zone Settings: Edit",
  waf: "Zone WAF: Edit",
  ssl: "SSL and Certificates: Edit",
} as const;

/** What to do about a token that lacks a permission. */
export const addPermissionHint =
  "Add it at https://dash.cloudflare.com/profile/api-tokens; the token itself stays the same.";

/** The permission that each type needs. */
const permissionByType: readonly (readonly [type: RegExp, right: string])[] = [
  [/:(DnsRecord|ZoneDnssec)$/, zonePermissions.dns],
  [/:ZoneSetting$/, zonePermissions.settings],
  [/:AuthenticatedOriginPulls/, zonePermissions.ssl],
  [/:ApiToken$/, "User, API Tokens: Edit"],
];

const permissionByPhase: Readonly<Record<string, string>> = {
  http_request_cache_settings: "Cache Rules: Edit",
  http_request_dynamic_redirect: "Single Redirect: Edit",
  http_response_headers_transform: "Transform Rules: Edit",
};

/** The permission that a resource of this type needs; `phase` is a ruleset's. */
export function permissionFor(type: string, phase?: string): string | undefined {
  if (type.endsWith(":Ruleset")) return permissionByPhase[phase ?? ""] ?? zonePermissions.waf;
  return permissionByType.find(([pattern]) => pattern.test(type))?.[1];
}

/** Whether Cloudflare said that the token may not; it never says what the token lacks. */
export const isForbidden = (error: string): boolean =>
  /\b403 Forbidden\b/.test(error) && /"code": ?(10000|9109)\b/.test(error);

/** Makes every Cloudflare resource below a component say which permission its token lacks, where it lacks one. */
export function explainMissingPermissions(): pulumi.ResourceTransformation {
  const explain = errorHook("explain-token-rights", async ({ type, name, newInputs, errors }) => {
    const right = permissionFor(type, (newInputs as { readonly phase?: string } | undefined)?.phase);
    if (right !== undefined && isForbidden(errors[0] ?? ""))
      await pulumi.log.error(
        `${name}: the token in cloudflare:apiToken lacks ${right}. ${addPermissionHint}`,
      );
    return false;
  });
  return ({ type, props, opts }) => {
    if (!type.startsWith("cloudflare:")) return undefined;
    const { hooks } = opts as pulumi.CustomResourceOptions;
    return {
      props,
      opts: { ...opts, hooks: { ...hooks, onError: [...(hooks?.onError ?? []), explain] } },
    };
  };
}
