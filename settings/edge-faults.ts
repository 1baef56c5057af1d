import type { Readable } from "./cross-faults";
import type { Fault } from "./faults";
import { routedHosts } from "./zone-records";

/** Faults of the zone's TLS, and of the origin's lock. */
export const edgeFaults = (config: Readable): Fault[] => [
  ...hstsFaults(config),
  ...sslFaults(config),
  ...lockFaults(config),
];

const hasProxiedHost = ({ dns, apps }: Readable): boolean =>
  dns !== undefined && routedHosts({ dns, apps }).some(({ proxied }) => proxied);

/** @see https://hstspreload.org/#submission-requirements */
function hstsFaults({ edge }: Readable): Fault[] {
  const { preload = false, includeSubdomains = false, maxAgeSeconds = 0 } = edge?.hsts ?? {};
  const year = 31_536_000;
  if (!preload || (includeSubdomains && maxAgeSeconds >= year)) return [];
  const problem =
    `got true with includeSubdomains ${includeSubdomains} and maxAgeSeconds ${maxAgeSeconds}, ` +
    `want includeSubdomains: true and maxAgeSeconds of ${year} or more`;
  return [{ path: "edge.hsts.preload", problem }];
}

function sslFaults(config: Readable): Fault[] {
  const { ownsZone, edge, certificates } = config;
  const strict = ownsZone === true && Object.hasOwn(config, "edge") && edge?.ssl !== "full";
  if (!strict || certificates === undefined || !hasProxiedHost(config)) return [];
  const { issuer, acme } = certificates;
  const fault = (problem: string) => [{ path: "edge.ssl", problem }];
  if (issuer === "letsencrypt-staging")
    return fault(
      "got strict with certificates.issuer letsencrypt-staging, but Cloudflare trusts no staging certificate; " +
        "want letsencrypt-prod, or edge.ssl: full while you rehearse",
    );
  if (issuer === "acme" && acme?.ca !== undefined)
    return fault(
      "got strict with certificates.acme.ca, but Cloudflare trusts no private CA; " +
        "want edge.ssl: full, or an issuer that browsers trust",
    );
  return [];
}

function lockFaults(config: Readable): Fault[] {
  const { originLock, loadBalancer, isWhole } = config;
  if (originLock === undefined) return [];
  const { allowList, clientCertificate, ca } = originLock;
  const faults: Fault[] = [];
  if (clientCertificate === false && ca !== undefined) {
    const problem =
      "is given with clientCertificate: false, which asks for no certificate; want one or the other";
    faults.push({ path: "originLock.ca", problem });
  }
  if (allowList === true && loadBalancer?.proxyProtocol === false) {
    const problem =
      "got true with loadBalancer.proxyProtocol false, by which every connection seems to come from the load balancer; " +
      "want proxyProtocol: true, or allowList: false";
    faults.push({ path: "originLock.allowList", problem });
  }
  const isOff = clientCertificate === false && allowList === false;
  if (!isOff && isWhole && !hasProxiedHost(config)) {
    const problem =
      "is given where no routed host is proxied, and everybody must reach the origin then; " +
      "want a route with a proxied record, or no originLock";
    faults.push({ path: "originLock", problem });
  }
  return faults;
}
