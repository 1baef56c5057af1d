import { errorIf, prefixPaths, type ConfigError } from "../config-error";
import { findRepeated } from "../repeated";
import { rule, type Rule } from "../rule";
import type { Config } from "../schema";

type Waf = NonNullable<Config["waf"]>;

/** Rules about `waf` alone. Those about what the zone's plan can do are in ../rules/plan-limits.ts. */
export const wafRules: readonly Rule[] = [
  rule(["waf"], ({ waf }) =>
    waf === undefined
      ? []
      : prefixPaths("waf", [
          ...findRefErrors(waf),
          ...findContradictions(waf),
          ...findHeaderErrors(waf),
          ...findRedirectErrors(waf),
        ]),
  ),
];

const findRefErrors = (waf: Waf): ConfigError[] =>
  (["customRules", "rateLimits", "cacheRules", "responseHeaders"] as const).flatMap((list) =>
    findRepeated(
      waf[list].map(({ ref }) => ref),
      (index) => `${list}.${index}.ref`,
    ),
  );

/** Settings without effect. */
const findContradictions = ({ managed, owasp, customRules, cacheRules }: Waf): ConfigError[] => [
  ...errorIf(
    !managed && owasp !== undefined,
    "owasp",
    "cannot be combined with managed: false, which turns off all of Cloudflare's managed rules",
  ),
  ...cacheRules.flatMap(({ cache, edgeTtlSeconds }, index) =>
    errorIf(
      !cache && edgeTtlSeconds !== undefined,
      `cacheRules.${index}.edgeTtlSeconds`,
      "cannot be combined with cache: false",
    ),
  ),
  ...customRules.flatMap(({ action, skip }, index) =>
    errorIf(
      skip !== undefined && action !== "skip",
      `customRules.${index}.skip`,
      `cannot be combined with action: ${action}, want action: skip`,
    ),
  ),
];

const findHeaderErrors = ({ responseHeaders }: Waf): ConfigError[] =>
  responseHeaders.flatMap(({ set, remove }, index) => {
    const path = `responseHeaders.${index}`;
    const names = [...Object.keys(set), ...remove].map((name) => name.toLowerCase());
    if (names.length === 0) return [{ path, message: "changes nothing, want a header to set or to remove" }];
    const repeated = new Set(names.filter((name, first) => names.indexOf(name) < first));
    return [...repeated].map((name) => ({
      path,
      message: `got the header ${name} more than once, want it once`,
    }));
  });

/** Redirects that loop or take two steps. */
const findRedirectErrors = ({ redirects }: Waf): ConfigError[] => [
  ...findRepeated(
    redirects.map(({ from }) => from),
    (index) => `redirects.${index}.from`,
  ),
  ...redirects.flatMap(({ from, to }, index) => {
    const path = `redirects.${index}.to`;
    if (to === from) return [{ path, message: `got ${to}, want a name other than from` }];
    const next = redirects.find((other) => other.from === to);
    if (next === undefined) return [];
    return [{ path, message: `got ${to}, which is redirected to ${next.to}; want the final name` }];
  }),
];
