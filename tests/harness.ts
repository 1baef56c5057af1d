import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";

/** A value as JSON has it: what a resource was given, secrets unwrapped. */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };

export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly inputs: { [key: string]: Value };
  /** Dotted paths of inputs that were marked secret. */
  readonly secrets: readonly string[];
  /** Logical name and type of the parent; undefined for the stack. */
  readonly parent: string | undefined;
  /** URN and id of the explicit provider; empty means a default one. */
  readonly provider: string;
  readonly custom: boolean;
  readonly options: pulumi.ResourceOptions;
}

const secretSignature = "4dabf18193072939515e22adb298388d";

/** The computed outputs of every type the program makes. A type that is not here fails the test. */
const outputs: Record<string, (inputs: Record<string, Value>, name: string) => Record<string, unknown>> = {
  "hcloud:index/loadBalancer:LoadBalancer": () => ({ ipv4: "203.0.113.7", ipv6: "2001:db8::7" }),
  "hcloud:index/loadBalancerNetwork:LoadBalancerNetwork": () => ({ ip: "10.0.0.3" }),
  "hcloud:index/loadBalancerService:LoadBalancerService": () => ({}),
  "hcloud:index/loadBalancerTarget:LoadBalancerTarget": () => ({}),
  "cloudflare:index/dnsRecord:DnsRecord": () => ({}),
  "random:index/randomPassword:RandomPassword": (_, name) => ({
    result: `password-of-${name}`,
    bcryptHash: `$2a$10$${name}`,
  }),
  "kubernetes:helm.sh/v3:Release": ({ name, namespace, version }) => ({
    status: { name, namespace, version, status: "deployed" },
  }),
};

const objects = new Set([
  "kubernetes:core/v1:Namespace",
  "kubernetes:core/v1:Secret",
  "kubernetes:core/v1:Service",
  "kubernetes:core/v1:ServiceAccount",
  "kubernetes:apps/v1:Deployment",
  "kubernetes:networking.k8s.io/v1:Ingress",
  "kubernetes:policy/v1:PodDisruptionBudget",
  "kubernetes:cert-manager.io/v1:Certificate",
  "kubernetes:cert-manager.io/v1:ClusterIssuer",
  "kubernetes:cert-manager.io/v1:Issuer",
  "kubernetes:cilium.io/v2:CiliumNetworkPolicy",
  "kubernetes:traefik.io/v1alpha1:Middleware",
  "kubernetes:trust.cert-manager.io/v1alpha1:Bundle",
]);

const invokes: Record<string, Value> = {
  "cloudflare:index/getIpRanges:getIpRanges": {
    ipv4Cidrs: ["173.245.48.0/20", "103.21.244.0/22"],
    ipv6Cidrs: ["2400:cb00::/32"],
    etag: "etag",
  },
};

function unwrap(value: unknown, at: string, secrets: string[]): Value {
  if (Array.isArray(value)) return value.map((each, index) => unwrap(each, `${at}.${index}`, secrets));
  if (typeof value !== "object" || value === null) return value as Value;
  if (secretSignature in value && "value" in value) {
    secrets.push(at);
    return unwrap(value.value, at, secrets);
  }
  const entries = Object.entries(value).map(([key, each]) => [
    key,
    unwrap(each, at === "" ? key : `${at}.${key}`, secrets),
  ]);
  return Object.fromEntries(entries) as Value;
}

export interface Run<T> {
  readonly resources: readonly Recorded[];
  /** What `build` returned. */
  readonly result: T;
}

/**
 * Runs `build` as a Pulumi program against strict mocks: an unknown type, an unknown function or a failed apply fails it.
 * Returns when every resource is registered.
 */
