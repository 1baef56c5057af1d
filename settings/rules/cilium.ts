import { minimumMinor, parseMinor, minimumSupportedMinor } from "../../components/cilium/cilium-versions";
import { newestMinor } from "../cilium/rules";
import type { ConfigError } from "../config-error";
import { rule, type Rule } from "../rule";

/** Rules about features that the version of Cilium does not have. */
export const ciliumFeatureRules: readonly Rule[] = [
  rule(["cilium"], ({ cilium: { version, dropEvents } }) =>
    dropEvents
      ? requireMinor(version, "cilium.dropEvents", minimumMinor.dropEvents, "events of dropped packets")
      : [],
  ),
  rule(["cilium"], ({ cilium: { version, nodePortAddresses } }) =>
    nodePortAddresses
      ? requireMinor(
          version,
          "cilium.nodePortAddresses",
          minimumMinor.nodePortAddresses,
          "node ports at some addresses only",
        )
      : [],
  ),
  rule(["cilium", "apps"], ({ cilium: { version, nodePortAddresses }, apps }) =>
    nodePortAddresses !== undefined || parseMinor(version) < minimumMinor.nodePortAddresses
      ? []
      : Object.entries(apps)
          .filter(([, { service }]) => service?.type === "LoadBalancer" && !service.loadBalancer.usePrivateIp)
          .map(([name]) => ({
            path: `apps.${name}.service.loadBalancer.usePrivateIp`,
            message:
              "got false, but node ports answer in cluster.nodeCidr only; want true, or cilium.nodePortAddresses with " +
              "the nodes' public addresses, such as [0.0.0.0/0]",
          })),
  ),
  rule(["cilium", "apps"], ({ cilium: { version }, apps }) =>
    Object.entries(apps).flatMap(([name, { egress }]) =>
      egress.flatMap((target, index) =>
        "host" in target && target.host.startsWith("**.")
          ? requireMinor(
              version,
              `apps.${name}.egress.${index}.host`,
              minimumMinor.nameSuffixes,
              "names of any number of labels (**)",
            )
          : [],
      ),
    ),
  ),
  rule(["cilium", "apps"], ({ cilium: { version }, apps }) =>
    Object.entries(apps)
      .filter(([, { existing }]) => existing)
      .flatMap(([name]) =>
        requireMinor(
          version,
          `apps.${name}.existing`,
          minimumMinor.nonDefaultDenyPolicies,
          "policies without default deny, which an existing app needs",
        ),
      ),
  ),
];

function requireMinor(version: string, path: string, since: number, feature: string): ConfigError[] {
  const minor = parseMinor(version);
  // An unknown version is an error of its own.
  if (minor >= since || minor < minimumSupportedMinor) return [];
  const message = `not supported by Cilium ${version}: ${feature}; want cilium.version 1.${since} to 1.${newestMinor}, or no such key`;
  return [{ path, message }];
}
