import { rule, type Rule } from "../rule";

/** Rules about `ingress` alone. */
export const ingressRules: readonly Rule[] = [
  rule(["ingress"], ({ ingress: { replicas } }) =>
    replicas.min <= replicas.max
      ? []
      : [
          {
            path: "ingress.replicas",
            message: `got min ${replicas.min} and max ${replicas.max}, want min up to max`,
          },
        ],
  ),
];
