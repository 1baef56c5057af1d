import * as pulumi from "@pulumi/pulumi";
import { parse as parseYaml } from "yaml";

import { chartsFrom, type Charts } from "./components/charts";
import { recordFor, type DnsRecordSpec } from "./components/edge-dns";
import type { Route } from "./components/routing/route";
import { crossFaults, type Readable } from "./settings/cross-faults";
import { shapeFaults, type Fault } from "./settings/faults";
import { app, schema, sections, type AppConfig, type Config } from "./settings/schema";

/** An app with its name, and with what follows from the other settings. */
export interface AppSettings extends Omit<AppConfig, "routes"> {
  readonly name: string;
  readonly servicePort: number;
  readonly routes: readonly (Route & { readonly proxied: boolean })[];
}

export interface Settings extends Omit<Config, "apps" | "charts" | "dns" | "loadBalancer"> {
  readonly loadBalancer: Config["loadBalancer"] & {
    readonly place: { readonly location: string } | { readonly networkZone: string };
  };
  readonly dns: {
    readonly zone: string;
    readonly zoneId: string;
    readonly domain: string;
    /** Every record: those of the config, and one for each routed host that none of them answers for. */
    readonly records: readonly DnsRecordSpec[];
  };
  readonly apps: readonly AppSettings[];
  readonly charts: Charts;
  /** A Cloudflare token with which cert-manager answers DNS-01 challenges. */
  readonly dns01Token: pulumi.Output<string>;
  readonly hcloud: { readonly token: pulumi.Output<string>; readonly endpoint?: string };
  readonly cloudflare: { readonly apiToken: pulumi.Output<string>; readonly baseUrl?: string };
  readonly kubernetes: { readonly kubeconfig: pulumi.Output<string> };
}

/**
 * The stack's settings: the one place that reads Pulumi config.
 *
 * @throws {pulumi.RunError} All faults at once, each with its path, what was given and what is wanted.
 */
export function readSettings(): Settings {
  const faults: Fault[] = [];
  const config = ownConfig(faults);
  const secrets = readSecrets(faults);
  if (config === undefined || faults.length > 0) throw new pulumi.RunError(report(faults));

  const { dns, loadBalancer, charts, apps, ...rest } = config;
  const withProxied = dns.records.map((record): DnsRecordSpec =>
    record.type === "TXT" ? record : { ...record, proxied: record.proxied ?? dns.proxied },
  );
  const hosts = [...new Set(Object.values(apps).flatMap(({ routes }) => routes.map(({ host }) => host)))];
  const records = [
    ...withProxied,
    ...hosts
      .filter((host) => recordFor(host, withProxied, dns.zone) === undefined)
      .map((host): DnsRecordSpec => ({ type: "A", name: relative(host, dns.zone), proxied: dns.proxied })),
  ];
  const { location, networkZone } = loadBalancer;
  return {
    ...rest,
    ...secrets,
    loadBalancer: { ...loadBalancer, place: location ? { location } : { networkZone: networkZone ?? "" } },
    dns: { zone: dns.zone, zoneId: dns.zoneId, domain: dns.domain ?? dns.zone, records },
    charts: chartsFrom(charts === "" ? undefined : charts),
    apps: Object.entries(apps).map(([name, each]) => ({
      ...each,
      name,
      servicePort: each.servicePort ?? each.port,
      routes: each.routes.map((route) => {
        const record = recordFor(route.host, records, dns.zone);
        return { ...route, proxied: record !== undefined && record.type !== "TXT" && record.proxied };
      }),
    })),
  };
}

const relative = (host: string, zone: string): string =>
  host === zone ? "@" : host.slice(0, -zone.length - 1);

/** The project's own keys, parsed and checked. Undefined when the shape is wrong, with the faults added. */
function ownConfig(faults: Fault[]): Config | undefined {
  const prefix = `${pulumi.getProject()}:`;
  const given: Record<string, unknown> = {};
  for (const [key, text] of Object.entries(pulumi.runtime.allConfig())) {
    const name = key.slice(prefix.length);
    if (key.startsWith(prefix) && name !== "dns01Token") given[name] = parseValue(name, text);
  }

  const parsed = schema.safeParse(given);
  if (!parsed.success) faults.push(...shapeFaults(parsed.error, given));
  faults.push(...crossFaults(parsed.data ?? readableParts(given)));
  return parsed.data;
}

