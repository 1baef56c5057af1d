import { z } from "zod";

import type { Profile, Traffic } from "../../components/app/mesh-traffic";
import { parseDurationMs } from "../../components/ingress/units";
import { integer, label, pattern, reasoned } from "../formats/names";
import { pathReasons, period } from "./routes";

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"] as const;

const timeouts = z.strictObject({
  /** From the request's beginning to the answer's end, retries and all. Absence means for ever. */
  request: period.optional(),
  /** From the request's end to the answer's end, for each try. Absence means for ever. */
  response: period.optional(),
  /** Without a byte either way. Absence means for ever. */
  idle: period.optional(),
});

/** Whether a text is no range of numbers, or one whose first is not the greater. */
function isRising(text: string): boolean {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  return first === undefined || Number(first) <= Number(last);
}

/** YAML has a single status as a number. */
const statuses = z.preprocess(
  (value) => (typeof value === "number" ? String(value) : value),
  pattern(
    /^(5xx|gateway-error|[1-5]\d\d(-[1-5]\d\d)?)$/,
    "5xx, gateway-error, a status or a range of them such as 500-504",
  ).refine(isRising, { error: "a range that begins with the lower status, such as 500-504" }),
);

/** Of requests whose body has no more than 64 KiB. */
const retry = z.strictObject({
  /** The answers after which a request is sent again. */
  http: z.array(statuses).min(1).default(["5xx"]),
  /** How often, at most. */
  limit: integer(1, 100).default(1),
  /** How long an answer may take before the request is sent again. Absence means that it is waited for. */
  timeout: period.optional(),
});

/** Leaves a pod alone that fails again and again. Absence of a value means Linkerd's own, which is told with it. */
const circuitBreaking = z.strictObject({
  /** How many failures in a row. 7. */
  maxFailures: integer(1, 1_000_000).optional(),
  /** How long it is left alone at first, and at most. 1s and 1m. */
  minPenalty: period.optional(),
  /** The maximum time without requests. Default: 1m. */
  maxPenalty: period.optional(),
  /** How much of that is left to chance, from 0 to 100 times of it. 0.5. */
  jitterRatio: z.number().min(0).max(100).optional(),
});

/** What the API server takes of a path that is no regular expression. */
const isPath = (path: string): boolean =>
  /^\/(?!.*(\/\/|\/\.\.?(\/|$)|%2f))([-\w/.~!$&'()*+,;=:@]|%[\da-f]{2})*$/i.test(path);

const noPath = reasoned("a path, such as /v1, or pathType RegularExpression", pathReasons);

/** Neither looks around nor back, which Linkerd's expressions cannot. */
function isExpression(text: string): boolean {
  if (/\(\?[=!<]|\\[1-9]/.test(text)) return false;
  try {
    new RegExp(text);
    return true;
  } catch {
    // What is no expression is a fault of the settings, which the schema tells.
    return false;
  }
}

const noExpression = {
  error:
    "a regular expression for the whole path, without lookaround and backreferences, such as /v1/users/[^/]+",
};

const expression = z.string().min(1).max(1024).refine(isExpression, noExpression);

/** Requests that are treated apart from others. Where several fit, the most exact one holds. */
const trafficRoute = z
  .strictObject({
    /** Its objects are named after it. */
    name: label,
    /** Absence means all. */
    method: z.enum(methods).optional(),
    /** The path of the requests. */
    path: z.string().min(1).max(1024),
    /** A regular expression is for the whole path. */
    pathType: z.enum(["Prefix", "Exact", "RegularExpression"]).default("Prefix"),
    /** Absence means those of the app. */
    timeouts: timeouts.optional(),
    /** Absence means that of the app; for POST and PATCH, which would be done twice, none. */
    retry: retry.optional(),
  })
  .superRefine(({ path, pathType }, context) => {
    if (pathType === "RegularExpression" || isPath(path)) return;
    const message = noPath.error({ input: path });
    context.addIssue({ code: "custom", path: ["path"], message });
  })
  .refine(({ path, pathType }) => pathType !== "RegularExpression" || isExpression(path), {
    path: ["path"],
    ...noExpression,
  });

/** How meshed callers treat an app: what the proxies on their side do. */
export const traffic = z.strictObject({
  /** Timeouts of requests. */
  timeouts: timeouts.optional(),
  /** Of every request that no route is about, whatever its method: for apps of which nothing is done twice. */
  retry: retry.optional(),
  /** Stops sending requests to a pod that fails repeatedly. Unset keys have Linkerd's defaults. */
  circuitBreaking: circuitBreaking.optional(),
  /** Requests with their own timeouts and retries. The most specific match applies. */
  routes: z.array(trafficRoute).default([]),
}) satisfies z.ZodType<Traffic>;

const isWithin = (text: string, least: number, most: number): boolean => {
  const time = parseDurationMs(text);
  return !(time < least) && !(time > most);
};

/** Linkerd's older way: one object about the whole Service, beside which nothing of {@link traffic} has effect. */
export const serviceProfile = z.strictObject({
  /** The routes of the ServiceProfile. */
  routes: z
    .array(
      z.strictObject({
        /** As metrics tell it, such as `GET /v1/users/{id}`. */
        name: z.string().min(1).max(253),
        /** Absence means all. */
        method: z.enum(methods).optional(),
        /** A regular expression for the whole path. */
        pathRegex: expression,
        /** Absence means 10s. */
        timeout: period.optional(),
        /** Whether a request that failed is sent again: only what may be done twice. */
        isRetryable: z.boolean().default(false),
      }),
    )
    .min(1),
  /** How many retries there may be, for all routes together. Absence means what stands at its parts. */
  retryBudget: z
    .strictObject({
      /** For each request that is none. */
      retryRatio: z.number().min(0).max(1000).default(0.2),
      /** In each second, however few requests there are. */
      minRetriesPerSecond: integer(0, 2_147_483_647).default(10),
      /** For how long a request counts. */
      ttl: period
        .refine((text) => isWithin(text, 1000, 60_000), { error: "a Go duration from 1s to 1m" })
        .default("10s"),
    })
    .optional(),
}) satisfies z.ZodType<Profile>;
