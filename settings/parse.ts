import { z } from "zod";

import { allSettings, app } from "./apps/schema";
import { toConfigErrors, type ConfigError } from "./config-error";
import type { Facts, KnownFacts } from "./rule";
import { sections, type Config } from "./schema";
import { buildZone } from "./zone";

/** Parses each section by itself, so that the errors of one do not hide those of the others. */
export function parseConfig(given: Readonly<Record<string, unknown>>): {
  readonly known: KnownFacts;
  readonly errors: readonly ConfigError[];
} {
  const errors: ConfigError[] = [];
  const parsed: Record<string, unknown> = {};
  for (const [key, section] of Object.entries(sections)) {
    const result = section.safeParse(given[key]);
    if (result.success) parsed[key] = result.data;
    else errors.push(...toConfigErrors(result.error, given[key], key));
  }
  for (const key of Object.keys(given))
    if (!Object.hasOwn(sections, key)) errors.push({ path: key, message: "is not a known key" });

  const config = parsed as Partial<Config>;
  const { dns, ownsZone = false } = config;
  const apps = parseApps(given.apps);
  const zone = dns && buildZone(dns, ownsZone, apps.routes);
  return {
    known: {
      ...config,
      ...apps,
      ...(zone && { zone }),
      ...(zone && config.apps && { completeZone: zone }),
    },
    errors,
  };
}

/** Pulumi passes every value as text: JSON, unless it is a string. */
export function parseValue(name: string, text: string): unknown {
  if (name === "namespace" || name === "charts") return text;
  try {
    return JSON.parse(text);
  } catch {
    // A string where another type is wanted: the schema reports it.
    return text;
  }
}

/** The valid apps; and the calls and routes of all, so that a call to an app with errors is not a second error. */
function parseApps(given: unknown): Pick<Facts, "appNames" | "apps" | "calls" | "routes"> {
  const apps = Object.entries(isRecord(given) ? given : {});
  const lists = { calls: allSettings.shape.calls, routes: allSettings.shape.routes };
  const parseList = <T>(schema: z.ZodType<T[]>, value: unknown, key: string): T[] =>
    schema.safeParse(isRecord(value) ? value[key] : undefined).data ?? [];
  return {
    apps: Object.fromEntries(
      apps.flatMap(([name, each]) => {
        const result = app.safeParse(each);
        return result.success ? [[name, result.data] as const] : [];
      }),
    ),
    appNames: apps.map(([name]) => name),
    calls: apps.flatMap(([name, each]) =>
      parseList(lists.calls, each, "calls").map((callee, index) => ({
        path: `apps.${name}.calls.${index}`,
        callee,
      })),
    ),
    routes: apps.flatMap(([name, each]) =>
      parseList(lists.routes, each, "routes").map((route, index) => ({
        app: name,
        path: `apps.${name}.routes.${index}`,
        route,
      })),
    ),
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
