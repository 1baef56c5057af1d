import { parseDurationMs } from "../ingress/duration";

/** Go durations. Absence of one means for ever. */
export interface Timeouts {
  /** From the request's beginning to the answer's end, retries and all. */
  readonly request?: string | undefined;
  /** From the request's end to the answer's end, for each try. */
  readonly response?: string | undefined;
  /** Without a byte either way. */
  readonly idle?: string | undefined;
}

/** Of requests whose body has no more than 64 KiB. */
export interface Retry {
  /** `5xx`, `gateway-error`, a status, or a range of them such as `500-504`. */
  readonly http: readonly string[];
  /** How often, 1 or more. */
  readonly limit: number;
  /** How long each try may take before the next one. Go duration. Absence means that it is waited for. */
  readonly timeout?: string | undefined;
}

/** Leaves a pod alone that fails again and again. Absence of a value means Linkerd's own. */
export interface CircuitBreaker {
  readonly maxFailures?: number | undefined;
  /** Go durations. */
  readonly minPenalty?: string | undefined;
  readonly maxPenalty?: string | undefined;
  /** 0 to 100. */
  readonly jitterRatio?: number | undefined;
}

/** Of a Service, or of an HTTPRoute of it. */
export type Annotations = Readonly<Record<string, string>>;

/** Linkerd's own durations have one unit, `90s` for `1m30s`. */
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

export const buildCircuitBreakerAnnotations = (breaking: CircuitBreaker | undefined): Annotations =>
  breaking === undefined
    ? {}
    : omitUndefined({
        [accrual]: "consecutive",
        [`${accrual}-consecutive-max-failures`]: breaking.maxFailures?.toString(),
        [`${accrual}-consecutive-min-penalty`]: breaking.minPenalty && toLinkerdDuration(breaking.minPenalty),
        [`${accrual}-consecutive-max-penalty`]: breaking.maxPenalty && toLinkerdDuration(breaking.maxPenalty),
        [`${accrual}-consecutive-jitter-ratio`]: breaking.jitterRatio?.toString(),
      });
