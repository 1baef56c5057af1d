import type * as https from "node:https";

import type { KubeConfig } from "@kubernetes/client-node";
import { z } from "zod";

import { SandboxError } from "../sandbox-error";
import { sendRequest } from "./client";

/** The API server of a kubeconfig, as far as the sandbox itself uses it. */
export interface KubeApi {
  /** The JSON at a path such as `/api/v1/namespaces`; undefined when there is none (404). */
  get(path: string): Promise<unknown>;
}

const kind = z.looseObject({
  name: z.string(),
  kind: z.string(),
  namespaced: z.boolean(),
  verbs: z.array(z.string()),
});

/** The kinds that a group and version such as `apps/v1` serves; none when it serves nothing. */
export async function listKinds(api: KubeApi, apiVersion: string): Promise<readonly z.infer<typeof kind>[]> {
  const answer = await api.get(groupPath(apiVersion));
  if (answer === undefined) return [];
  const { resources } = z.looseObject({ resources: z.array(kind) }).parse(answer);
  return resources.filter(({ name }) => !name.includes("/"));
}

/** `/api/v1`, `/apis/apps/v1`. */
export const groupPath = (apiVersion: string): string =>
  apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

/**
 * Reads a kubeconfig.
 *
 * @param text YAML or JSON.
 * @param file only named in errors.
 * @throws {SandboxError} it cannot be parsed, or names no current cluster.
 */
export async function connectKubeApi(text: string, file: string): Promise<KubeApi> {
  const config = await parseKubeconfig(text, file);
  const cluster = config.getCurrentCluster();
  if (cluster === null)
    throw new SandboxError(`${file} is no usable kubeconfig: it has no cluster for its current context.`);
  return {
    async get(path) {
      const options: https.RequestOptions = {};
      await config.applyToHTTPSOptions(options);
      const { status, body } = await sendRequest({ url: new URL(path, cluster.server).href, options });
      if (status === 404) return undefined;
      if (status !== 200)
        throw new SandboxError(`The API server answers GET ${path} with ${status}: ${body.slice(0, 300)}`);
      return JSON.parse(body) as unknown;
    },
  };
}

async function parseKubeconfig(text: string, file: string): Promise<KubeConfig> {
  // Loaded late: it is large, and most runs have nothing to ask.
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  try {
    config.loadFromString(text);
  } catch (error) {
    const [first] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new SandboxError(`${file} is no kubeconfig: ${first ?? "it cannot be parsed"}`);
  }
  return config;
}
