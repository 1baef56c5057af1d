import { errorIf, prefixPaths, type ConfigError } from "../config-error";
import { findLimitErrors } from "../load-balancer/limits";
import { rule, type Rule } from "../rule";

/** Rules about a load balancer of the cloud controller manager's in this cluster. */
export const ccmRules: readonly Rule[] = [
  rule(["loadBalancer", "awaitReady"], ({ loadBalancer, awaitReady }): ConfigError[] =>
    errorIf(
      loadBalancer.managedBy === "ccm" && !awaitReady,
      "loadBalancer.managedBy",
      "got ccm, which cannot be combined with awaitReady: false: its addresses are known when the Service is ready",
    ),
  ),
  rule(["loadBalancer", "cluster"], ({ loadBalancer, cluster }) =>
    loadBalancer.managedBy === "ccm" && loadBalancer.ccm?.nodeSelector === undefined
      ? prefixPaths(
          "loadBalancer",
          findLimitErrors(loadBalancer.type, { targets: { count: cluster.nodes, of: "cluster.nodes" } }),
        )
      : [],
  ),
];
