import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";

export interface ZoneTokenArgs {
  /** Cloudflare's id of the zone, 32 hex digits. */
  readonly zoneId: string;
  /** What the token is called among the user's tokens. */
  readonly tokenName: string;
}

/**
 * Ids of Cloudflare's permission groups, the same for everybody.
 *
 * @see https://developers.cloudflare.com/api/resources/user/subresources/tokens/subresources/permission_groups/methods/list/
 */
export const permissionGroups = {
  "Zone Read": "c8fed203ed3043cba015a93ad1616f1f",
  "DNS Write": "4755a26eedb94da69e1066d98aa820be",
} as const;

/**
 * A Cloudflare token for a controller in the cluster: it may see one zone and edit its records, and nothing else. To
 * make one, the provider's own token needs "User, API Tokens: Edit".
 *
 * @see https://developers.cloudflare.com/fundamentals/api/how-to/create-via-api/
 */
export class ZoneToken extends pulumi.ComponentResource {
  /** The token itself. Secret. Fails for a token that was imported, since Cloudflare tells a token only once. */
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
            // The provider compares the list as it stands.
            permissionGroups: Object.values(permissionGroups)
              .sort()
              .map((id) => ({ id })),
            resources: JSON.stringify({ [`com.cloudflare.api.account.zone.${zoneId}`]: "*" }),
          },
        ],
      },
      { parent: this },
    );

    this.value = pulumi.secret(token.value).apply((value?: string) => {
      if (value) return value;
      throw new pulumi.ResourceError(
        `The Cloudflare token "${tokenName}" has no value: Cloudflare tells it only when a token is made, so do not ` +
          "import one but let the program make its own.",
        this,
        true,
      );
    });
    this.registerOutputs({ value: this.value });
  }
}
