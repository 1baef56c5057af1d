import { toFqdn, isProxiable } from "../components/cloudflare/dns-record";
import type { Readable } from "./cross-faults";
import type { Fault } from "./faults";
import type { Config } from "./schema";
import { isWithin, routedHosts, saidRecords, type RoutedHost } from "./zone-records";

/** Faults of external-dns, and of names that it shares with Pulumi. */
export function externalDnsFaults(config: Readable): Fault[] {
  const { externalDns, dns, apps } = config;
  // Of what could not be read, nothing more is told.
  if (dns === undefined || !Object.hasOwn(config, "externalDns")) return [];
  const hosts = routedHosts({ dns, apps });
  const its = hosts.filter((each) => each.dns === "external-dns");
  return [
    ...(externalDns === undefined ? [] : domainFaults(externalDns, dns.zone)),
    ...(externalDns === undefined ? [] : sourceFaults(externalDns, its)),
    ...its.flatMap((each) => routeFaults(each, externalDns)),
    ...its.flatMap((each) => claimFaults(each, hosts, dns)),
  ];
}

type ExternalDns = NonNullable<Config["externalDns"]>;

const domainFaults = ({ domains }: ExternalDns, zone: string): Fault[] =>
  domains.flatMap((domain, index): Fault[] => {
    const path = `externalDns.domains.${index}`;
    if (!isWithin(domain, zone)) return [{ path, problem: `got ${domain}, want ${zone} or a name in it` }];
    if (domains.indexOf(domain) < index)
      return [{ path, problem: `got ${domain} a second time, want it once` }];
    return [];
  });

function sourceFaults({ sources }: ExternalDns, its: readonly RoutedHost[]): Fault[] {
  const [first] = its;
  if (first === undefined || sources.includes("ingress")) return [];
  const problem = `got ${sources.join(", ")}, want ingress among them, since ${first.path} leaves its record to external-dns`;
  return [{ path: "externalDns.sources", problem }];
}

function routeFaults({ path, host }: RoutedHost, externalDns: ExternalDns | undefined): Fault[] {
  if (externalDns === undefined)
    return [
      { path: `${path}.dns`, problem: "got external-dns, want externalDns to be set too, or dns: pulumi" },
    ];
  const { domains } = externalDns;
  if (domains.some((domain) => isWithin(host, domain))) return [];
  const problem = `got ${host}, which is in no domain of externalDns (${domains.join(", ")}); want one that is, or dns: pulumi`;
  return [{ path: `${path}.host`, problem }];
}

/** A name has one owner: external-dns would leave alone for ever what Pulumi makes, and Pulumi fail at what it made. */
function claimFaults({ path, host }: RoutedHost, hosts: readonly RoutedHost[], dns: Config["dns"]): Fault[] {
  const record = saidRecords(dns).findIndex(
    (spec) => isProxiable(spec) && toFqdn(spec.name, dns.zone) === host,
  );
  const route = hosts.find((each) => each.host === host && each.dns === "pulumi");
  const other = record >= 0 ? `dns.records.${record}` : route?.path;
  if (other === undefined) return [];
  const problem = `${host} is claimed by both, external-dns here and Pulumi in ${other}; want one owner`;
  return [{ path: `${path}.dns`, problem }];
}
