import { parseBytes } from "../../components/ingress/units";
import { errorIf, prefixPaths, type ConfigError } from "../config-error";
import { firstPlanWith, planLimits, type PlanLimits } from "../dns/plans";
import { rule, type Rule } from "../rule";
import type { Config } from "../schema";
import { parseExpression } from "../waf/rules-language";
import { countRecords, type RoutedHost } from "../zone";

/** Rules about what the zone's Cloudflare plan can do. */
export const planLimitRules: readonly Rule[] = [
  rule(["dns"], ({ dns }) =>
    dns.records.flatMap((record, index) =>
      prefixPaths(`dns.records.${index}`, findRecordErrors(record, dns)),
    ),
  ),
  rule(["dns", "zone"], ({ dns, zone }) => {
    const { title, records } = planLimits[dns.plan];
    const count = countRecords(zone.records);
    if (count <= records) return [];
    const message = `got ${count} records (an A without content is two), but the ${title} plan has ${records}`;
    return [{ path: "dns.records", message }];
  }),
  rule(["dns", "zone"], ({ dns, zone }) =>
    dns.plan === "enterprise" ? [] : findBodySizeErrors(dns.plan, zone.hosts),
  ),
  rule(["dns", "waf"], ({ dns, waf }) =>
    waf === undefined ? [] : prefixPaths("waf", findWafErrors(waf, planLimits[dns.plan])),
  ),
];

function findRecordErrors(
  { type, ttl, comment = "", ...record }: Config["dns"]["records"][number],
  dns: Config["dns"],
): ConfigError[] {
  const limits = planLimits[dns.plan];
  const proxied = record.proxied ?? (["A", "AAAA", "CNAME"].includes(type) && dns.proxied);
  return [
    ...errorIf(
      !proxied && ttl !== undefined && ttl < limits.ttl,
      "ttl",
      `got ${ttl}, but the ${limits.title} plan has ${limits.ttl} or more`,
    ),
    ...errorIf(
      comment.length > limits.comment,
      "comment",
      `got ${comment.length} characters, but the ${limits.title} plan has ${limits.comment}`,
    ),
  ];
}

/** Request bodies that Cloudflare rejects at a proxied host. On Enterprise a larger limit can be agreed on. */
export function findBodySizeErrors(plan: Config["dns"]["plan"], hosts: readonly RoutedHost[]): ConfigError[] {
  const { title, bodyMegabytes } = planLimits[plan];
  return hosts.flatMap(({ path, host, proxied, route: { maxBodySize } }): ConfigError[] => {
    if (!proxied || maxBodySize === undefined || parseBytes(maxBodySize) <= bodyMegabytes * 1024 ** 2)
      return [];
    const message =
      `got ${maxBodySize}, but ${host} is proxied, and on the ${title} plan Cloudflare answers 413 to a body of more ` +
      `than ${bodyMegabytes} MB; want ${bodyMegabytes}Mi or less, or a record with proxied: false`;
    return [{ path: `${path}.maxBodySize`, message }];
  });
}

const lists = ["customRules", "rateLimits", "cacheRules", "responseHeaders"] as const;

function findWafErrors(waf: NonNullable<Config["waf"]>, limits: PlanLimits): ConfigError[] {
  const { title } = limits;
  const errors: ConfigError[] = [];
  const add = (path: string, message: string) => errors.push({ path, message });

  const { customRules, rateLimits, rules } = limits;
  const most = { customRules, rateLimits, cacheRules: rules, responseHeaders: rules, redirects: rules };
  for (const [list, limit] of Object.entries(most) as [keyof typeof most, number][])
    if (waf[list].length > limit)
      add(list, `got ${waf[list].length} rules, but the ${title} plan has ${limit}`);

  for (const list of lists)
    for (const [index, { expression }] of waf[list].entries())
      if (!limits.regex && parseExpression(expression).regex) {
        const first = firstPlanWith(({ regex }) => regex);
        const message = `compares with a regular expression (matches or ~), but the ${title} plan has none: they come with ${first}`;
        add(`${list}.${index}.expression`, message);
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
  for (const [index, limit] of waf.rateLimits.entries()) {
    for (const key of ["periodSeconds", "mitigationSeconds"] as const)
      if (limit[key] > limits[key])
        add(
          `rateLimits.${index}.${key}`,
          `got ${limit[key]}, but the ${title} plan has ${limits[key]} or less`,
        );
    const { rateLimitFields } = limits;
    const other = parseExpression(limit.expression).fields.find(
      (field) => rateLimitFields?.includes(field) === false,
    );
    if (other !== undefined)
      add(
        `rateLimits.${index}.expression`,
        `reads ${other}, but on the ${title} plan a rate limit reads only ${rateLimitFields?.join(", ") ?? ""}`,
      );
  }
  for (const [index, { edgeTtlSeconds: seconds, cache }] of waf.cacheRules.entries())
    if (cache && seconds !== undefined && seconds < limits.edgeTtlSeconds)
      add(
        `cacheRules.${index}.edgeTtlSeconds`,
        `got ${seconds}, but the ${title} plan has ${limits.edgeTtlSeconds} or more`,
      );
  if (waf.owasp && waf.managed && !limits.owasp)
    add(
      "owasp",
      `the ${title} plan has no OWASP ruleset: it comes with ${firstPlanWith(({ owasp }) => owasp)}`,
    );
  return errors;
}
