// Usage: flat.ts FILE. Registers the resources of FILE, as a program without components would.
import * as fs from "node:fs";

import * as cloudflare from "@pulumi/cloudflare";
import * as hcloud from "@pulumi/hcloud";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";

import type { Recorded } from "../../tests/recorded";
import { writeCost } from "./cost";
import { runWithMocks } from "./mocks";

type Constructor = new (
  name: string,
  inputs: Readonly<Record<string, unknown>>,
  opts: pulumi.CustomResourceOptions,
) => pulumi.CustomResource;

const sdks: Readonly<Record<string, object>> = { cloudflare, hcloud, kubernetes, random, tls };

/**
 * The SDK's class of a type: `kubernetes:apps/v1:Deployment` is `kubernetes.apps.v1.Deployment`,
 * `hcloud:index/loadBalancer:LoadBalancer` is `hcloud.LoadBalancer`.
 */
function findClass(type: string): Constructor {
  const [sdk = "", module = "", name = ""] = type.split(":");
  const [group = "", version = ""] = module.split("/");
  const path = group === "index" ? [name] : [group.split(".")[0] ?? "", version, name];
  const found = path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? (Reflect.get(at, key) as unknown) : undefined),
    sdks[sdk],
  );
  return (found ?? kubernetes.apiextensions.CustomResource) as Constructor;
}

/** Registers resources that were recorded, one JSON text a line, each as a program without components would. */
function registerRecorded(file: string): void {
  const providers = new Map<string, pulumi.ProviderResource>();
  const classes = new Map<string, Constructor>();
  for (const line of fs.readFileSync(file, "utf8").split("\n").filter(Boolean)) {
    const { type, name, inputs, secrets, provider, custom, protect } = JSON.parse(line) as Recorded;
    const [, sdk = ""] = type.match(/^pulumi:providers:(.*)$/) ?? [];
    if (!custom) new pulumi.ComponentResource(type, name, {}, { protect });
    else if (sdk !== "") {
      const Provider = Reflect.get(sdks[sdk] ?? {}, "Provider") as new (
        name: string,
        inputs: object,
      ) => pulumi.ProviderResource;
      providers.set(name, new Provider(name, inputs));
    } else {
      for (const path of secrets) {
        const keys = path.split(".");
        const last = keys.pop() ?? "";
        const inside = keys.reduce<object>((at, key) => Reflect.get(at, key) as object, inputs);
        Reflect.set(inside, last, pulumi.secret(Reflect.get(inside, last)));
      }
      const Class = classes.get(type) ?? findClass(type);
      classes.set(type, Class);
      const by = providers.get(provider);
      new Class(name, inputs, { protect, ...(by && { provider: by }) });
    }
  }
}

const [, , file = ""] = process.argv;
void runWithMocks(() => registerRecorded(file)).then(writeCost);
