import { settingsOf, type Settings } from "../start";

type Entries = readonly Settings[];

/** Further records, one of each type, and several of one type where that is allowed. */
export const further: Entries = [
  { type: "A", name: "status", content: "203.0.113.10", proxied: false },
  { type: "A", name: "shop" },
  { type: "CNAME", name: "docs", content: "docs.example.net", proxied: false },
  { type: "MX", name: "@", content: "mx1.example.net", priority: 10 },
  { type: "MX", name: "@", content: "mx2.example.net", priority: 20 },
  { type: "CAA", name: "@", tag: "iodef", value: "mailto:security@example.com" },
  { type: "SRV", name: "_sip._tcp", priority: 10, weight: 5, port: 5060, target: "sip.example.net" },
  { type: "TXT", name: "verified", label: "one", content: "one=1" },
  { type: "TXT", name: "verified", label: "two", content: "two=2" },
];

/** `dns` of prod, signed, with these records beside its own. */
export const dns = (plan: "free" | "business", records: Entries = further) => {
  const own = settingsOf("prod", "dns");
  return { dns: { ...own, plan, dnssec: true, records: [...(own.records as Entries), ...records] } };
};

/** The records above, one of them in another form. */
export const furtherWith = (name: string, changed: Settings): Entries =>
  further.map((one) => (one.name === name ? { ...changed, name } : one));

const path = (part: string) => `starts_with(http.request.uri.path, "${part}")`;

const waf = {
  customRules: [
    { ref: "no-dotfiles", expression: `(${path("/.")} and not ${path("/.well-known/")})`, action: "block" },
    { ref: "robots", expression: path("/login"), action: "managed_challenge" },
  ],
  cacheRules: [{ ref: "assets", expression: path("/assets/"), cache: true, edgeTtlSeconds: 7200 }],
  redirects: [{ from: "www.example.com", to: "example.com" }],
};

/** `waf` with a rule that sets this header. */
const responseHeaders = (value: string) => ({
  responseHeaders: [
    {
      ref: "security-headers",
      expression: "true",
      set: { "X-Frame-Options": value },
      remove: ["Server-Timing"],
    },
  ],
});

/** Rules that every plan has. */
const wafOnFree = (frameOptions = "DENY") => ({ waf: { ...waf, ...responseHeaders(frameOptions) } });

/** Those, and what only Business has: OWASP's rules and a regular expression. */
export const wafOnBusiness = (frameOptions = "DENY") => ({
  waf: {
    ...wafOnFree(frameOptions).waf,
    owasp: { paranoia: 2, threshold: 25 },
    customRules: [
      ...waf.customRules,
      { ref: "numbered", expression: 'http.request.uri.path matches "^/id-[0-9]{9,}$"', action: "block" },
    ],
  },
});

/** Everything of the edge, on a Free plan. */
export const everything: Settings = {
  ...dns("free"),
  ...wafOnFree(),
  edge: { http3: true, hsts: { maxAgeSeconds: 86_400 } },
  originLock: { clientCertificate: true, allowList: true, generation: 1 },
  externalDns: { domains: ["apps.example.com"] },
  createTokens: true,
};

/** `loadBalancer` of prod under another name. */
export const loadBalancerNamed = (name: string) => ({
  loadBalancer: { ...settingsOf("prod", "loadBalancer"), name },
});
