import fc from "fast-check";

import type { ControllerName } from "../../components/ingress/controllers";
import { authority } from "./ca-certificate";

/**
 * Settings of the edge under which it takes the certificates of the origin.
 *
 * @param isTrusted Whether Cloudflare trusts who signs them.
 */
export const edges = (isTrusted: boolean) =>
  fc.record(
    {
      ssl: fc.constantFrom("full", ...(isTrusted ? ["strict"] : [])),
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
        fc
          .record(
            {
              expression,
              action: fc.constantFrom(
                "block",
                "managed_challenge",
                "skip",
                ...(plan === "enterprise" ? ["log"] : []),
              ),
              skip: fc.subarray(
                ["customRules", "rateLimits", "managed", ...(isPaid ? ["superBotFightMode"] : [])],
                { minLength: 1 },
              ),
              description: fc.constant("A rule"),
              enabled: fc.boolean(),
            },
            { requiredKeys: ["expression", "action"] },
          )
          .map(({ skip, ...rule }) => ({ ...rule, ...(rule.action === "skip" && skip && { skip }) })),
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

/** What decides how the origin may be locked. */
interface LockGround {
  readonly controller: ControllerName;
  readonly ownsZone: boolean;
  readonly proxied: boolean;
  readonly proxyProtocol: boolean;
  /** Whether there is a host to lock, in whatever app. */
  readonly hasHosts: boolean;
}

/**
 * What may be said of the lock. A Gateway asks nobody for a certificate, so that its owner cannot say nothing; and nginx
 * knows of no list.
 */
export function locks(ground: LockGround): fc.Arbitrary<object | undefined> {
  const { controller, ownsZone, proxied, proxyProtocol, hasHosts } = ground;
  const nothing = fc.constant(undefined);
  const off = fc.constant({ clientCertificate: false, allowList: false });
  const mustBeSaid = controller === "gateway" && ownsZone && proxied;
  const allowList = fc.constantFrom(false, ...(proxyProtocol && controller !== "nginx" ? [true] : []));
  const clientCertificate = fc.constantFrom(false, ...(controller === "gateway" || !ownsZone ? [] : [true]));
  const locked = fc.record(
    { clientCertificate, allowList, ...(ownsZone && { generation: fc.integer({ min: 1, max: 3 }) }) },
    { requiredKeys: ["clientCertificate", "allowList"] },
  );
  const withCa = fc.record({
    clientCertificate: fc.constant(true),
    allowList,
    ca: fc.constantFrom(authority, authority + authority),
  });
  if (!hasHosts || !proxied) return mustBeSaid ? off : fc.oneof(off, nothing);
  return fc.oneof(
    locked,
    ...(mustBeSaid ? [] : [nothing]),
    ...(!ownsZone && controller !== "gateway" ? [withCa] : []),
  );
}
