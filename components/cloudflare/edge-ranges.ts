import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";

/**
 * The address ranges from which Cloudflare connects to origins, IPv4 and IPv6, as CIDRs.
 *
 * @see https://www.cloudflare.com/ips/
 */
export function edgeRanges(opts: pulumi.InvokeOptions): pulumi.Output<string[]> {
  const { ipv4Cidrs, ipv6Cidrs } = cloudflare.getIpRangesOutput({}, opts);
  return pulumi.all([ipv4Cidrs, ipv6Cidrs]).apply((both) => both.flat());
}
