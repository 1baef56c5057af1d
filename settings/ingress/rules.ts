import { errorIf } from "../config-error";
import { rule, type Rule } from "../rule";

/** Rules about `ingress` alone. */
export const ingressRules: readonly Rule[] = [
  rule(["ingress"], ({ ingress: { replicas } }) =>
    errorIf(
      replicas.min > replicas.max,
      "ingress.replicas",
      `got min ${replicas.min} and max ${replicas.max}, want min up to max`,
    ),
  ),
];
