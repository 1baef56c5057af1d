import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";

import { hook } from "../pulumi/hooks";

export interface ZoneTokenArgs {
  /** Cloudflare's id of the zone, 32 hex digits. */
  readonly zoneId: string;
  /** The token's name in the user's list of tokens. */
  readonly tokenName: string;
}

/**
 * IDs of Cloudflare's permission groups, the same in every account.
 *
 * @see https://developers.cloudflare.com/api/resources/user/subresources/tokens/subresources/permission_groups/methods/list/
 */
const permissionGroups = {
  "Zone Read": "c8fed203ed3043cba015a93ad1616f1f",
  "DNS Write": "4755a26eedb94da69e1066d98aa820be",
} as const;

/**
 * A Cloudflare API token for a controller in the cluster, with Zone: Read and DNS: Edit on one zone. To create it, the
 * provider's own token needs "User, API Tokens: Edit".
 *
 * @see https://developers.cloudflare.com/fundamentals/api/how-to/create-via-api/
 */
export class ZoneToken extends pulumi.ComponentResource {
  /** The token's value. Secret. Fails for an imported token, since Cloudflare returns the value only at creation. */
  readonly value: pulumi.Output<string>;

  constructor(name: string, args: ZoneTokenArgs, opts?: pulumi.ComponentResourceOptions) {
    const { zoneId, tokenName } = args;
    super("platform:networking:ZoneToken", name, {}, opts);

    const token = new cloudflare.ApiToken(
      name,
      {
        name: tokenName,
        policies: [
          {
            effect: "allow",
            // Sorted: the provider's diff is order-sensitive.
            permissionGroups: Object.values(permissionGroups)
              .sort()
              .map((id) => ({ id })),
            resources: JSON.stringify({ [`com.cloudflare.api.account.zone.${zoneId}`]: "*" }),
          },
        ],
      },
      { parent: this, hooks: { beforeCreate: [duplicateWarningHook(name, tokenName, this)] } },
    );

    this.value = pulumi.secret(token.value).apply((value?: string) => {
      if (value) return value;
      throw new pulumi.ResourceError(
        `The Cloudflare token "${tokenName}" has no value: Cloudflare returns it only when a token is created. Do not ` +
          "import a token; let the program create its own.",
        this,
        true,
      );
    });
    this.registerOutputs({ value: this.value });
  }
}

/** The user's tokens, listed once for all tokens of a stack. One process may run several programs in turn. */
const tokensByStack = new WeakMap<pulumi.Resource, ReturnType<typeof cloudflare.getApiTokens>>();

function listTokens(parent: pulumi.Resource): ReturnType<typeof cloudflare.getApiTokens> {
  const stack = pulumi.runtime.getStackResource() ?? parent;
  const tokens = tokensByStack.get(stack) ?? cloudflare.getApiTokens({}, { parent });
  tokensByStack.set(stack, tokens);
  return tokens;
}

/**
 * Warns, in preview too, if a token of this name exists when one is created. It may be from an interrupted run; its value
 * is lost, so it cannot be imported.
 */
const duplicateWarningHook = (
  name: string,
  tokenName: string,
  parent: pulumi.Resource,
): pulumi.ResourceHook =>
  hook(
    `${name}-duplicate-check`,
    async () => {
      // A missing permission is reported when the token is created.
      const { results } = await listTokens(parent).catch(() => ({ results: [] }));
      const ids = results.flatMap((each) => (each.name === tokenName ? [each.id] : []));
      if (ids.length > 0)
        void pulumi.log.warn(
          `Cloudflare already has an API token "${tokenName}" (${ids.join(", ")}). If an interrupted run of this stack created ` +
            "it, delete it at https://dash.cloudflare.com/profile/api-tokens: its value is lost, and this run creates another.",
        );
    },
    { onDryRun: true },
  );
