import { isAtLeast, type Plan } from "./plans";

/** A ruleset that Cloudflare writes, for the phase http_request_firewall_managed. */
export interface ManagedRuleset {
  readonly id: string;
  readonly name: string;
  /** The cheapest plan that may deploy it. */
  readonly from: Plan;
}

/** Cloudflare's rendering of the OWASP core rules: requests score points, and one of its rules acts on their sum. */
export const owasp = {
  id: "4814384a9e5d4991b9815dcfc25d2f1f",
  scoreRule: "6179ae15870a4bb7b2d480d4843b323c",
  scores: [25, 40, 60],
  categories: ["paranoia-level-1", "paranoia-level-2", "paranoia-level-3", "paranoia-level-4"],
};

const all: readonly ManagedRuleset[] = [
  { id: "77454fe2d30c4220b5701f6fdfb893ba", name: "Cloudflare Managed Free Ruleset", from: "free" },
  { id: "efb7b8c949ac4650a09736fc376e9aee", name: "Cloudflare Managed Ruleset", from: "pro" },
  { id: owasp.id, name: "Cloudflare OWASP Core Ruleset", from: "pro" },
];

/**
 * The managed rulesets that zones of a plan may deploy.
 *
 * @see https://developers.cloudflare.com/waf/managed-rules/#available-managed-rulesets
 */
export const managedRulesetsFor = (plan: Plan): readonly ManagedRuleset[] =>
  all.filter(({ from }) => isAtLeast(plan, from));