/** What can be read of a config whose shape is wrong somewhere, so that the faults of the rest are told with it. */
function readableParts(given: Record<string, unknown>): Readable {
  const parts = Object.entries(sections).flatMap(([key, section]) => {
    const part = section.safeParse(given[key]);
    return part.success ? [[key, part.data] as const] : [];
  });
  const apps = Object.entries(isRecord(given.apps) ? given.apps : {}).map(([name, each]) => {
    const { calls, routes } = isRecord(each) ? each : {};
    const read = { calls: app.shape.calls.safeParse(calls), routes: app.shape.routes.safeParse(routes) };
    return [name, { calls: read.calls.data ?? [], routes: read.routes.data ?? [] }] as const;
  });
  return { ...(Object.fromEntries(parts) as Partial<Config>), apps: Object.fromEntries(apps) };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** Pulumi hands every value over as text; what is no text was JSON. */
function parseValue(name: string, text: string): unknown {
  if (name === "namespace" || name === "charts") return text;
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON, so it is a bare word: the schema will say what was wanted in its place.
    return text;
  }
}

function readSecrets(faults: Fault[]): Pick<Settings, "dns01Token" | "hcloud" | "cloudflare" | "kubernetes"> {
  const own = new pulumi.Config();
  const hcloud = new pulumi.Config("hcloud");
  const cloudflare = new pulumi.Config("cloudflare");
  const kubernetes = new pulumi.Config("kubernetes");

  const secret = (config: pulumi.Config, key: string, good: (value: string) => boolean, want: string) => {
    const value = config.get(key);
    const path = config === own ? key : `${config.name}:${key}`;
    if (value === undefined)
      faults.push({ path, problem: `is missing, want ${want}: pulumi config set --secret ${path}` });
    else if (!good(value)) faults.push({ path, problem: `is not ${want} (its value is not shown here)` });
    return pulumi.secret(value ?? "");
  };
  const isCloudflareToken = (token: string) => /^[0-9A-Za-z\-_]{40,80}$/.test(token);

  const endpoint = hcloud.get("endpoint");
  const baseUrl = cloudflare.get("baseUrl");
  return {
    dns01Token: secret(own, "dns01Token", isCloudflareToken, "a Cloudflare API token, 40 to 80 characters"),
    hcloud: {
      token: secret(
        hcloud,
        "token",
        (token) => token.length === 64,
        "a Hetzner Cloud API token, 64 characters",
      ),
      ...(endpoint !== undefined && { endpoint }),
    },
    cloudflare: {
      apiToken: secret(
        cloudflare,
        "apiToken",
        isCloudflareToken,
        "a Cloudflare API token, 40 to 80 characters",
      ),
      ...(baseUrl !== undefined && { baseUrl }),
    },
    kubernetes: {
      kubeconfig: secret(
        kubernetes,
        "kubeconfig",
        isKubeconfig,
        "the text of a kubeconfig with a current-context",
      ),
    },
  };
}

function isKubeconfig(text: string): boolean {
  try {
    // Its warnings would quote the file.
    const value: unknown = parseYaml(text, { logLevel: "error" });
    if (typeof value !== "object" || value === null) return false;
    const { clusters, contexts, ["current-context"]: current } = value as Record<string, unknown>;
    return Array.isArray(clusters) && Array.isArray(contexts) && typeof current === "string";
  } catch {
    // The parser's own message would show parts of the file, and so of its secrets.
    return false;
  }
}

function report(faults: readonly Fault[]): string {
  const lines = faults.map(({ path, problem }) => `  ${path}: ${problem}`);
  const count = faults.length === 1 ? "One setting is" : `${faults.length} settings are`;
  return `${count} wrong in Pulumi.${pulumi.getStack()}.yaml; nothing was changed:\n${lines.join("\n")}`;
}
