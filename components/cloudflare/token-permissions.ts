import * as pulumi from "@pulumi/pulumi";

import { errorHook } from "../pulumi/hooks";

/** Permissions of an API token on a zone, by their names in the dashboard. */
export const zonePermissions = {
  dns: "DNS: Edit",
  settings: "Zone Settings: Edit",
  waf: "Zone WAF: Edit",
  ssl: "SSL and Certificates: Edit",
} as const;

/** The remedy for a missing permission. */
export const addPermissionHint =
  "Add it at https://dash.cloudflare.com/profile/api-tokens; the token itself stays the same.";

/** The permission that each resource type needs. */
const permissionByType: readonly (readonly [type: RegExp, permission: string])[] = [
  [/:(DnsRecord|ZoneDnssec)$/, zonePermissions.dns],
  [/:ZoneSetting$/, zonePermissions.settings],
  [/:AuthenticatedOriginPulls/, zonePermissions.ssl],
  [/:ApiToken$/, "User, API Tokens: Edit"],
];

/** The permission that a ruleset of each phase needs. Others need {@link zonePermissions.waf}. */
const permissionByPhase: Readonly<Record<string, string>> = {
  http_request_cache_settings: "Cache Rules: Edit",
  http_request_dynamic_redirect: "Single Redirect: Edit",
  http_response_headers_transform: "Transform Rules: Edit",
};

/** The permission that a resource of this type needs. `phase` is that of a ruleset. */
export function requiredPermission(type: string, phase?: string): string | undefined {
  if (type.endsWith(":Ruleset")) return permissionByPhase[phase ?? ""] ?? zonePermissions.waf;
  return permissionByType.find(([pattern]) => pattern.test(type))?.[1];
}

/** Whether Cloudflare refused the call for lack of a permission. Its answer never names the permission. */
export const isForbidden = (error: string): boolean =>
  /\b403 Forbidden\b/.test(error) && /"code": ?(10000|9109)\b/.test(error);

/** Transformation: when a call for a Cloudflare resource is forbidden, logs which permission the token lacks. */
export function explainMissingPermissions(): pulumi.ResourceTransformation {
  const explain = errorHook("explain-missing-permission", async ({ type, name, newInputs, errors }) => {
    const { phase } = (newInputs ?? {}) as { readonly phase?: string };
    const permission = requiredPermission(type, phase);
    if (permission !== undefined && isForbidden(errors[0] ?? ""))
      await pulumi.log.error(
        `${name}: the token in cloudflare:apiToken lacks ${permission}. ${addPermissionHint}`,
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
