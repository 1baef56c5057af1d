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
];

/** The parts of the origin lock that the ingress controller does not support. */
function findUnsupported(
  facts: Pick<Facts, "dns" | "ingress" | "loadBalancer" | "originLock" | "ownsZone" | "zone">,
): ConfigError[] {
  const lock = resolveOriginLock(facts);
  const support = findController(facts.ingress.controller).routes.originLock;
  return (["clientCertificate", "allowList"] as const).flatMap((half) => {
    const feature = support[half];
    if (lock?.[half] !== true || isSupported(feature)) return [];
    const message = describeUnsupported(feature, ({ routes }) => isSupported(routes.originLock[half]));
    return [{ path: `originLock.${half}`, message }];
  });
}
