import type { ConfigError } from "../config-error";
import { resolveOriginLock } from "../origin-lock/resolve";
import { rule, type Facts, type Rule } from "../rule";

/** Rules about what the origin lock needs. */
export const originProtectionRules: readonly Rule[] = [
  rule(["originLock", "loadBalancer"], ({ originLock, loadBalancer }) =>
    originLock?.allowList === true && !loadBalancer.proxyProtocol
      ? [
          {
            path: "originLock.allowList",
            message:
              "got true with loadBalancer.proxyProtocol: false, by which every connection seems to come from the load balancer; " +
              "want proxyProtocol: true, or allowList: false",
          },
        ]
      : [],
  ),
  rule(["originLock", "completeZone"], ({ originLock, completeZone }) => {
    const isOff = originLock?.clientCertificate === false && originLock.allowList === false;
    if (originLock === undefined || isOff || completeZone.hosts.some(({ proxied }) => proxied)) return [];
    const message =
      "is set although no routed host is proxied, and then everybody must reach the origin; " +
      "want a route with a proxied record, or no originLock";
    return [{ path: "originLock", message }];
  }),
  rule(["originLock", "ingress", "loadBalancer", "dns", "ownsZone", "zone"], findUnsupported),
];

/** The parts of the origin lock that the ingress controller does not support. */
function findUnsupported(
  facts: Pick<Facts, "dns" | "ingress" | "loadBalancer" | "originLock" | "ownsZone" | "zone">,
): ConfigError[] {
  const lock = resolveOriginLock(facts);
  const { controller } = facts.ingress;
  return [
    ...(controller === "gateway" && lock?.clientCertificate === true
      ? [
          {
            path: "originLock.clientCertificate",
            message:
              "is true, but Traefik requests no client certificate on a Gateway; want clientCertificate: false, which leaves " +
              "the allow-list, or ingress.controller traefik or nginx",
          },
        ]
      : []),
    ...(controller === "nginx" && lock?.allowList === true
      ? [
          {
            path: "originLock.allowList",
            message:
              "is true, but nginx sees only the client's address of a connection from Cloudflare; want allowList: false with " +
              "the client certificate, or ingress.controller traefik or gateway",
          },
        ]
      : []),
  ];
}
