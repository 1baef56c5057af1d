import * as assert from "node:assert/strict";

import { emulatedZones, zones } from "./emulated-zones";

const phases = {
  managed: "http_request_firewall_managed",
  custom: "http_request_firewall_custom",
  cache: "http_request_cache_settings",
  headers: "http_response_headers_transform",
  redirect: "http_request_dynamic_redirect",
} as const;
type Phase = keyof typeof phases;

const cloudflare = "efb7b8c949ac4650a09736fc376e9aee";
const owasp = "4814384a9e5d4991b9815dcfc25d2f1f";
const score = "6179ae15870a4bb7b2d480d4843b323c";
const to = (target_url: object, more: object = {}) => ({
  from_value: { status_code: 301, target_url, ...more },
});
const headers = (name: string, change: object) => ({ headers: { [name]: change } });
const edge = (mode: string, seconds?: number) => ({
  cache: true,
  edge_ttl: { mode, ...(seconds !== undefined && { default: seconds }) },
});

type Case = readonly [phase: Phase, action: string, parameters: object | undefined];

describe("the actions of emulated rules", () => {
  const { got, refusal } = emulatedZones();
  const point = (phase: Phase) => `/zones/${zones.business}/rulesets/phases/${phases[phase]}/entrypoint`;
  const rule = (action: string, action_parameters: object | undefined) => ({
    rules: [{ ref: "a", action, expression: "true", action_parameters }],
  });

  const taken: readonly Case[] = [
    ["managed", "execute", { id: cloudflare, overrides: { action: "log", enabled: true } }],
    [
      "managed",
      "execute",
      {
        id: owasp,
        overrides: {
          categories: [{ category: "paranoia-level-2", enabled: false }],
          rules: [{ id: score, action: "block", score_threshold: 25 }],
        },
      },
    ],
    ["managed", "skip", { rules: { [owasp]: [score] } }],
    ["custom", "block", undefined],
    ["custom", "block", { response: { status_code: 403, content: "no", content_type: "text/plain" } }],
    ["custom", "challenge", undefined],
    ["custom", "js_challenge", undefined],
    ["custom", "managed_challenge", {}],
    ["custom", "skip", { ruleset: "current" }],
    ["custom", "skip", { phases: ["http_ratelimit", phases.managed], products: ["bic", "waf"] }],
    ["cache", "set_cache_settings", { cache: false }],
    ["cache", "set_cache_settings", { ...edge("override_origin", 60), respect_strong_etags: true }],
    ["cache", "set_cache_settings", { cache: true, browser_ttl: { mode: "bypass" } }],
    ["headers", "rewrite", headers("X-Frame-Options", { operation: "set", value: "DENY" })],
    ["headers", "rewrite", headers("X-Ray", { operation: "add", expression: "cf.ray_id" })],
    ["headers", "rewrite", headers("X-Powered-By", { operation: "remove" })],
    ["redirect", "redirect", to({ value: "https://example.com/" }, { preserve_query_string: true })],
    ["redirect", "redirect", to({ expression: 'concat("https://example.com", http.request.uri.path)' })],
  ];
  for (const [phase, action, parameters] of taken)
    it(`are taken and shown again: ${action} ${JSON.stringify(parameters)}`, async () => {
      const { rules } = await got("PUT", point(phase), rule(action, parameters));
      const [{ action: shown, action_parameters: said } = {}] = rules as readonly Record<string, unknown>[];
      const wanted = JSON.stringify(parameters ?? {}) === "{}" ? undefined : parameters;
      assert.deepEqual([shown, said], [action, wanted]);
    });

  const refused: readonly (readonly [...Case, code: number])[] = [
    ["managed", "execute", undefined, 20113],
    ["managed", "execute", { id: "efb7b8c949ac4650" }, 20000],
    ["managed", "execute", { id: "0".repeat(32) }, 20000],
    ["managed", "execute", { id: cloudflare, overrides: { actions: "log" } }, 20000],
    ["managed", "execute", { id: owasp, overrides: { categories: [{ category: "paranoia-5" }] } }, 20000],
    ["managed", "execute", { id: owasp, overrides: { rules: [{ id: score, score_threshold: 30 }] } }, 20000],
    ["managed", "execute", { id: owasp, overrides: { rules: [{ id: owasp, score_threshold: 25 }] } }, 20000],
    ["managed", "block", undefined, 20000],
    ["managed", "skip", { phases: ["http_request_sbfm"] }, 20120],
    ["custom", "block", { ruleset: "current" }, 20000],
    ["custom", "block", { response: { status_code: 200, content: "", content_type: "text/plain" } }, 20000],
    ["custom", "challenge", { response: {} }, 20000],
    ["custom", "skip", undefined, 20113],
    ["custom", "skip", {}, 20000],
    ["custom", "skip", { phases: [phases.custom] }, 20120],
    ["custom", "skip", { products: ["firewall"] }, 20000],
    ["cache", "set_cache_settings", undefined, 20113],
    ["cache", "set_cache_settings", { cache: "on" }, 20000],
    ["cache", "set_cache_settings", { cache_level: "aggressive" }, 20000],
    ["cache", "set_cache_settings", edge("override_origin"), 20000],
    ["cache", "set_cache_settings", edge("respect_origin", 7200), 20000],
    ["headers", "rewrite", { headers: [] }, 20000],
    ["headers", "rewrite", headers("X-A", { operation: "set" }), 20000],
    ["headers", "rewrite", headers("X-A", { operation: "set", value: "a", expression: "cf.ray_id" }), 20000],
    ["headers", "rewrite", headers("X-A", { operation: "remove", value: "a" }), 20000],
    ["headers", "rewrite", headers("X A", { operation: "remove" }), 20000],
    ["headers", "rewrite", headers("CF-Ray", { operation: "remove" }), 20000],
    ["redirect", "redirect", to({}), 20000],
    ["redirect", "redirect", to({ value: "https://a.test", expression: '"https://a.test"' }), 20000],
    ["redirect", "redirect", to({ value: "example.com" }), 20000],
    ["redirect", "redirect", { from_value: { status_code: 304, target_url: { value: "/" } } }, 20000],
    ["redirect", "redirect", to({ expression: 'concat("https://a.test"' }), 20127],
  ];
  for (const [phase, action, parameters, code] of refused)
    it(`are refused with ${code}: ${action} ${JSON.stringify(parameters)}`, async () => {
      assert.equal((await refusal("PUT", point(phase), rule(action, parameters))).code, code);
    });
});
