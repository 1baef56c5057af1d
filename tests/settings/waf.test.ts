import { rejects, accepts } from "./configurations";

const path = 'http.request.uri.path eq "/"';
const custom = { ref: "a", expression: path, action: "block" };
const limit = { ref: "a", expression: path, requests: 1, periodSeconds: 10, mitigationSeconds: 10 };
const cache = { ref: "a", expression: path, cache: true };
const header = { ref: "a", expression: path, set: { "X-A": "b" } };
const on = (plan: string, changes: object) => ({ "dns.plan": plan, ...changes });

describe("invalid WAF rules", () => {
  const one = (rule: object) => ({ "waf.customRules": [{ ...custom, ...rule }] });
  rejects([
    ...(["customRules", "rateLimits", "cacheRules", "responseHeaders"] as const).map((list) => {
      const rule = { customRules: custom, rateLimits: limit, cacheRules: cache, responseHeaders: header }[
        list
      ];
      const line = `waf.${list}.1.ref: got a a second time, want it once`;
      return [on("business", { [`waf.${list}`]: [rule, rule] }), line] as const;
    }),
  ]);
  rejects({
    'waf.customRules.0.ref: got "A", want lower-case letters, digits and dashes, a letter first, 63 at most':
      one({ ref: "A" }),
    'waf.customRules.0.ref: got "redirect-a", want a ref that does not begin with redirect-, which is reserved for waf.redirects':
      one({ ref: "redirect-a" }),
    "waf.customRules.0.skip: cannot be combined with action: block, want action: skip": one({
      skip: ["managed"],
    }),
    'waf.customRules.0.skip: got ["managed","managed"], want each name once': one({
      action: "skip",
      skip: ["managed", "managed"],
    }),
    "waf.customRules.0.skip: got superBotFightMode, but the Free plan has none (its Bot Fight Mode cannot be skipped): it comes with Pro":
      on("free", one({ action: "skip", skip: ["superBotFightMode"] })),
    'waf.customRules.0.expression: got "", want an expression, such as true': one({ expression: "" }),
    'waf.customRules.0.expression: got "(a eq 1", want the ( at character 1 to be closed': one({
      expression: "(a eq 1",
    }),
    [`waf.customRules.0.expression: got "${"x".repeat(76)}... (4097 characters), want at most 4096 characters`]:
      one({ expression: "x".repeat(4097) }),
    "waf.cacheRules.0.edgeTtlSeconds: cannot be combined with cache: false": {
      "waf.cacheRules": [{ ...cache, cache: false, edgeTtlSeconds: 7200 }],
    },
    "waf.responseHeaders.0: changes nothing, want a header to set or to remove": {
      "waf.responseHeaders": [{ ...header, set: {} }],
    },
    "waf.responseHeaders.0: got the header x-a more than once, want it once": {
      "waf.responseHeaders": [{ ...header, remove: ["x-a"] }],
    },
    "waf.responseHeaders.0.set.X A: is not a valid name, want the name of a header": {
      "waf.responseHeaders": [{ ...header, set: { "X A": "b" } }],
    },
    'waf.responseHeaders.0.set.X-A: got "b ", want printable ASCII characters, without spaces around them': {
      "waf.responseHeaders": [{ ...header, set: { "X-A": "b " } }],
    },
  });
  accepts([
    one({ expression: `${"x".repeat(4092)} eq`.slice(0, 4096) }),
    one({ action: "skip", skip: ["customRules", "rateLimits", "managed"] }),
    on("pro", one({ action: "skip", skip: ["superBotFightMode"] })),
    { waf: {} },
    { "waf.cacheRules": [{ ...cache, cache: false, browserTtlSeconds: 1 }] },
    { "waf.responseHeaders": [{ ref: "a", expression: "true", remove: ["Server"] }] },
    // A ref is unique in its list only.
    { "waf.customRules": [custom], "waf.rateLimits": [limit], "waf.cacheRules": [cache] },
  ]);
});

describe("invalid OWASP settings", () => {
  rejects({
    "waf.owasp: cannot be combined with managed: false, which turns off all of Cloudflare's managed rules":
      on("pro", { waf: { managed: false, owasp: {} } }),
  });
  accepts([on("pro", { "waf.managed": false })]);
});
