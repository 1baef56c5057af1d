import { overlap } from "../formats/ip-ranges";
import { rule, type Rule } from "../rule";

/** Rules about `cluster` alone. */
export const clusterRules: readonly Rule[] = [
  rule(["cluster"], ({ cluster }) => {
    const keys = ["nodeCidr", "podCidr", "serviceCidr"] as const;
    return keys.flatMap((key, at) =>
      keys
        .slice(at + 1)
        .filter((other) => overlap(cluster[key], cluster[other]))
        .map((other) => ({
          path: `cluster.${other}`,
          message: `${cluster[other]} overlaps cluster.${key} ${cluster[key]}, want ranges without common addresses`,
        })),
    );
  }),
];
