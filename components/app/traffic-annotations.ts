import { parseDurationMs } from "../ingress/units";

/** Timeouts, as Go durations. Default of each: none. */
export interface Timeouts {
  /** From the start of the request to the end of the response, retries included. */
  readonly request?: string | undefined;
  /** From the end of the request to the end of the response, for each try. */
  readonly response?: string | undefined;
  /** Without data in either direction. */
  readonly idle?: string | undefined;
}

/** A retry policy. Linkerd retries only requests with a body of at most 64 KiB. */
export interface Retry {
  /** `5xx`, `gateway-error`, a status, or a range of them such as `500-504`. */
  readonly http: readonly string[];
  /** Maximum number of retries, 1 or more. */
  readonly limit: number;
  /** Timeout of each try before the next, as Go duration. Default: none. */
  readonly timeout?: string | undefined;
}

/** Circuit breaking: a pod with consecutive failures gets no requests for a while. Defaults: Linkerd's own. */
export interface CircuitBreaker {
  readonly maxFailures?: number | undefined;
  /** Go durations. */
  readonly minPenalty?: string | undefined;
  readonly maxPenalty?: string | undefined;
  /** 0 to 100. */
  readonly jitterRatio?: number | undefined;
}

/** Annotations of a Service, or of its HTTPRoute. */
export type Annotations = Readonly<Record<string, string>>;

/** Converts a Go duration to Linkerd's format, which has one unit: `90s` for `1m30s`. */
function toLinkerdDuration(duration: string): string {
  const time = parseDurationMs(duration);
  const [unit, size] = (
    [
      ["h", 3_600_000],
      ["m", 60_000],
      ["s", 1000],
    ] as const
  ).find(([, each]) => time % each === 0) ?? ["ms", 1];
  return `${time / size}${unit}`;
}

const omitUndefined = (annotations: Readonly<Record<string, string | undefined>>): Annotations =>
  Object.fromEntries(
    Object.entries(annotations).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );

export const buildTimeoutAnnotations = ({ request, response, idle }: Timeouts = {}): Annotations =>
  omitUndefined({
    "timeout.linkerd.io/request": request && toLinkerdDuration(request),
    "timeout.linkerd.io/response": response && toLinkerdDuration(response),
    "timeout.linkerd.io/idle": idle && toLinkerdDuration(idle),
  });

export const buildRetryAnnotations = (retry: Retry | undefined): Annotations =>
  retry === undefined
    ? {}
    : omitUndefined({
        "retry.linkerd.io/http": retry.http.join(),
        "retry.linkerd.io/limit": String(retry.limit),
        "retry.linkerd.io/timeout": retry.timeout && toLinkerdDuration(retry.timeout),
      });

const accrual = "balancer.linkerd.io/failure-accrual";

export const buildCircuitBreakerAnnotations = (breaker: CircuitBreaker | undefined): Annotations =>
  breaker === undefined
    ? {}
    : omitUndefined({
        [accrual]: "consecutive",
        [`${accrual}-consecutive-max-failures`]: breaker.maxFailures?.toString(),
        [`${accrual}-consecutive-min-penalty`]: breaker.minPenalty && toLinkerdDuration(breaker.minPenalty),
        [`${accrual}-consecutive-max-penalty`]: breaker.maxPenalty && toLinkerdDuration(breaker.maxPenalty),
        [`${accrual}-consecutive-jitter-ratio`]: breaker.jitterRatio?.toString(),
      });
