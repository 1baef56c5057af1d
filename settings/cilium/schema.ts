import { z } from "zod";

import { resolveCharts } from "../../components/charts";
import { podRange } from "../formats/ip-ranges";
import { integer, pattern } from "../formats/names";

/** Unquoted, YAML reads 1.20 as the number 1.2. */
const minorVersion = z.custom<string>((value) => typeof value === "string" && /^1\.\d{1,2}$/.test(value), {
  error: 'a minor version of Cilium in quotes, such as "1.15"',
});

export const cilium = z.strictObject({
  /** The chart's version: one of any minor version from 1.15 to that of the one the program is tested with. */
  version: pattern(/^1\.\d{1,2}\.\d{1,3}$/, "a version such as 1.15.0", [[/^v/, "it without the v"]]).default(
    resolveCharts().cilium.version,
  ),
  /** The minor version that Cilium was installed with in this cluster, where it has moved up since. */
  upgradeCompatibility: minorVersion.optional(),
  /** WireGuard between the nodes. */
  encryption: z.boolean().default(true),
  /**
   * Who gives each node its range of pod addresses: k3s, or Cilium out of `pool`.
   *
   * @change Refused on a running cluster.
   */
  ipam: z.enum(["kubernetes", "cluster-pool"]).default("kubernetes"),
  /** The ranges of `cluster-pool`: each node gets a /24 of them. */
  pool: z.array(podRange).min(1).optional(),
  /** What tells this cluster from others that it is connected with. */
  clusterMesh: z
    .strictObject({
      /** The number of this cluster, unique among the connected ones. */
      id: integer(1, 255),
      /** The name of this cluster, unique among the connected ones. */
      name: pattern(
        /^(?!default$)[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$/,
        "lower-case letters, digits and dashes, 32 at most, and not default",
      ),
    })
    .optional(),
  /** Whether every namespace is closed, but for what keeps the platform alive. */
  clusterDefaultDeny: z.boolean().default(false),
  /** Whether a dropped packet leaves an event at its pod. */
  dropEvents: z.boolean().default(false),
});
