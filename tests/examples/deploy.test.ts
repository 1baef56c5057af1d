import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { stringify } from "yaml";
import { z } from "zod";

import { root, yamlFile } from "../config";
import { assertChanged, emptySandbox, request, start, succeeded } from "../sandbox/start";

const stack = "prod";
const namespace = "production";

/** What must exist before an example: Secrets, volumes, and the Services of its existing apps. */
interface Needs {
  readonly services: readonly string[];
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
  return {
    secrets,
    claims: [...new Set(findAll(config, "claimName").map(String))],
    services: findAll(config, "serviceName").map(String),
  };
}

/** Creates the namespace and all that must exist in it. */
async function createNeeds({ secrets, claims, services }: Needs): Promise<void> {
  const at = `/api/v1/namespaces/${namespace}`;
  await request(stack, "/api/v1/namespaces", "POST", { metadata: { name: namespace } });
  for (const name of services)
    await request(stack, `${at}/services`, "POST", { metadata: { name }, spec: { ports: [{ port: 5432 }] } });
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
    // As kube-controller-manager does once no pod mounts the claim; otherwise its namespace is never deleted.
    await request(stack, `${at}/persistentvolumeclaims/${name}`, "PATCH", { metadata: { finalizers: null } });
  }
}

/** Deletes the volumes, which no destroy does. */
async function deleteVolumes({ claims }: Needs): Promise<void> {
  for (const name of claims) {
    const volume = `/api/v1/persistentvolumes/${name}`;
    await request(stack, volume, "PATCH", { metadata: { finalizers: null } });
    await request(stack, volume, "DELETE");
  }
}

describe("the examples in the sandbox", () => {
  const folder = emptySandbox();

  for (const file of fs.readdirSync(path.join(root, "examples")).filter((each) => each.endsWith(".yaml")))
    it(`${file} is created, changes nothing in a second up, and is destroyed`, async () => {
      const example = yamlFile(path.join("examples", file)) as {
        readonly config: Readonly<Record<string, unknown>>;
      };
      const config = { ...example.config, "platform-networking:import": { apps: namespace } };
      const stackFile = path.join(folder, file);
      fs.writeFileSync(stackFile, stringify({ config }));
      const args = ["--stack", stack, "--stack-file", stackFile];
      // Starts the cluster. Where the settings name Secrets or Services, it fails until they exist.
      await start("preview", ...args);
      await createNeeds(findNeeds(config));
      const first = await succeeded(start("up", ...args));
      assert.ok((first.report?.changes.create ?? 0) > 50);
      assertChanged(await succeeded(start("up", ...args)));
      await deleteVolumes(findNeeds(config));
      const { output } = await succeeded(start("destroy", ...args));
      assert.match(output, /hold nothing any more|Left over/);
    });
});
