import type { Readable } from "./cross-faults";
import type { Fault } from "./faults";
import { firstPlanWith, planLimits, type PlanLimits } from "./plan-limits";
import { redirectFaults } from "./redirect-faults";
import { readExpression } from "./rules-language";
import type { Config } from "./schema";

/** Faults of the edge's rules, most of them what the zone's plan cannot do. */
export function wafFaults(config: Readable): Fault[] {
  const { waf, dns } = config;
  if (waf === undefined) return [];
  const limits = dns && planLimits[dns.plan];
  return [
    ...refFaults(waf),
    ...contradictions(waf),
    ...(limits ? planFaults(waf, limits) : []),
    ...(dns ? redirectFaults(waf.redirects, { ...config, dns }) : []),
  ];
}

type Waf = NonNullable<Config["waf"]>;

const lists = ["customRules", "rateLimits", "cacheRules", "responseHeaders"] as const;

const refFaults = (waf: Waf): Fault[] =>
  lists.flatMap((list) => {
    const refs = waf[list].map(({ ref }) => ref);
    return refs.flatMap((ref, index): Fault[] =>
      refs.indexOf(ref) < index
        ? [{ path: `waf.${list}.${index}.ref`, problem: `got ${ref} a second time, want a ref of its own` }]
        : [],
    );
  });

/** What a rule says that would be without effect. */
function contradictions({ managed, owasp, customRules, cacheRules, responseHeaders }: Waf): Fault[] {
  const faults: Fault[] = [];
  if (!managed && owasp)
    faults.push({
      path: "waf.owasp",
      problem: "is given with managed: false, want managed: true, or no owasp",
    });
  for (const [index, { cache, edgeTtlSeconds }] of cacheRules.entries())
    if (!cache && edgeTtlSeconds !== undefined) {
      const problem = `got ${edgeTtlSeconds} with cache: false, want cache: true, or no edgeTtlSeconds`;
      faults.push({ path: `waf.cacheRules.${index}.edgeTtlSeconds`, problem });
    }
  for (const [index, { action, skip }] of customRules.entries())
    if (skip !== undefined && action !== "skip") {
      const problem = `is given with action: ${action}, which skips nothing; want action: skip, or no skip`;
      faults.push({ path: `waf.customRules.${index}.skip`, problem });
    }
  for (const [index, { set, remove }] of responseHeaders.entries()) {
    const path = `waf.responseHeaders.${index}`;
    const names = [...Object.keys(set), ...remove].map((name) => name.toLowerCase());
    if (names.length === 0)
      faults.push({ path, problem: "changes nothing, want a header to set or to remove" });
    for (const twice of new Set(names.filter((name, first) => names.indexOf(name) < first)))
      faults.push({ path, problem: `got the header ${twice} more than once, want it once` });
  }
  return faults;
}

function planFaults(waf: Waf, limits: PlanLimits): Fault[] {
  const { title } = limits;
  const faults: Fault[] = [];
  const add = (path: string, problem: string) => faults.push({ path: `waf.${path}`, problem });

  const { customRules, rateLimits, rules } = limits;
  const most = { customRules, rateLimits, cacheRules: rules, responseHeaders: rules, redirects: rules };
  for (const [list, limit] of Object.entries(most) as [keyof typeof most, number][])
    if (waf[list].length > limit)
      add(list, `got ${waf[list].length} rules, but the ${title} plan has ${limit}`);

  for (const list of lists)
    for (const [index, { expression }] of waf[list].entries())
      if (!limits.regex && readExpression(expression).regex) {
        const first = firstPlanWith(({ regex }) => regex);
        const problem = `compares with a regular expression (matches or ~), but the ${title} plan has none: they come with ${first}`;
        add(`${list}.${index}.expression`, problem);
      }

  for (const [index, { action, skip }] of waf.customRules.entries()) {
    if (skip?.includes("superBotFightMode") && !limits.superBotFightMode)
      add(
        `customRules.${index}.skip`,
        `got superBotFightMode, but the ${title} plan has none (its Bot Fight Mode cannot be skipped): it comes with ` +
          firstPlanWith(({ superBotFightMode }) => superBotFightMode),
      );
    if (action === "log" && !limits.log)
      add(
        `customRules.${index}.action`,
        `got log, but the ${title} plan has none: it comes with ${firstPlanWith(({ log }) => log)}`,
      );
  }
  for (const [index, rule] of waf.rateLimits.entries()) {
    for (const key of ["periodSeconds", "mitigationSeconds"] as const)
      if (rule[key] > limits[key])
        add(
          `rateLimits.${index}.${key}`,
          `got ${rule[key]}, but the ${title} plan has ${limits[key]} at most`,
        );
    const { rateLimitFields = [] } = limits;
    const [other] = readExpression(rule.expression).fields.filter(
      (field) => !rateLimitFields.includes(field),
    );
    if (limits.rateLimitFields !== undefined && other !== undefined) {
      const problem = `reads ${other}, but on the ${title} plan a rate limit reads only ${rateLimitFields.join(", ")}`;
      add(`rateLimits.${index}.expression`, problem);
    }
  }
  for (const [index, { edgeTtlSeconds: seconds, cache }] of waf.cacheRules.entries())
    if (cache && seconds !== undefined && seconds < limits.edgeTtlSeconds) {
      const problem = `got ${seconds}, but the ${title} plan has ${limits.edgeTtlSeconds} at least`;
      add(`cacheRules.${index}.edgeTtlSeconds`, problem);
    }
  if (waf.owasp && waf.managed && !limits.owasp)
    add(
      "owasp",
      `is given, but the ${title} plan has none: it comes with ${firstPlanWith(({ owasp }) => owasp)}`,
    );
  return faults;
}
