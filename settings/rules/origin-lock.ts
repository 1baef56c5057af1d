import { describeUnsupported, findController } from "../../components/ingress/controllers";
import { isSupported } from "../../components/ingress/ingress-controller";
import { errorIf, type ConfigError } from "../config-error";
import { resolveOriginLock } from "../origin-lock/resolve";
import { rule, type Facts, type Rule } from "../rule";

/** Rules about what the origin lock needs. */
export const originProtectionRules: readonly Rule[] = [
  rule(["originLock", "loadBalancer"], ({ originLock, loadBalancer }) =>
    errorIf(
      originLock?.allowList === true && !loadBalancer.proxyProtocol,
      "originLock.allowList",
      "got true with loadBalancer.proxyProtocol: false, by which every connection seems to come from the load balancer; " +
        "want proxyProtocol: true, or allowList: false",
    ),
  ),
  rule(["originLock", "completeZone"], ({ originLock, completeZone }) => {
    const isOff = originLock?.clientCertificate === false && originLock.allowList === false;
    if (originLock === undefined || isOff || completeZone.hosts.some(({ proxied }) => proxied)) return [];
    const message =
      "is set although no routed host is proxied, and then every client must be able to connect to the origin; " +
      "want a route with a proxied record, or no originLock";
    return [{ path: "originLock", message }];
  }),
  rule(["originLock", "ingress", "loadBalancer", "dns", "ownsZone", "zone"], findUnsupported),
  rule(["originLock", "ingress", "loadBalancer", "dns", "ownsZone", "zone"], findOpenHosts),
];

type LockFacts = Pick<Facts, "dns" | "ingress" | "loadBalancer" | "originLock" | "ownsZone" | "zone">;

/** A DNS-only host under a controller that requires the client certificate of every host. */
function findOpenHosts(facts: LockFacts): ConfigError[] {
  const { clientCertificate } = findController(facts.ingress.controller).routes.originLock;
  const open = facts.zone.hosts.find(({ proxied }) => !proxied);
  const isRequired = resolveOriginLock(facts)?.clientCertificate === true;
  if (open === undefined || !isRequired || !("isForAllHosts" in clientCertificate)) return [];
  const message =
    `is true, but with ingress.controller ${facts.ingress.controller} it is required of every host, and ${open.host} is not ` +
    "proxied; want all hosts proxied, or clientCertificate: false, which leaves the allow-list, or another controller";
  return [{ path: "originLock.clientCertificate", message }];
}

/** The parts of the origin lock that the ingress controller does not support. */
function findUnsupported(facts: LockFacts): ConfigError[] {
  const lock = resolveOriginLock(facts);
  const support = findController(facts.ingress.controller).routes.originLock;
  return (["clientCertificate", "allowList"] as const).flatMap((half) => {
    const feature = support[half];
    if (lock?.[half] !== true || isSupported(feature)) return [];
    const message = describeUnsupported(feature, ({ routes }) => isSupported(routes.originLock[half]));
    return [{ path: `originLock.${half}`, message }];
  });
}
