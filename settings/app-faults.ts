import type { Readable } from "./cross-faults";
import { notCovered } from "./dns-faults";
import type { Fault } from "./faults";
import { isCovered, isWithin, routedHosts } from "./zone-records";

/** Faults of apps: whom they call, and at which hosts and paths they answer. */
export const appFaults = (config: Readable): Fault[] => [
  ...callFaults(config),
  ...hostFaults(config),
  ...routeFaults(config),
];

function callFaults({ apps }: Readable): Fault[] {
  return Object.entries(apps).flatMap(([name, { calls }]) =>
    calls.flatMap((callee, index): Fault[] => {
      if (Object.hasOwn(apps, callee)) return [];
      const problem = `got ${callee}, want the name of an app: ${Object.keys(apps).join(", ")}`;
      return [{ path: `apps.${name}.calls.${index}`, problem }];
    }),
  );
}

/** Hosts that the zone, or a certificate, does not have. */
function hostFaults({ apps, dns, ownsZone }: Readable): Fault[] {
  const domain = dns && (dns.domain ?? dns.zone);
  // Of a domain that is itself at fault, no host is told to be in it.
  if (dns === undefined || domain === undefined || !isWithin(domain, dns.zone)) return [];
  const own = ownCertificates(apps);
  return routedHosts({ apps, dns, ownsZone }).flatMap(({ path, host, proxied, said }): Fault[] => {
    const fault = (problem: string) => [{ path: `${path}.host`, problem }];
    if (!isWithin(host, domain)) return fault(`got ${host}, want ${domain} or a name in it`);
    if (!own.has(path) && host.split(".").length > domain.split(".").length + 1)
      return fault(
        `got ${host}, want at most one name before ${domain}, or certificate: own: the wildcard is for *.${domain}`,
      );
    // A record of the config is at fault itself.
    if (proxied && said === undefined && !isCovered(host, dns.zone)) return fault(notCovered(host, dns.zone));
    return [];
  });
}

/** The paths in the config of all routes whose host has a certificate of its own. */
const ownCertificates = (apps: Readable["apps"]): ReadonlySet<string> =>
  new Set(
    Object.entries(apps).flatMap(([app, { routes }]) =>
      routes.flatMap(({ certificate }, index) =>
        certificate === "own" ? [`apps.${app}.routes.${index}`] : [],
      ),
    ),
  );

/** Routes that get into each other's way. */
function routeFaults({ apps }: Readable): Fault[] {
  const faults: Fault[] = [];
  const leads = new Map<string, string>();
  const names = new Map<string, string>();
  for (const [name, { routes }] of Object.entries(apps)) {
    routes.forEach(({ host, paths, basicAuth }, index) => {
      const at = `apps.${name}.routes.${index}`;
      if (routes.findIndex((other) => other.host === host) < index) {
        const problem = `got ${host} a second time, want one route with all its paths`;
        faults.push({ path: `${at}.host`, problem });
      }
      const sameName = names.get(`${name}-${host}`);
      if (sameName !== undefined && sameName !== name) {
        const problem = `got ${host}, whose objects would be named as those of ${sameName}; want another host or app name`;
        faults.push({ path: `${at}.host`, problem });
      }
      names.set(`${name}-${host}`, name);
      const users = basicAuth?.users ?? [];
      for (const twice of new Set(users.filter((user, first) => users.indexOf(user) < first)))
        faults.push({ path: `${at}.basicAuth.users`, problem: `got ${twice} more than once, want it once` });
      for (const { path, pathType } of paths) {
        // A prefix matches whole elements, so a slash at its end changes nothing.
        const key = `${host} ${pathType} ${pathType === "Prefix" ? path.replace(/\/+$/, "") : path}`;
        const owner = leads.get(key);
        if (owner !== undefined) {
          const problem = `got ${path} of ${host}, which leads to ${owner} already; want one app per path`;
          faults.push({ path: `${at}.paths`, problem });
        }
        leads.set(key, name);
      }
    });
  }
  return faults;
}
