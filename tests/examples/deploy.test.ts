import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout } from "node:timers/promises";

import { z } from "zod";

import { root, yamlFile } from "../config";
import {
  assertChanged,
  begin,
  emptySandbox,
  read,
  request,
  start,
  succeeded,
  type Finished,
} from "../sandbox/start";

const stack = "prod";
const namespace = "production";

/** Secrets and claims that an example's pods need and that its comments say to create. */
interface Needs {
  readonly secrets: Readonly<Record<string, readonly string[]>>;
  readonly claims: readonly string[];
}

const anyReference = z.object({ name: z.string(), key: z.string() });
const ownReferences = z.record(z.string(), z.object({ secret: z.string(), key: z.string() }));
const passwords = z.object({ secret: z.string() });

/** Every value of a key, anywhere in the settings. */
function findAll(value: unknown, key: string): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value as Record<string, unknown>).flatMap(([name, each]) => [
    ...(name === key ? [each] : []),
    ...findAll(each, key),
  ]);
}

function findNeeds(config: unknown): Needs {
  const references = [
    ...findAll(config, "secretKeyRef").map((each) => anyReference.parse(each)),
    ...findAll(config, "secrets")
      .flatMap((each) => Object.values(ownReferences.parse(each)))
      .map(({ secret, key }) => ({ name: secret, key })),
    ...findAll(config, "basicAuth").map((each) => ({ name: passwords.parse(each).secret, key: "auth" })),
  ];
  const secrets: Record<string, string[]> = {};
  for (const { name, key } of references) (secrets[name] ??= []).push(key);
  return { secrets, claims: [...new Set(findAll(config, "claimName").map(String))] };
}

/** Creates what the pods need, as soon as their namespace is there. */
async function createNeeds({ secrets, claims }: Needs): Promise<void> {
  const at = `/api/v1/namespaces/${namespace}`;
  while ((await read(stack, at).catch(() => undefined)) === undefined) await setTimeout(500);
  for (const [name, keys] of Object.entries(secrets)) {
    const stringData = Object.fromEntries(keys.map((key) => [key, "x"]));
    await request(stack, `${at}/secrets`, "POST", { metadata: { name }, stringData });
  }
  for (const name of claims) {
    const spec = {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "1Gi" } },
      storageClassName: "",
    };
    const bound = { "pv.kubernetes.io/bind-completed": "yes" };
    await request(stack, "/api/v1/persistentvolumes", "POST", {
      metadata: { name },
      spec: {
        accessModes: spec.accessModes,
        capacity: { storage: "1Gi" },
        hostPath: { path: "/tmp" },
        claimRef: { kind: "PersistentVolumeClaim", namespace, name },
      },
    });
    await request(stack, `${at}/persistentvolumeclaims`, "POST", {
      metadata: { name, annotations: bound },
      spec: { ...spec, volumeName: name },
    });
  }
}

describe("the examples in the sandbox", () => {
  emptySandbox();

  for (const file of fs.readdirSync(path.join(root, "examples")).filter((each) => each.endsWith(".yaml")))
    it(`${file} is created, changes nothing in a second up, and is destroyed`, async () => {
      const config = yamlFile(path.join("examples", file));
      const args = ["--stack", stack, "--stack-file", path.join("examples", file)];
      const up = begin("up", ...args);
      const needs = createNeeds(findNeeds(config));
      const first: Finished = await succeeded(up.finished);
      await needs;
      assert.ok((first.report?.changes.create ?? 0) > 50);
      assertChanged(await succeeded(start("up", ...args)));
      const { output } = await succeeded(start("destroy", ...args));
      assert.match(output, /hold nothing any more|Left over/);
    });
});
