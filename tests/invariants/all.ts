import { domainToASCII } from "node:url";

import type { AllowedFlow } from "../../components/network-policy/allowed-flows";
import type { StackConfig } from "../config";
import type { Run, Value } from "../harness";
import * as invariants from "../invariants";
import { everyReachIsAuthorized } from "./authorized";
import { theCheckAsksWhatAnswers } from "./checks";
import {
  addressesAre,
  healthIsTheBalancersAlone,
  proxiedHostsAreLocked,
  proxyProtocolAgrees,
  type Addresses,
  type Lock,
} from "./door";
import {
  everyHostHasItsCertificate,
  everyHostHasItsRecord,
  everyWayHasItsRule,
  type Owners,
  type Way,
} from "./hosts";
import { everyCanaryHasItsShare, everyMeshedPortIsClosed, everyRouteHasItsDefinition } from "./mesh";
import { everythingComesInOrder } from "./order";
import { policiesAreTwins } from "./policies";
import { protectionIsDeletedFirst } from "./protection";
import { everyHeaderIsAllowed, everyReferenceLeads, nothingIsMadeInVain } from "./references";
import { saidIn, withoutPrefix, type Said } from "./said";
import { everyDoorIsAskedFor, everyPodIsFound, everyServiceLeadsToItsPods, oneOfUsScales } from "./workloads";

/** What must be so of a run, as far as it follows from the config. */
interface Expected extends Omit<Owners, "said"> {
  readonly ways: readonly (Way & { readonly proxied: boolean })[];
  readonly reachability: readonly AllowedFlow[];
  /** `<fqdn> <address>` of the records that the config itself says. */
  readonly elsewhere: readonly string[];
  /** The names of those records. */
  readonly records: readonly string[];
  readonly reached: Addresses;
  readonly proxyProtocol: boolean;
  readonly lock: Lock;
  readonly ownsZone: boolean;
  readonly protect: boolean;
  /** What the config says of apps and of what is around them. */
  readonly said: Said;
}

/** Everything that is so whatever the settings say. */
export function allHold({ resources, outputs }: Omit<Run<unknown>, "result">, expected: Expected): void {
  const {
    ways,
    reachability,
    own,
    shared,
    elsewhere,
    reached,
    proxyProtocol,
    lock,
    ownsZone,
    protect,
    said,
  } = expected;
  everyWayHasItsRule(resources, ways);
  everyHostHasItsCertificate(resources);
  everyHostHasItsRecord(resources, { own, shared, said: expected.records });
  addressesAre(resources, reached, [...own, ...shared], elsewhere);
  proxyProtocolAgrees(resources, proxyProtocol, reached);
  healthIsTheBalancersAlone(resources, reached);
  theCheckAsksWhatAnswers(resources);
  const proxied = ways.filter((way) => way.proxied).map(({ host }) => host);
  proxiedHostsAreLocked(resources, proxied, lock);
  everyReferenceLeads(resources, said.there);
  nothingIsMadeInVain(resources);
  everyHeaderIsAllowed(resources);
  invariants.zoneWideIsTheOwners(resources, ownsZone);
  invariants.nothingSecretIsPlain(resources, outputs);
  invariants.everythingHasItsPlace(resources);
  policiesAreTwins(resources, said);
  everyReachIsAuthorized(resources, said, reachability);
  everyMeshedPortIsClosed(resources, said);
  everyRouteHasItsDefinition(resources, said);
  everyCanaryHasItsShare(resources, said);
  everyPodIsFound(resources, said);
  oneOfUsScales(resources, said);
  everyServiceLeadsToItsPods(resources, said);
  everyDoorIsAskedFor(resources, said);
  everythingComesInOrder(resources, said.there);
  protectionIsDeletedFirst(resources, protect);
}

/** Addresses that stand nowhere but here: a literal could not follow them. */
export const addresses = { ipv4: "198.51.100.77", ipv6: "2001:db8:77::1", privateIpv4: "10.0.77.7" };

