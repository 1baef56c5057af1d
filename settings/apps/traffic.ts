import { z } from "zod";

import type { Profile, Traffic } from "../../components/app/mesh-traffic";
import { parseDurationMs } from "../../components/ingress/units";
import { integer, label, pattern, reasoned } from "../formats/names";
import { pathReasons, period } from "./routes";

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"] as const;

const timeouts = z.strictObject({
  /** The time from the start of the request to the end of the response, with retries. Default: no limit. */
  request: period.optional(),
  /** The time from the end of the request to the end of the response, for each try. Default: no limit. */
  response: period.optional(),
  /** The maximum time without data in either direction. Default: no limit. */
  idle: period.optional(),
});

/** Whether a text is not a range of numbers, or its first number is not the greater one. */
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

/** Retries, for requests with a body of at most 64 KiB. */
const retry = z.strictObject({
  /** The responses that are retried. */
  http: z.array(statuses).min(1).default(["5xx"]),
  /** The maximum number of retries. */
  limit: integer(1, 100).default(1),
  /** The time without a response after which the request is retried. Default: no limit. */
  timeout: period.optional(),
});

/** Circuit breaking: a pod that fails repeatedly gets no requests for a while. Unset keys have Linkerd's defaults. */
const circuitBreaking = z.strictObject({
  /** The number of consecutive failures. Default: 7. */
  maxFailures: integer(1, 1_000_000).optional(),
  /** The minimum time without requests. Default: 1s. */
  minPenalty: period.optional(),
  /** The maximum time without requests. Default: 1m. */
  maxPenalty: period.optional(),
  /** The random part of that time, as a factor from 0 to 100. Default: 0.5. */
  jitterRatio: z.number().min(0).max(100).optional(),
});

/** The path of a match that is not a regular expression, as the API server accepts it. */
const isPath = (path: string): boolean =>
  /^\/(?!.*(\/\/|\/\.\.?(\/|$)|%2f))([-\w/.~!$&'()*+,;=:@]|%[\da-f]{2})*$/i.test(path);

const noPath = reasoned("a path, such as /v1, or pathType RegularExpression", pathReasons);

/** A regular expression without look-around and back-references, which Linkerd does not support. */
function isExpression(text: string): boolean {
  if (/\(\?[=!<]|\\[1-9]/.test(text)) return false;
  try {
    new RegExp(text);
    return true;
  } catch {
    // The schema reports an invalid expression.
    return false;
  }
}

const noExpression = {
  error:
    "a regular expression for the whole path, without lookaround and backreferences, such as /v1/users/[^/]+",
};

const expression = z.string().min(1).max(1024).refine(isExpression, noExpression);

/** Requests with their own settings. If several match, the most specific one applies. */
const trafficRoute = z
  .strictObject({
    /** The name of the route and of its objects. */
    name: label,
    /** The HTTP method. Default: all. */
    method: z.enum(methods).optional(),
    /** The path of the requests. */
    path: z.string().min(1).max(1024),
    /** The type of the match. A regular expression matches the whole path. */
    pathType: z.enum(["Prefix", "Exact", "RegularExpression"]).default("Prefix"),
    /** Timeouts. Default: the app's. */
    timeouts: timeouts.optional(),
    /** Retries. Default: the app's, and none for POST and PATCH, which are not idempotent. */
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

/** The settings of meshed callers' proxies for requests to an app. */
export const traffic = z.strictObject({
  /** Timeouts of requests. */
  timeouts: timeouts.optional(),
  /** Retries of every request without a route, of any method: only for apps whose requests are all idempotent. */
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

/** Linkerd's older alternative to {@link traffic}: one object for the whole Service. With it {@link traffic} has no effect. */
export const serviceProfile = z.strictObject({
  /** The routes of the ServiceProfile. */
  routes: z
    .array(
      z.strictObject({
        /** The name in metrics, such as `GET /v1/users/{id}`. */
        name: z.string().min(1).max(253),
        /** The HTTP method. Default: all. */
        method: z.enum(methods).optional(),
        /** A regular expression that matches the whole path. */
        pathRegex: expression,
        /** The timeout. Default: 10s. */
        timeout: period.optional(),
        /** Whether a failed request is retried: only for idempotent requests. */
        isRetryable: z.boolean().default(false),
      }),
    )
    .min(1),
  /** The maximum rate of retries, for all routes together. Default: those of its keys. */
  retryBudget: z
    .strictObject({
      /** The number of retries for each original request. */
      retryRatio: z.number().min(0).max(1000).default(0.2),
      /** The number of retries per second that is always permitted. */
      minRetriesPerSecond: integer(0, 2_147_483_647).default(10),
      /** The time for which a request counts. */
      ttl: period
        .refine((text) => isWithin(text, 1000, 60_000), { error: "a Go duration from 1s to 1m" })
        .default("10s"),
    })
    .optional(),
}) satisfies z.ZodType<Profile>;
