import * as pulumi from "@pulumi/pulumi";

import { errorHook } from "./hooks";

/** The permission of an API token that each type needs, as the dashboard calls it. */
const rights: readonly (readonly [type: RegExp, right: string])[] = [
  [/:(DnsRecord|ZoneDnssec)$/, "DNS: Edit"],
  [/:ZoneSetting$/, "Zone Settings: Edit"],
  [/:AuthenticatedOriginPulls/, "SSL and Certificates: Edit"],
  [/:ApiToken$/, "User, API Tokens: Edit"],
];

const rightsOfPhases: Readonly<Record<string, string>> = {
  http_request_cache_settings: "Cache Rules: Edit",
  http_request_dynamic_redirect: "Single Redirect: Edit",
  http_response_headers_transform: "Transform Rules: Edit",
};

/** The permission that a resource of this type needs; `phase` is a ruleset's. */
export function rightFor(type: string, phase?: string): string | undefined {
  if (type.endsWith(":Ruleset")) return rightsOfPhases[phase ?? ""] ?? "Zone WAF: Edit";
  return rights.find(([pattern]) => pattern.test(type))?.[1];
}

/** Whether Cloudflare said that the token may not; it never says what the token lacks. */
export const isForbidden = (error: string): boolean =>
  /\b403 Forbidden\b/.test(error) && /"code": ?(10000|9109)\b/.test(error);

/** Makes every Cloudflare resource below a component say which permission its token lacks, where it lacks one. */
export function explainingRights(): pulumi.ResourceTransformation {
  const explain = errorHook("explain-token-rights", async ({ type, name, newInputs, errors }) => {
    const right = rightFor(type, (newInputs as { readonly phase?: string } | undefined)?.phase);
    if (right !== undefined && isForbidden(errors[0] ?? ""))
      await pulumi.log.error(
        `${name}: the token in cloudflare:apiToken lacks ${right}. Add it at ` +
          "https://dash.cloudflare.com/profile/api-tokens; the token itself stays the same.",
      );
    return false;
  });
  return ({ type, props, opts }) => {
    if (!type.startsWith("cloudflare:")) return undefined;
    const { hooks } = opts as pulumi.CustomResourceOptions;
    return {
      props: props,
      opts: { ...opts, hooks: { ...hooks, onError: [...(hooks?.onError ?? []), explain] } },
    };
  };
}