export async function run<T>(build: () => T | Promise<T>, { stack = "test", project = "platform-networking" } = {}) {
  const resources: Recorded[] = [];
  const optionsOf = new Map<string, pulumi.ResourceOptions>();
  const faults: unknown[] = [];
  const onFault = (fault: unknown) => faults.push(fault);

  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, custom, provider }) => {
        const given = inputs as Record<string, unknown>;
        const secrets: string[] = [];
        const plain = unwrap(given, "", secrets) as Record<string, Value>;
        const options = optionsOf.get(`${type} ${name}`) ?? {};
        const parent = options.parent && nameAndType(options.parent);
        const isComponent = custom === false;
        resources.push({
          type,
          name,
          inputs: plain,
          secrets,
          parent: parent?.startsWith("pulumi:pulumi:Stack") ? undefined : parent,
          provider: provider ?? "",
          custom: !isComponent,
          options,
        });
        if (isComponent || type.startsWith("pulumi:")) return { id: isComponent ? undefined : `${name}-id`, state: given };
        if (objects.has(type)) return { id: name, state: given };
        const computed = outputs[type];
        if (computed === undefined) {
          const fault = new Error(`the harness does not know ${type}: list its computed outputs in tests/harness.ts`);
          faults.push(fault);
          throw fault;
        }
        const id = type.startsWith("hcloud:") ? "42" : `${name}-id`;
        return { id, state: { ...given, ...computed(plain, name) } };
      },
      call: ({ token }) => {
        const answer = invokes[token];
        if (answer === undefined) throw new Error(`the harness does not know the function ${token}`);
        return answer as Record<string, unknown>;
      },
    },
    project,
    stack,
    false,
  );
  process.on("unhandledRejection", onFault);
  try {
    let result: T | undefined;
    await pulumi.runtime.runInPulumiStack(async () => {
      pulumi.runtime.registerStackTransformation(({ type, name, opts }) => {
        optionsOf.set(`${type} ${name}`, opts);
        return undefined;
      });
      result = await build();
      return {};
    });
    await pulumi.runtime.disconnect();
    if (faults.length > 0) throw faults[0];
    return { resources: resources.filter(({ type }) => type !== "pulumi:pulumi:Stack"), result } as Run<T>;
  } finally {
    process.off("unhandledRejection", onFault);
  }
}

function nameAndType(resource: pulumi.Resource): string {
  const { __pulumiType: type, __name: name } = resource as unknown as { __pulumiType: string; __name: string };
  return `${type} ${name}`;
}

/** The value of an output that is known. */
export function value<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}

const root = path.resolve(__dirname, "..");

/** The config of a committed stack, by full key, with secrets such as a user sets. */
export function stackConfig(stack: string): Record<string, unknown> {
  const file = parse(fs.readFileSync(path.join(root, `Pulumi.${stack}.yaml`), "utf8")) as {
    config: Record<string, unknown>;
  };
  return { ...file.config, ...secretConfig };
}

const kubeconfig = JSON.stringify({ clusters: [], contexts: [], "current-context": "test" });

export const secretConfig = {
  "platform-networking:dns01Token": "d".repeat(40),
  "hcloud:token": "h".repeat(64),
  "cloudflare:apiToken": "c".repeat(40),
  "kubernetes:kubeconfig": kubeconfig,
} as const;

/** Hands `config` to the program as the engine does: everything as text. */
export function setConfig(config: Record<string, unknown>): void {
  const texts = Object.entries(config).map(([key, each]) => [
    key,
    typeof each === "string" ? each : JSON.stringify(each),
  ]);
  pulumi.runtime.setAllConfig(Object.fromEntries(texts) as Record<string, string>, Object.keys(secretConfig));
}

/** Runs the whole program, as index.ts is, with this config. */
export function runProgram(config: Record<string, unknown>, stack = "test") {
  return run(() => {
    setConfig(config);
    const own = Object.keys(require.cache).filter(
      (file) => file.startsWith(root) && !file.includes("node_modules") && file !== __filename,
    );
    for (const file of own) Reflect.deleteProperty(require.cache, file);
    return require("../index") as Record<string, unknown>;
  }, { stack });
}

/** The one resource with this type and name. */
export function find(resources: readonly Recorded[], type: string, name: string): Recorded {
  const found = resources.filter((each) => each.type.endsWith(type) && each.name === name);
  assert.equal(found.length, 1, `${found.length} resources are "${type}" "${name}"`);
  return found[0] as Recorded;
}
