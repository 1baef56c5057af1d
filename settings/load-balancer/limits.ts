import type { ConfigError } from "../config-error";
import type { Config } from "../schema";

type Type = Config["loadBalancer"]["type"];

/** @see https://docs.hetzner.com/cloud/load-balancers/overview */
const limits: Readonly<Record<Type, { readonly services: number; readonly targets: number }>> = {
  lb11: { services: 5, targets: 25 },
  lb21: { services: 15, targets: 75 },
  lb31: { services: 30, targets: 150 },
};

/** Validates the limits of the load balancer's type. The targets of a selector are known only to the cloud. */
export const findLimitErrors = (
  type: Type,
  wanted: Partial<Record<"services" | "targets", { readonly count: number; readonly of: string }>>,
): ConfigError[] =>
  (["services", "targets"] as const).flatMap((what) => {
    const most = limits[type][what];
    const { count, of } = wanted[what] ?? { count: 0, of: "" };
    if (count <= most) return [];
    const larger = Object.entries(limits).find(([, each]) => each[what] >= count)?.[0];
    const want = larger === undefined ? `at most ${most}` : `loadBalancer.type: ${larger}, or fewer`;
    const message = `got ${type}, which can have at most ${most} ${what}, but ${of} are ${count}; want ${want}`;
    return [{ path: "type", message }];
  });
