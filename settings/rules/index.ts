import { appRules } from "../apps/rules";
import { certificateRules } from "../certificates/rules";
import { versionRules } from "../charts/rules";
import { ciliumRules } from "../cilium/rules";
import { clusterRules } from "../cluster/rules";
import type { ConfigError } from "../config-error";
import { dnsRules } from "../dns/rules";
import { edgeRules } from "../edge/rules";
import { externalDnsRules } from "../external-dns/rules";
import { ingressRules } from "../ingress/rules";
import { loadBalancerRules } from "../load-balancer/rules";
import { meshRules } from "../mesh/rules";
import { originLockRules } from "../origin-lock/rules";
import type { KnownFacts, Rule } from "../rule";
import { wafRules } from "../waf/rules";
import { addressRules } from "./addresses";
import { certificateAuthorityRules } from "./certificates";
import { ciliumFeatureRules } from "./cilium";
import { cloudflareProxyRules } from "./cloudflare-proxy";
import { dnsOwnershipRules } from "./dns-ownership";
import { hostRules } from "./hosts";
import { ccmRules } from "./load-balancer";
import { meshMembershipRules } from "./mesh";
import { nameRules } from "./names";
import { nodePortRules } from "./node-ports";
import { originProtectionRules } from "./origin-lock";
import { planLimitRules } from "./plan-limits";
import { routeRules } from "./routes";

/** All rules: first those of one section, then those across sections, by the question that they answer. */
const rules: readonly Rule[] = [
  ...clusterRules,
  ...loadBalancerRules,
  ...dnsRules,
  ...certificateRules,
  ...versionRules,
  ...ciliumRules,
  ...meshRules,
  ...ingressRules,
  ...appRules,
  ...edgeRules,
  ...wafRules,
  ...originLockRules,
  ...externalDnsRules,

  ...addressRules,
  ...nodePortRules,
  ...nameRules,
  ...hostRules,
  ...routeRules,
  ...dnsOwnershipRules,
  ...planLimitRules,
  ...certificateAuthorityRules,
  ...cloudflareProxyRules,
  ...originProtectionRules,
  ...ciliumFeatureRules,
  ...meshMembershipRules,
  ...ccmRules,
];

/** Runs every rule whose facts are known. */
export const runRules = (known: KnownFacts): ConfigError[] => rules.flatMap((check) => check(known));
