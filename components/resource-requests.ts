/** Resource requests of a container, in Kubernetes' quantities. */
export interface Requests {
  readonly cpu: string;
  readonly memory: string;
}

/** Requests of a controller that is idle most of the time. */
export const controllerRequests: Requests = { cpu: "10m", memory: "64Mi" };

/**
 * The PriorityClass of what the apps need to run and to be reached: on a full node they are evicted first. Cilium's chart
 * sets its own.
 */
export const platformPriority = "system-cluster-critical";

/** A sum of requests: cores in thousandths, memory in MiB. */
export interface RequestSum {
  readonly millicores: number;
  readonly mebibytes: number;
}

/** Sums requests, each as often as there are containers with it. */
export const sumRequests = (all: readonly (readonly [count: number, requests: Requests])[]): RequestSum => ({
  millicores: Math.round(all.reduce((sum, [count, { cpu }]) => sum + count * parseQuantity(cpu) * 1000, 0)),
  mebibytes: Math.round(
    all.reduce((sum, [count, { memory }]) => sum + (count * parseQuantity(memory)) / 2 ** 20, 0),
  ),
});

const units: Readonly<Record<string, number>> = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/**
 * The number that a Kubernetes quantity stands for: cores or bytes.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseQuantity(quantity: string): number {
  const [, number = "", unit = ""] = /^([\d.]+)([a-zA-Z]*)$/.exec(quantity) ?? [];
  return Number(number) * (unit === "" ? 1 : (units[unit] ?? NaN));
}
