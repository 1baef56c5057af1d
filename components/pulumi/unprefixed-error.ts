import * as pulumi from "@pulumi/pulumi";

/**
 * An error whose message is fixed. The SDK puts `error serializing property "…":` before the message once for each
 * resource that depends on the rejected output, which would bury it.
 *
 * @see https://github.com/pulumi/pulumi/blob/v3.270.0/sdk/nodejs/runtime/rpc.ts (serializeFilteredProperties)
 */
export function unprefixedError(message: string): pulumi.RunError {
  return Object.defineProperty(new pulumi.RunError(message), "message", {
    get: () => message,
    set: () => undefined,
  });
}