/** What the clouds answer for these addresses, whoever makes the load balancer. */
export const answers = {
  "hcloud:index/loadBalancer:LoadBalancer": { ipv4: addresses.ipv4, ipv6: addresses.ipv6 },
  "hcloud:index/loadBalancerNetwork:LoadBalancerNetwork": { ip: addresses.privateIpv4 },
  "kubernetes:core/v1:Service": ({ spec }: Readonly<Record<string, Value>>) =>
    (spec as { type: string }).type === "LoadBalancer"
      ? { status: { loadBalancer: { ingress: [{ ip: addresses.ipv4 }, { ip: addresses.ipv6 }] } } }
      : {},
};

interface App {
  readonly routes?: readonly { readonly host: string; readonly dns?: string }[];
}

interface Raw {
  readonly protect?: boolean;
  readonly apps: Readonly<Record<string, App>>;
  readonly dns: {
    readonly zone: string;
    readonly records?: readonly { readonly name: string; readonly content?: string }[];
  };
  readonly ingress?: { readonly controller?: string };
  readonly loadBalancer: {
    readonly managedBy?: "pulumi" | "ccm";
    readonly proxyProtocol?: boolean;
    readonly ipv6?: boolean;
    readonly privateIp?: string;
    readonly ips?: readonly string[];
  };
  readonly originLock?: Lock;
  readonly ownsZone?: boolean;
}

interface ToldRoute {
  readonly url: string;
  readonly pathType: string;
  readonly app: string;
  readonly proxied: boolean;
}

/** What follows from a config, and from the ways in and the calls that the program's outputs list. */
export function expectedOf(
  config: StackConfig,
  {
    routes,
    reachability,
  }: { readonly routes: readonly ToldRoute[]; readonly reachability: readonly AllowedFlow[] },
): Expected {
  const {
    apps,
    dns,
    ingress = {},
    loadBalancer,
    originLock,
    ownsZone = false,
    protect = false,
  } = withoutPrefix(config) as Raw;
  const said = saidIn(config);
  const { managedBy = "pulumi", proxyProtocol = true, ipv6 = true, privateIp = "", ips = [] } = loadBalancer;
  const records = (dns.records ?? []).map(({ name, content = "" }) => ({
    content,
    name: name === "@" ? dns.zone : `${ascii(name)}.${dns.zone}`,
  }));
  const hosts = Object.values(apps).flatMap(({ routes: its = [] }) => its);
  return {
    reachability,
    ways: routes.map(({ url, pathType, app, proxied }) => {
      const [, host = "", path = ""] = /^https:\/\/([^/]+)(.*)$/.exec(url) ?? [];
      const service = said.apps.find(({ name }) => name === app)?.serviceName ?? app;
      return { host, path, pathType, service, proxied };
    }),
    own: hosts.filter((each) => each.dns !== "external-dns").map(({ host }) => host),
    shared: hosts.filter((each) => each.dns === "external-dns").map(({ host }) => host),
    records: records.map(({ name }) => name),
    protect,
    elsewhere: records.map(({ name, content }) => `${name} ${content}`),
    reached: {
      ipv4: addresses.ipv4,
      ipv6: ipv6 ? addresses.ipv6 : undefined,
      privateIpv4: managedBy === "ccm" ? privateIp : addresses.privateIpv4,
      reachesPublic: ips.some((ip) => !ip.startsWith("10.")),
    },
    proxyProtocol,
    // Where nothing is said, as the owner of a zone has it.
    lock: originLock ?? {
      clientCertificate: ownsZone,
      allowList: ownsZone && proxyProtocol && ingress.controller !== "nginx",
    },
    ownsZone,
    said,
  };
}

const ascii = (name: string): string => name.replaceAll(/[^.*]+/g, (label) => domainToASCII(label) || label);
