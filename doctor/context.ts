import { z } from "zod";

import { connectToCluster, type ReadApi } from "../components/conflicts/cluster-api";
import { readConfig, readStack, UserError, type DeployedStack } from "../stack/read-stack";
import { connectToCloud, type ReadCloud } from "./cloud-api";
import { NotVisible } from "./finding";
import {
  findReleases,
  findStackObjects,
  readReleaseObjects,
  type DeclaredObject,
  type Release,
} from "./declared-objects";
import { readLiveCluster, type LiveCluster } from "./live-cluster";
import type { Target } from "./target";

/** The connections of a stack, by what its config has. */
export interface Access {
  readonly config: Readonly<Record<string, string>>;
  readonly kubeconfig: string;
  /** Cloudflare API tokens by their config key. */
  readonly tokens: Readonly<Record<string, string>>;
  readonly readCluster: ReadApi;
  readonly cloudflare: ReadCloud;
  readonly hetzner: ReadCloud;
  readonly withCloudflareToken: (token: string) => ReadCloud;
  readonly zone: { readonly name: string; readonly id: string };
}

/** Everything that the steps read. None of it can write. */
export interface Context extends Access {
  readonly target: Target;
  readonly stack: DeployedStack;
  readonly cluster: LiveCluster;
  /** What the stack and its Helm releases declare for the target: the platform's objects and those of its apps. */
  readonly declared: readonly DeclaredObject[];
  /** The Helm releases of the stack that are not installed. */
  readonly missingReleases: readonly Release[];
  /** The public DNS resolver, such as `1.1.1.1`. Undefined: no public address is asked for anything. */
  readonly resolver: string | undefined;
  readonly now: Date;
}

const dnsSection = z.object({ zone: z.string(), zoneId: z.string() });

/** Connects to the cluster and the clouds of a stack with what its config has. @throws {UserError} */
export async function connect(stack: string): Promise<Access> {
  const config = await readConfig(stack);
  const need = (key: string): string => {
    const value = config[key];
    if (value === undefined || value === "")
      throw new UserError(
        `The config of the stack ${stack} has no ${key}: pulumi config set --secret ${key}`,
      );
    return value;
  };
  const findKey = (name: string) => Object.keys(config).find((key) => key.endsWith(`:${name}`)) ?? name;
  const { zone, zoneId } = dnsSection.parse(JSON.parse(need(findKey("dns"))));
  const tokenKeys = ["cloudflare:apiToken", findKey("dns01Token"), findKey("externalDnsToken")];
  const cloudflareUrl = config["cloudflare:baseUrl"] ?? "https://api.cloudflare.com/client/v4";
  const hetznerUrl = config["hcloud:endpoint"] ?? "https://api.hetzner.cloud/v1";
  const withCloudflareToken = (token: string) => connectToCloud("Cloudflare", cloudflareUrl, token);
  const kubeconfig = need("kubernetes:kubeconfig");
  return {
    config,
    kubeconfig,
    tokens: Object.fromEntries(
      tokenKeys.flatMap((key) => (config[key] ? [[key, config[key]] as const] : [])),
    ),
    readCluster: withVisibility(await connectToCluster(kubeconfig)),
    cloudflare: withCloudflareToken(need("cloudflare:apiToken")),
    hetzner: connectToCloud("Hetzner Cloud", hetznerUrl, need("hcloud:token")),
    withCloudflareToken,
    zone: { name: zone, id: zoneId },
  };
}

/** Turns the errors of the API server into {@link NotVisible}. */
const withVisibility =
  (read: ReadApi): ReadApi =>
  async (path, shape, options) => {
    try {
      return await read(path, shape, options);
    } catch (error) {
      if (error instanceof z.ZodError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new NotVisible(`the Kubernetes API server cannot be read: ${reason}`);
    }
  };

/** Reads the stack, and connects to its cluster and clouds. @throws {UserError} */
export async function createContext(
  name: string,
  findTarget: (stack: DeployedStack) => Target,
  { resolver }: { readonly resolver: string | undefined },
): Promise<Context> {
  const [stack, access] = await Promise.all([readStack(name), connect(name)]);
  const target = findTarget(stack);
  const { readCluster } = access;
  const releases = await Promise.all(
    findReleases(stack).map(async (release) => ({
      release,
      objects: await readReleaseObjects(readCluster, release).catch((error: unknown) => {
        // The steps report what cannot be seen.
        if (error instanceof NotVisible) return [];
        throw error;
      }),
    })),
  );
  const installed = releases.flatMap(({ objects = [] }) => objects);
  const declared = [...findStackObjects(stack), ...installed].filter(
    ({ app }) => app === undefined || target.apps.includes(app),
  );
  return {
    ...access,
    target,
    stack,
    cluster: readLiveCluster(readCluster),
    declared,
    missingReleases: releases.filter(({ objects }) => objects === undefined).map(({ release }) => release),
    resolver,
    now: new Date(),
  };
}
