import fc from "fast-check";

import { authority } from "./certificates";

/** Settings of the edge under which Cloudflare trusts the certificates of this issuer. */
export const edges = (issuer: string) =>
  fc.record(
    {
      ssl: fc.constantFrom("full", ...(issuer === "letsencrypt-prod" ? ["strict"] : [])),
      minTlsVersion: fc.constantFrom("1.2", "1.3"),
      http3: fc.boolean(),
      brotli: fc.boolean(),
      websockets: fc.boolean(),
      hsts: fc.record(
        { maxAgeSeconds: fc.integer({ min: 31_536_000, max: 63_072_000 }), includeSubdomains: fc.boolean() },
        { requiredKeys: ["maxAgeSeconds"] },
      ),
    },
    { requiredKeys: ["ssl"] },
  );

const path = (value: string) => `http.request.uri.path eq "${value}"`;

const rulesOf = <T>(refs: readonly string[], rule: fc.Arbitrary<T>, maxLength = refs.length) =>
  fc
    .shuffledSubarray([...refs], { maxLength })
    .chain((some) => fc.tuple(...some.map((ref) => rule.map((each) => ({ ref, ...each })))));

/** Rules that a plan can do. A redirect needs the proxied record `old`. */
export function wafs(plan: string, canRedirect: boolean) {
  const isPaid = plan !== "free";
  const hasRegex = plan === "business" || plan === "enterprise";
  const expression = fc.constantFrom(
    "true",
    path("/"),
    `(${path("/a")} and not cf.client.bot)`,
    path("matches"),
    ...(hasRegex ? ['http.request.uri.path matches "^/a"'] : []),
  );
  return fc.record(
    {
      managed: isPaid ? fc.constant(true) : fc.boolean(),
      ...(isPaid && {
        owasp: fc.record(
          { paranoia: fc.constantFrom(1, 2, 3, 4), threshold: fc.constantFrom(25, 40, 60) },
          { requiredKeys: [] },
        ),
      }),
      customRules: rulesOf(
        ["one", "two", "three", "four", "five"],
        fc.record(
          {
            expression,
            action: fc.constantFrom(
              "block",
              "managed_challenge",
              "skip",
              ...(plan === "enterprise" ? ["log"] : []),
            ),
            description: fc.constant("A rule"),
            enabled: fc.boolean(),
          },
          { requiredKeys: ["expression", "action"] },
        ),
      ),
      rateLimits: rulesOf(
        ["login", "search"],
        fc.record({
          expression: fc.constantFrom(path("/login"), ...(isPaid ? ['http.host eq "example.com"'] : [])),
          requests: fc.integer({ min: 1, max: 1000 }),
          periodSeconds: fc.constantFrom(10, ...(isPaid ? [60] : [])),
          mitigationSeconds: fc.constantFrom(10, ...(isPaid ? [600, 3600] : [])),
        }),
        isPaid ? 2 : 1,
      ),
      cacheRules: rulesOf(
        ["static", "api"],
        fc.oneof(
          fc.record({ expression, cache: fc.constant(false) }),
          fc.record(
            {
              expression,
              cache: fc.constant(true),
              edgeTtlSeconds: fc.constantFrom(7200, 86_400),
              browserTtlSeconds: fc.constant(60),
            },
            { requiredKeys: ["expression", "cache"] },
          ),
        ),
      ),
      responseHeaders: rulesOf(
        ["security", "privacy"],
        fc.record(
          {
            expression,
            set: fc.constant({ "X-Frame-Options": "DENY" }),
            remove: fc.constant(["X-Powered-By"]),
          },
          { requiredKeys: ["expression", "set"] },
        ),
      ),
      redirects: canRedirect
        ? fc.constantFrom([], [{ from: "old.example.com", to: "example.org", status: 308 }])
        : fc.constant([]),
    },
    { requiredKeys: [] },
  );
}

/** What may be said of the lock by the owner of the zone, and by a stack that is none. */
export function locks(ownsZone: boolean, proxyProtocol: boolean): fc.Arbitrary<object> {
  const allowList = fc.constantFrom(false, ...(proxyProtocol ? [true] : []));
  const withCa = fc.record({
    clientCertificate: fc.constant(true),
    allowList,
    ca: fc.constantFrom(authority, authority + authority),
  });
  if (!ownsZone) return fc.oneof(withCa, fc.record({ clientCertificate: fc.constant(false), allowList }));
  return fc.record(
    { clientCertificate: fc.boolean(), allowList, generation: fc.integer({ min: 1, max: 3 }) },
    { requiredKeys: ["clientCertificate", "allowList"] },
  );
}
