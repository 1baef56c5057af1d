import fc from "fast-check";

import type { ControllerName } from "../../components/ingress/controllers";
import { authority } from "./ca-certificate";

/**
 * Settings of the edge that accept the certificates of the origin.
 *
 * @param isTrusted Whether Cloudflare trusts the CA of those certificates.
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

const path = 'http.request.uri.path eq "/a"';

/** Rules of every kind that every plan supports. A redirect needs the proxied record `old`. */
export const wafs = (canRedirect: boolean) =>
  fc.constantFrom(
    {},
    {
      customRules: [{ ref: "one", expression: path, action: "skip", skip: ["managed"], enabled: false }],
      rateLimits: [{ ref: "login", expression: path, requests: 9, periodSeconds: 10, mitigationSeconds: 10 }],
      cacheRules: [{ ref: "static", expression: path, cache: true, edgeTtlSeconds: 7200 }],
      responseHeaders: [{ ref: "security", expression: "true", set: { "X-Frame-Options": "DENY" } }],
      redirects: canRedirect ? [{ from: "old.example.com", to: "example.org", status: 308 }] : [],
    },
  );

/** The settings on which the origin lock depends. */
interface LockContext {
  readonly controller: ControllerName;
  readonly ownsZone: boolean;
  readonly proxied: boolean;
  readonly proxyProtocol: boolean;
  /** Whether any app has a host. */
  readonly hasHosts: boolean;
}

/**
 * The origin lock of any settings. With a Gateway the client certificate is for all hosts or none, so the owner of the
 * zone turns it off; nginx does not support the allow-list.
 */
export function locks(context: LockContext): fc.Arbitrary<object | undefined> {
  const { controller, ownsZone, proxied, proxyProtocol, hasHosts } = context;
  const nothing = fc.constant(undefined);
  const off = fc.constant({ clientCertificate: false, allowList: false });
  const mustBeOff = controller === "gateway" && ownsZone && proxied;
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
  if (!hasHosts || !proxied) return mustBeOff ? off : fc.oneof(off, nothing);
  return fc.oneof(
    locked,
    ...(mustBeOff ? [] : [nothing]),
    ...(!ownsZone && controller !== "gateway" ? [withCa] : []),
  );
}
