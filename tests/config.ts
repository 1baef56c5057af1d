import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";

import { attempt, run, type RunOptions } from "./harness";

/** The root of the repository. */
export const root = path.resolve(__dirname, "..");

/** Config by full key, as a stack's file has it. */
export type StackConfig = Readonly<Record<string, unknown>>;

/** The secrets a user sets for any stack; each could be found by its letters if it leaked. */
export const secretConfig = {
  "platform-networking:dns01Token": "d".repeat(40),
  "hcloud:token": "h".repeat(64),
  "cloudflare:apiToken": "c".repeat(40),
  "kubernetes:kubeconfig": JSON.stringify({
    clusters: [],
    contexts: [],
    "current-context": "kubeconfig-secret",
  }),
} as const;

/** The secret of a stack with a private registry. */
const dockerSecret = {
  "platform-networking:dockerConfig": JSON.stringify({ auths: { "ghcr.io": { auth: "dTpw".repeat(9) } } }),
} as const;

/** The secret that a stack with external-dns needs beside them. */
export const externalDnsSecret = { "platform-networking:externalDnsToken": "e".repeat(40) } as const;

const allSecrets: StackConfig = { ...secretConfig, ...externalDnsSecret, ...dockerSecret };

/** What must be found nowhere in plain. */
export const secretTexts: readonly string[] = Object.values(allSecrets).map(String);

/** A YAML file of the repository. */
export const yamlFile = (file: string): unknown => parse(fs.readFileSync(path.join(root, file), "utf8"));

/** The config of a committed stack, with secrets such as a user sets. */
export function stackConfig(stack: string): StackConfig {
  const { config } = yamlFile(`Pulumi.${stack}.yaml`) as { config: StackConfig };
  return { ...config, ...secretConfig };
}

/**
 * A config with some of the project's own values changed, by dotted path: `apps.admin.port`. Undefined takes a value away.
 */
export function changed(config: StackConfig, changes: Readonly<Record<string, unknown>>): StackConfig {
  const copy: Record<string, unknown> = structuredClone(config);
  for (const [at, value] of Object.entries(changes)) {
    const keys = `platform-networking:${at}`.split(".");
    const last = keys.pop() ?? "";
    let inside = copy;
    for (const [index, key] of keys.entries()) {
      const isList = /^\d+$/.test(keys[index + 1] ?? last);
      inside = (inside[key] ??= isList ? [] : {}) as Record<string, unknown>;
    }
    if (value === undefined) Reflect.deleteProperty(inside, last);
    // A later path may lead into it.
    else inside[last] = structuredClone(value);
  }
  return copy;
}

/** Hands `config` to the program as the engine does: everything as text. */
export function setConfig(config: StackConfig, secretKeys = Object.keys(allSecrets)): void {
  const texts = Object.entries(config).map(([key, each]) => [
    key,
    typeof each === "string" ? each : JSON.stringify(each),
  ]);
  pulumi.runtime.setAllConfig(Object.fromEntries(texts) as Record<string, string>, secretKeys);
}

const load = createRequire(__filename);

function program(config: StackConfig) {
  return () => {
    setConfig(config);
    // The program runs when it is loaded, so it is loaded anew.
    Reflect.deleteProperty(load.cache, load.resolve("../index"));
    return load("../index") as typeof import("../index");
  };
}

/** Which would ask the cluster itself, and there is none. */
const unhooked = ["cilium-preflight", "cluster-conflicts"];

/** Runs the whole program, as index.ts is, with this config. */
export const runProgram = (config: StackConfig, options?: RunOptions) =>
  run(program(config), { unhooked, ...options });

/** As {@link runProgram}, for a config that is refused. */
export const attemptProgram = (config: StackConfig, options?: RunOptions) =>
  attempt(program(config), { unhooked, ...options });

/** Everything that the edge can do, on a plan, for a stack that owns its zone. */
export const wholeEdge = (plan: "free" | "business"): Readonly<Record<string, unknown>> => ({
  "dns.plan": plan,
  "dns.dnssec": true,
  "dns.records": [
    { type: "CNAME", name: "www", content: "example.com" },
    {
      type: "A",
      name: "mail",
      content: "192.0.2.25",
      proxied: false,
      ttl: 300,
      comment: "The old mail server",
    },
    { type: "AAAA", name: "mail", content: "2001:db8::25", proxied: false },
    { type: "MX", name: "@", content: "mail.example.com" },
    { type: "TXT", name: "@", content: "v=spf1 mx -all", label: "spf" },
    { type: "TXT", name: "@", content: "x".repeat(300), label: "proof" },
    { type: "CAA", name: "@", tag: "iodef", value: "mailto:admin@example.com" },
    { type: "SRV", name: "_imaps._tcp", priority: 10, weight: 5, port: 993, target: "mail.example.com" },
  ],
  edge: { hsts: { maxAgeSeconds: 3600 }, websockets: false },
  waf: {
    ...(plan === "business" && { owasp: { paranoia: 2, threshold: 25 } }),
    customRules: [
      { ref: "monitor", expression: '(http.user_agent contains "probe")', action: "skip" },
      { ref: "admin", expression: '(http.host eq "admin.example.com")', action: "managed_challenge" },
    ],
    cacheRules: [
      {
        ref: "assets",
        expression: '(starts_with(http.request.uri.path, "/assets/"))',
        cache: true,
        edgeTtlSeconds: 7200,
        browserTtlSeconds: 3600,
      },
    ],
    redirects: [{ from: "www.example.com", to: "example.com" }],
  },
  externalDns: { domains: ["apps.example.com"], sources: ["ingress", "service"] },
  createTokens: true,
  dns01Token: undefined,
});
