import * as fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { z } from "zod";

import { registeredDefinitions } from "../tools/charts";
import { call, request, type Access } from "./access";
import { digest } from "../tools/checksum";

const ANNOTATION = "sandbox/definitions";
const CLUSTER_NAMESPACE = "/api/v1/namespaces/kube-system";

const annotated = z.object({
  metadata: z.object({ annotations: z.record(z.string(), z.string()).default({}) }),
});

/** The kinds that must be served before the program runs: the last of each operator. */
const awaited = [
  ["/apis/cilium.io/v2", "ciliumnetworkpolicies"],
  ["/apis/monitoring.coreos.com/v1", "prometheusrules"],
  ["/apis/monitoring.coreos.com/v1", "servicemonitors"],
] as const;

/**
 * Registers what operators would that do not run here: Cilium's, and Prometheus', which a stack with alerts for its
 * certificates counts on. The mark that it is done is an annotation in the cluster itself, so that it
 * can never tell of other data than the one it lies with.
 */
export async function ensureDefinitions(access: Access): Promise<void> {
  const definitions = registeredDefinitions().map(({ by, file }) => ({
    by,
    text: fs.readFileSync(file, "utf8"),
  }));
  const mark = digest(...definitions.map(({ text }) => text));
  const namespace = await call(access, CLUSTER_NAMESPACE);
  if (annotated.parse(JSON.parse(namespace.body)).metadata.annotations[ANNOTATION] === mark) return;

  await Promise.all(definitions.map((definition) => apply(access, definition)));
  await Promise.all(awaited.map(([group, plural]) => waitUntilServed(access, group, plural)));
  await call(access, CLUSTER_NAMESPACE, {
    method: "PATCH",
    type: "application/merge-patch+json",
    body: JSON.stringify({ metadata: { annotations: { [ANNOTATION]: mark } } }),
  });
}

interface Definition {
  readonly by: string;
  readonly text: string;
}

async function apply(access: Access, { by, text }: Definition): Promise<void> {
  const name = /^ {2}name: (\S+)$/m.exec(text)?.[1];
  if (name === undefined) throw new Error(`a definition of ${by} has no name`);
  const resource = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`;
  await call(access, `${resource}?fieldManager=${by}&force=true`, {
    method: "PATCH",
    type: "application/apply-patch+yaml",
    body: text,
  });
}

/** A definition is taken at once and served a moment later. */
async function waitUntilServed(access: Access, group: string, plural: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const { status, body } = await request(access, group);
    if (status === 200 && body.includes(`"name":"${plural}"`)) return;
    if (Date.now() > deadline) throw new Error(`the API server does not serve ${plural} of ${group}`);
    await sleep(50);
  }
}
