import { isIPv6 } from "node:net";

import { errorIf, prefixPaths, type ConfigError } from "../config-error";
import { parseIpv4Range } from "../formats/ip-ranges";
import { findRepeated } from "../repeated";
import { rule, type Rule } from "../rule";
import type { Config } from "../schema";
import { findLimitErrors } from "./limits";

type LoadBalancer = Config["loadBalancer"];
type Pulumi = Extract<LoadBalancer, { readonly managedBy: "pulumi" }>;
type Ccm = Extract<LoadBalancer, { readonly managedBy: "ccm" }>;

/** Rules about `loadBalancer` alone. Those about its node ports are in ../rules/node-ports.ts. */
export const loadBalancerRules: readonly Rule[] = [
  rule(["loadBalancer"], ({ loadBalancer }) =>
    prefixPaths("loadBalancer", [
      ...findHealthCheckErrors(loadBalancer),
      ...findNameErrors(loadBalancer),
      ...(loadBalancer.managedBy === "pulumi" ? findPulumiErrors(loadBalancer) : findCcmErrors(loadBalancer)),
    ]),
  ),
];

function findHealthCheckErrors({ healthCheck, services }: LoadBalancer): ConfigError[] {
  const checks = services.map((each, index) => [`services.${index}.healthCheck`, each.healthCheck] as const);
  return [["healthCheck", healthCheck] as const, ...checks].flatMap(([path, check]) => [
    ...findCheckTimeoutErrors(path, check),
    ...errorIf(
      "protocol" in check && check.protocol === "tcp" && check.http !== undefined,
      `${path}.http`,
      "cannot be combined with protocol: tcp",
    ),
  ]);
}

/** The timeout of a health check is at most its interval. */
export const findCheckTimeoutErrors = (
  path: string,
  { intervalSeconds, timeoutSeconds }: { readonly intervalSeconds: number; readonly timeoutSeconds: number },
): ConfigError[] =>
  errorIf(
    timeoutSeconds > intervalSeconds,
    `${path}.timeoutSeconds`,
    `got ${timeoutSeconds}, want at most intervalSeconds, ${intervalSeconds}`,
  );

const httpCheckKeys = ["path", "domain", "statusCodes", "validateCertificate"] as const;

/** Settings of an HTTP check in a TCP check of the cloud controller manager. */
export const findHttpCheckErrors = (
  path: string,
  check: { readonly protocol: string } & Partial<Record<(typeof httpCheckKeys)[number], unknown>>,
): ConfigError[] =>
  httpCheckKeys
    .filter((key) => check.protocol === "tcp" && check[key] !== undefined)
    .map((key) => ({
      path: `${path}.${key}`,
      message: "cannot be combined with protocol: tcp, want protocol: http or https",
    }));

function findNameErrors({ name, allowReplacement }: LoadBalancer): ConfigError[] {
  if (allowReplacement === undefined || allowReplacement === name) return [];
  const message = `got ${JSON.stringify(allowReplacement)}, want ${name}, the name of the load balancer that may lose its addresses`;
  return [{ path: "allowReplacement", message }];
}

function findPulumiErrors(loadBalancer: Pulumi): ConfigError[] {
  const { servers, ips, services } = loadBalancer;
  const taken = new Map<number | string, string>([
    [80, "the service http"],
    [443, "the service https"],
    ["http", "the service of port 80"],
    ["https", "the service of port 443"],
  ]);
  const errors: ConfigError[] = [];
  for (const [index, service] of services.entries())
    for (const key of ["name", "listenPort"] as const) {
      const owner = taken.get(service[key]);
      if (owner === undefined) taken.set(service[key], `services.${index}`);
      else
        errors.push({
          path: `services.${index}.${key}`,
          message: `got ${service[key]}, which ${owner} has, want another`,
        });
    }
  for (const [index, ip] of ips.entries())
    if (isIPv6(ip))
      errors.push({
        path: `ips.${index}`,
        message: `got ${ip}, an IPv6 address, want an IPv4 one: node ports and pods of the cluster are IPv4 only`,
      });
  return [
    ...errors,
    ...findRepeated(servers, (index) => `servers.${index}`),
    ...findRepeated(ips, (index) => `ips.${index}`),
    ...findLimitErrors(loadBalancer.type, {
      services: { count: services.length + 2, of: "80, 443 and loadBalancer.services" },
      targets: { count: servers.length + ips.length, of: "loadBalancer.servers and loadBalancer.ips" },
    }),
  ];
}

function findCcmErrors({ privateIp, ccm = {} }: Ccm): ConfigError[] {
  const errors = ccm.healthCheck ? findHttpCheckErrors("ccm.healthCheck", ccm.healthCheck) : [];
  const [address, subnet] = [parseIpv4Range(`${privateIp}/32`), parseIpv4Range(ccm.subnet ?? "")];
  if (address && subnet && (address.first < subnet.first || address.first > subnet.last))
    errors.push({
      path: "ccm.subnet",
      message: `got ${ccm.subnet ?? ""}, which does not contain privateIp ${privateIp}, want the subnet that does`,
    });
  return errors;
}
