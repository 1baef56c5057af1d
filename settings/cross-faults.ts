import { fqdnOf } from "../components/edge-dns";
import type { Fault } from "./faults";
import { rangeOf, type AppConfig, type Config } from "./schema";

/** What could be read, even where another part could not: so that all faults are told at once. */
export type Readable = Partial<Omit<Config, "apps">> & {
  /** All apps; what could not be read of one is empty. */
  readonly apps: Readonly<Record<string, Pick<AppConfig, "calls" | "routes">>>;
};

/** Faults between settings that are each right in themselves. */
export function crossFaults(config: Readable): Fault[] {
  return [
    ...clusterFaults(config),
    ...namespaceFaults(config),
    ...loadBalancerFaults(config),
    ...dnsFaults(config),
    ...appFaults(config),
  ];
}

function clusterFaults({ cluster, ingress }: Readable): Fault[] {
  const faults: Fault[] = [];
  if (cluster) {
    const keys = ["nodeCidr", "podCidr", "serviceCidr"] as const;
    for (const [at, key] of keys.entries()) {
      for (const other of keys.slice(at + 1)) {
        const [a, b] = [rangeOf(cluster[key]), rangeOf(cluster[other])];
        if (a && b && a.first <= b.last && b.first <= a.last) {
          const problem = `${cluster[other]} overlaps cluster.${key} ${cluster[key]}, want ranges of their own`;
          faults.push({ path: `cluster.${other}`, problem });
        }
      }
    }
  }
  if (ingress && ingress.replicas.min > ingress.replicas.max) {
    const { min, max } = ingress.replicas;
    faults.push({ path: "ingress.replicas", problem: `got min ${min} and max ${max}, want min up to max` });
  }
  return faults;
}

/** The namespaces of the platform itself, and Kubernetes' own: closing one of them would cut off the cluster. */
const platformNamespaces = ["cert-manager", "default", "linkerd", "linkerd-viz", "traefik"];

function namespaceFaults({ namespace }: Readable): Fault[] {
  if (namespace === undefined || !(platformNamespaces.includes(namespace) || namespace.startsWith("kube-")))
    return [];
  return [{ path: "namespace", problem: `got ${namespace}, want a namespace that only the apps are in` }];
}

function loadBalancerFaults({ loadBalancer }: Readable): Fault[] {
  if (!loadBalancer) return [];
  const faults: Fault[] = [];
  const { location, networkZone, nodePorts } = loadBalancer;
  if (location !== undefined && networkZone !== undefined) {
    const problem = `got both location ${location} and networkZone ${networkZone}, want one of the two`;
    faults.push({ path: "loadBalancer", problem });
  }
  if (location === undefined && networkZone === undefined)
    faults.push({
      path: "loadBalancer",
      problem: "got neither location nor networkZone, want one of the two",
    });
  if (nodePorts.http === nodePorts.https)
    faults.push({ path: "loadBalancer.nodePorts", problem: `got ${nodePorts.http} twice, want two ports` });
  return faults;
}

function dnsFaults({ dns }: Readable): Fault[] {
  if (!dns) return [];
  const faults: Fault[] = [];
  if (dns.domain !== undefined && !isWithin(dns.domain, dns.zone))
    faults.push({ path: "dns.domain", problem: `got ${dns.domain}, want ${dns.zone} or a name in it` });

  dns.records.forEach((record, index) => {
    const path = `dns.records.${index}`;
    const { name, type, ttl } = record;
    if (isWithin(name, dns.zone)) {
      const want = name === dns.zone ? "@" : name.slice(0, -dns.zone.length - 1);
      faults.push({ path: `${path}.name`, problem: `got ${name}, want it relative to the zone: ${want}` });
    }
    if (type !== "TXT" && ttl !== undefined && (record.proxied ?? dns.proxied)) {
      const problem = `got ttl ${ttl} on a proxied record, want no ttl (Cloudflare decides) or proxied: false`;
      faults.push({ path, problem });
    }
    for (const [before, other] of dns.records.slice(0, index).entries()) {
      if (other.name !== name) continue;
      const at = fqdnOf(name, dns.zone);
      if ((type === "CNAME") !== (other.type === "CNAME")) {
        const problem = `a CNAME at ${at} cannot stand beside dns.records.${before}, want one or the other`;
        faults.push({ path, problem });
      } else if (type === "TXT" && other.type === "TXT" && record.label === other.label) {
        const problem = `is a second TXT at ${at}, want a \`label\` that tells it from dns.records.${before}`;
        faults.push({ path, problem });
      } else if (type === other.type && type !== "TXT") {
        faults.push({ path, problem: `is a second ${type} at ${at} beside dns.records.${before}, want one` });
      }
    }
  });
  return faults;
}

function appFaults({ apps, dns }: Readable): Fault[] {
  const faults: Fault[] = [];
  // Of a domain that is itself at fault, no host is told to be in it.
  const domain = dns && [dns.domain ?? dns.zone].find((each) => isWithin(each, dns.zone));
  const leads = new Map<string, string>();
  const names = new Map<string, string>();

  for (const [name, { calls, routes }] of Object.entries(apps)) {
    calls.forEach((callee, index) => {
      const path = `apps.${name}.calls.${index}`;
      if (!Object.hasOwn(apps, callee)) {
        const problem = `got ${callee}, want the name of an app: ${Object.keys(apps).join(", ")}`;
        faults.push({ path, problem });
      }
    });
    routes.forEach(({ host, paths, basicAuth }, index) => {
      const at = `apps.${name}.routes.${index}`;
      if (domain !== undefined && !isWithin(host, domain)) {
        faults.push({ path: `${at}.host`, problem: `got ${host}, want ${domain} or a name in it` });
      } else if (domain !== undefined && host.split(".").length > domain.split(".").length + 1) {
        const problem = `got ${host}, want at most one name before ${domain}: the certificate is for *.${domain}`;
        faults.push({ path: `${at}.host`, problem });
      }
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

const isWithin = (name: string, domain: string): boolean => name === domain || name.endsWith(`.${domain}`);
