import { domainToASCII } from "node:url";

import type { AllowedFlow } from "../../components/network-policy/allowed-flows";
import type { StackConfig } from "../config";
import type { Run, Value } from "../harness";
import * as invariants from "../invariants";
import { assertHealthChecks } from "./health-checks";
import {
  assertAddresses,
  assertHealthPortProtected,
  assertOriginLock,
  assertProxyProtocol,
  type Addresses,
  type ExpectedLock,
} from "./listeners";
import {
  assertHostsHaveCertificates,
  assertHostsHaveRecords,
  assertRoutesMatch,
  type DnsOwners,
  type ExpectedPath,
} from "./hosts";
import { assertCanaryWeights, assertMeshServers, assertGatewayApiCrds, assertSkippedPorts } from "./mesh";
import { assertCreationOrder } from "./creation-order";
import { assertNoDeadlocks } from "./deadlocks";
import { assertNetworkPolicies, assertPodsAllowed, assertReachability } from "./network-policies";
import { assertProtectionDeletedFirst } from "./protection";
import {
  assertAllReferenced,
  assertAuthUrls,
  assertHeadersAllowed,
  assertReferencesExist,
} from "./references";
import { buildExpectedApps, withoutPrefix, type ExpectedApps } from "./expected-apps";
import { assertExposedServices, assertPodSelectors, assertServicePorts, assertScaling } from "./workloads";

/** The parts of a run that follow from the config. */
interface Expected extends Omit<DnsOwners, "configured"> {
  readonly paths: readonly (ExpectedPath & { readonly proxied: boolean })[];
  readonly reachability: readonly AllowedFlow[];
  /** `<fqdn> <content>` of the records in the config. */
  readonly elsewhere: readonly string[];
  /** The names of those records. */
  readonly records: readonly string[];
  readonly loadBalancer: Addresses;
  readonly proxyProtocol: boolean;
  readonly originLock: ExpectedLock;
  readonly ownsZone: boolean;
  readonly protect: boolean;
  readonly apps: ExpectedApps;
}

/** Checks every invariant, whatever the settings. */
export function assertInvariants(
  { resources, outputs }: Omit<Run<unknown>, "result">,
  expected: Expected,
): void {
  const {
    paths,
    reachability,
    own,
    shared,
    elsewhere,
    loadBalancer,
    proxyProtocol,
    originLock,
    ownsZone,
    protect,
    apps,
  } = expected;
  assertRoutesMatch(resources, paths);
  assertHostsHaveCertificates(resources);
  assertHostsHaveRecords(resources, { own, shared, configured: expected.records });
  assertAddresses(resources, loadBalancer, [...own, ...shared], elsewhere);
  assertProxyProtocol(resources, proxyProtocol, loadBalancer);
  assertHealthPortProtected(resources, loadBalancer);
  assertHealthChecks(resources);
  const proxied = paths.filter((each) => each.proxied).map(({ host }) => host);
  assertOriginLock(resources, proxied, originLock);
  assertPodsAllowed(resources);
  assertReferencesExist(resources, apps.preexisting);
  assertAllReferenced(resources);
  assertAuthUrls(resources, apps.apps);
  assertHeadersAllowed(resources);
  invariants.assertZoneOwner(resources, ownsZone);
  invariants.assertSecretsMarked(resources, outputs);
  invariants.assertParentsAndProviders(resources);
  assertNetworkPolicies(resources, apps);
  assertReachability(reachability, apps);
  assertMeshServers(resources, apps);
  assertSkippedPorts(resources, apps);
  assertGatewayApiCrds(resources, apps);
  assertCanaryWeights(resources, apps);
  assertPodSelectors(resources, apps);
  assertScaling(resources, apps);
  assertServicePorts(resources, apps);
  assertExposedServices(resources, apps);
  assertCreationOrder(resources, apps.preexisting);
  assertNoDeadlocks(resources);
  assertProtectionDeletedFirst(resources, protect);
}

/** Addresses that occur only here, so that a literal in the program would be found. */
export const addresses = { ipv4: "198.51.100.77", ipv6: "2001:db8:77::1", privateIpv4: "10.0.77.7" };

/** Outputs of the cloud resources with these addresses, for either manager of the load balancer. */
export const cloudResponses = {
  "hcloud:index/loadBalancer:LoadBalancer": { ipv4: addresses.ipv4, ipv6: addresses.ipv6 },
  "hcloud:index/loadBalancerNetwork:LoadBalancerNetwork": { ip: addresses.privateIpv4 },
  "kubernetes:core/v1:Service": ({ spec }: Readonly<Record<string, Value>>) =>
    (spec as { type: string }).type === "LoadBalancer"
      ? { status: { loadBalancer: { ingress: [{ ip: addresses.ipv4 }, { ip: addresses.ipv6 }] } } }
      : {},
};

interface OutputRoute {
  readonly url: string;
  readonly pathType: string;
  readonly app: string;
  readonly proxied: boolean;
}

/** Builds the expectations from a config and from the program's outputs. */
export function buildExpected(
  config: StackConfig,
  {
    routes,
    reachability,
  }: { readonly routes: readonly OutputRoute[]; readonly reachability: readonly AllowedFlow[] },
): Expected {
  const {
    apps,
    dns,
    ingress = {},
    loadBalancer,
    originLock,
    ownsZone = false,
    protect = false,
  } = withoutPrefix(config);
  const expectedApps = buildExpectedApps(config);
  const { managedBy = "pulumi", proxyProtocol = true, ipv6 = true, privateIp = "", ips = [] } = loadBalancer;
  const records = (dns.records ?? []).map(({ name, ...rest }) => ({
    content: ("content" in rest ? rest.content : "") ?? "",
    name: name === "@" ? dns.zone : `${ascii(name)}.${dns.zone}`,
  }));
  const hosts = Object.values(apps).flatMap(({ routes: its = [] }) => its);
  return {
    reachability,
    paths: routes.map(({ url, pathType, app, proxied }) => {
      const [, host = "", path = ""] = /^https:\/\/([^/]+)(.*)$/.exec(url) ?? [];
      const service = expectedApps.apps.find(({ name }) => name === app)?.serviceName ?? app;
      return { host, path, pathType, service, proxied };
    }),
    own: hosts.filter((each) => each.dns !== "external-dns").map(({ host }) => host),
    shared: hosts.filter((each) => each.dns === "external-dns").map(({ host }) => host),
    records: records.map(({ name }) => name),
    protect,
    elsewhere: records.map(({ name, content }) => `${name} ${content}`),
    loadBalancer: {
      ipv4: addresses.ipv4,
      ipv6: ipv6 ? addresses.ipv6 : undefined,
      privateIpv4: managedBy === "ccm" ? privateIp : addresses.privateIpv4,
      reachesPublic: ips.some((ip) => !ip.startsWith("10.")),
    },
    proxyProtocol,
    // The defaults depend on the ownership of the zone, and on what is proxied.
    originLock: (originLock as ExpectedLock | undefined) ?? {
      clientCertificate: ownsZone && (dns.proxied !== false || routes.some(({ proxied }) => proxied)),
      allowList: ownsZone && proxyProtocol && ingress.controller !== "nginx",
    },
    ownsZone,
    apps: expectedApps,
  };
}

const ascii = (name: string): string => name.replaceAll(/[^.*]+/g, (label) => domainToASCII(label) || label);
