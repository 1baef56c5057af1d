import type { Readable } from "./cross-faults";
import type { Fault } from "./faults";
import type { AppConfig, Config } from "./schema";
import { overlap, rangeOf } from "./schema/cluster";
import { wholeApps } from "./whole-apps";

/** Faults of what apps reach outside of the cluster. */
export const egressFaults = (config: Readable): Fault[] =>
  wholeApps(config.apps).flatMap(([name, app]) =>
    [...rangeFaults(app, config), ...aliasFaults(app)].map(({ path, problem }) => ({
      path: `apps.${name}.${path}`,
      problem,
    })),
  );

/** The ranges of pods and of Services, each with what it is called. */
function inside({ podCidr, serviceCidr }: Config["cluster"], cilium: Config["cilium"] | undefined) {
  const pods = cilium?.pool ?? [podCidr];
  return [...pods.map((range) => ({ what: "pods", range })), { what: "Services", range: serviceCidr }];
}

/** Of a pod or a Service, Cilium does not look at the address: such a rule would let nothing through. */
function rangeFaults({ egress, service }: AppConfig, { cluster, cilium }: Readable): Fault[] {
  if (egress.length > 0 && service?.type === "ExternalName") {
    const problem =
      "is given with service.type ExternalName, want none: it has no pods, it is a name for what is elsewhere";
    return [{ path: "egress", problem }];
  }
  if (cluster === undefined) return [];
  return egress.flatMap((target, index) => {
    // All addresses there are is everything outside, to Cilium and to whoever writes it.
    if (!("cidr" in target) || rangeOf(target.cidr) === undefined || target.cidr === "0.0.0.0/0") return [];
    const { cidr } = target;
    const [taken] = inside(cluster, cilium).filter(({ range }) => overlap(cidr, range));
    if (taken === undefined) return [];
    const problem =
      `got ${cidr}, in which are the cluster's own ${taken.what}, ${taken.range}; ` +
      "want calls for an app, and here a range outside of the cluster";
    return [{ path: `egress.${index}.cidr`, problem }];
  });
}

/** By a name that leads back into the cluster, Cilium knows nobody. */
function aliasFaults({ service }: AppConfig): Fault[] {
  if (service?.type !== "ExternalName" || !service.externalName.endsWith(".cluster.local")) return [];
  const problem =
    `got ${service.externalName}, which is in the cluster and would be let through by no policy; ` +
    "want a name outside of it, or existing: true for a Service that is there";
  return [{ path: "service.externalName", problem }];
}
