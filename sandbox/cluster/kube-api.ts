import { z } from "zod";

import { SandboxError } from "../sandbox-error";
import { request, type Access } from "./access";

/** A cluster's API server, as far as the sandbox itself reads from it. */
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

/** @throws {SandboxError} an answer other than 200 or 404. */
export function connectKubeApi(access: Access): KubeApi {
  return {
    async get(path) {
      const { status, body } = await request(access, path);
      if (status === 404) return undefined;
      if (status !== 200)
        throw new SandboxError(`The API server answers GET ${path} with ${status}: ${body.slice(0, 300)}`);
      return JSON.parse(body) as unknown;
    },
  };
}
