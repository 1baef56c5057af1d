import { milliseconds } from "../ingress/duration";

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
export interface CircuitBreaking {
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
function inOneUnit(duration: string): string {
  const time = milliseconds(duration);
  const [unit, size] = (
    [
      ["h", 3_600_000],
      ["m", 60_000],
      ["s", 1000],
    ] as const
  ).find(([, each]) => time % each === 0) ?? ["ms", 1];
  return `${time / size}${unit}`;
}

const given = (annotations: Readonly<Record<string, string | undefined>>): Annotations =>
  Object.fromEntries(
    Object.entries(annotations).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );

export const timeoutAnnotations = ({ request, response, idle }: Timeouts = {}): Annotations =>
  given({
    "timeout.linkerd.io/request": request && inOneUnit(request),
    "timeout.linkerd.io/response": response && inOneUnit(response),
    "timeout.linkerd.io/idle": idle && inOneUnit(idle),
  });

export const retryAnnotations = (retry: Retry | undefined): Annotations =>
  retry === undefined
    ? {}
    : given({
        "retry.linkerd.io/http": retry.http.join(),
        "retry.linkerd.io/limit": String(retry.limit),
        "retry.linkerd.io/timeout": retry.timeout && inOneUnit(retry.timeout),
      });

const accrual = "balancer.linkerd.io/failure-accrual";

export const breakingAnnotations = (breaking: CircuitBreaking | undefined): Annotations =>
  breaking === undefined
    ? {}
    : given({
        [accrual]: "consecutive",
        [`${accrual}-consecutive-max-failures`]: breaking.maxFailures?.toString(),
        [`${accrual}-consecutive-min-penalty`]: breaking.minPenalty && inOneUnit(breaking.minPenalty),
        [`${accrual}-consecutive-max-penalty`]: breaking.maxPenalty && inOneUnit(breaking.maxPenalty),
        [`${accrual}-consecutive-jitter-ratio`]: breaking.jitterRatio?.toString(),
      });
