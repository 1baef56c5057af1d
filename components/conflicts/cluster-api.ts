import * as http from "node:http";
import * as https from "node:https";
import { setTimeout } from "node:timers/promises";

import type { KubeConfig } from "@kubernetes/client-node";
import type { z } from "zod";

interface GetOptions<T> {
  /** The result for a 404. Default: a 404 is an error. */
  readonly absent?: T;
  /** Requests only the metadata of a list's items, and so no Secret data. Default: false. */
  readonly metadataOnly?: boolean;
}

/**
 * Reads a path of the API server.
 *
 * @throws {Error} No answer within 10 s, busy for longer than 10 s, or a status other than 200 (or 404 with `absent`).
 */
export type ReadApi = <T>(path: string, shape: z.ZodType<T>, options?: GetOptions<T>) => Promise<T>;

const timeoutMs = 10_000;

/** Whether to retry: the API server returns 429 for a new CRD until its storage is ready. */
const isBusy = (status: number): boolean => status === 429 || status === 503;

/**
 * Connects to the API server of a kubeconfig's current context.
 *
 * @throws {Error} The kubeconfig has no cluster for its current context.
 */
export async function connectToCluster(kubeconfig: string): Promise<ReadApi> {
  // Loaded on demand: the library is large, and most runs read nothing.
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw new Error("the kubeconfig has no cluster for its current context");
  return async (path, shape, { absent, metadataOnly = false } = {}) => {
    const url = new URL(path, server);
    let { status, body } = await request(config, url, metadataOnly);
    for (const deadline = Date.now() + timeoutMs; isBusy(status) && Date.now() < deadline;) {
      await setTimeout(500);
      ({ status, body } = await request(config, url, metadataOnly));
    }
    if (status === 404 && absent !== undefined) return absent;
    if (status !== 200) throw new Error(`GET ${path} returned ${status}`);
    return shape.parse(JSON.parse(body));
  };
}

const metadataList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

async function request(
  config: KubeConfig,
  url: URL,
  metadataOnly: boolean,
): Promise<{ readonly status: number; readonly body: string }> {
  const options: https.RequestOptions = { headers: metadataOnly ? { accept: metadataList } : {} };
  const { get } = url.protocol === "http:" ? http : https;
  await config.applyToHTTPSOptions(options);
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const request = get(url, { ...options, signal }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.on("error", reject);
    });
    request.on("error", (error) =>
      reject(signal.aborted ? new Error(`${url.host} did not answer within ${timeoutMs / 1000} s`) : error),
    );
  });
}
