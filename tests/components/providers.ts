import * as cloudflare from "@pulumi/cloudflare";
import * as hcloud from "@pulumi/hcloud";
import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";

/** One explicit provider of each package, as index.ts hands them to the components. */
export const providers = (): pulumi.ProviderResource[] => [
  new hcloud.Provider("hcloud", {}),
  new cloudflare.Provider("cloudflare", {}),
  new kubernetes.Provider("kubernetes", {}),
  new random.Provider("random", {}),
  new tls.Provider("tls", {}),
];
