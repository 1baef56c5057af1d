import * as assert from "node:assert/strict";

import type { Values } from "../harness";
import { findController } from "./ingress-controller";
import { readPath, isWithin, readMetadata, filterByType, wildcardFor, type Resources } from "./resources";
import { findHostRoutes, routeId } from "./host-routes";

/** A path of a host, from the program's outputs. */
export interface ExpectedPath {
  readonly host: string;
  readonly path: string;
  readonly pathType: string;
  /** The Service of its app. */
  readonly service: string;
}

/** Every path of every host routes to its app by a route that the controller reads, and no route has another path. */
export function assertRoutesMatch(resources: Resources, expected: readonly ExpectedPath[]): void {
  const written = findHostRoutes(resources).flatMap(({ host, paths }) =>
    paths.map((each) => ({ host, ...each })),
  );
  const spelled = ({ host, path, pathType }: Omit<ExpectedPath, "service">) => `${pathType} ${host}${path}`;
  assert.deepEqual(
    written.map(spelled).sort(),
    expected.map(spelled).sort(),
    "routes differ from the expected paths",
  );
  for (const each of written)
    assert.ok(
      expected.some(
        (way) => spelled(way) === spelled(each) && [way.service, undefined].includes(each.service),
      ),
      `${spelled(each)} routes to ${each.service ?? "nothing"}`,
    );
}

/** Every route has a certificate that covers its host, in a Secret that its controller reads. */
export function assertHostsHaveCertificates(resources: Resources): void {
  const covered = new Map(
    filterByType(resources, "Certificate").map((each) => [
      `${readMetadata(each).namespace}/${String(readPath(each.inputs, "spec.secretName"))}`,
      (readPath(each.inputs, "spec.dnsNames") ?? []) as string[],
    ]),
  );
  for (const rule of findHostRoutes(resources)) {
    const { host, secrets } = rule;
    const names = secrets.flatMap((secret) => covered.get(secret) ?? []);
    assert.ok(
      names.includes(host) || names.includes(wildcardFor(host)),
      `no certificate covers ${routeId(rule)}`,
    );
  }
}

/** The owners of DNS names. */
export interface DnsOwners {
  /** Hosts with records by Pulumi. */
  readonly own: readonly string[];
  /** Hosts with records by external-dns. */
  readonly shared: readonly string[];
  /** The names of records in the config. */
  readonly configured: readonly string[];
}

const addressTypes = ["A", "AAAA", "CNAME"];

/** Every host has a record by Pulumi or a route that external-dns reads, and there is no record of another name. */
export function assertHostsHaveRecords(resources: Resources, { own, shared, configured }: DnsOwners): void {
  const records = filterByType(resources, "DnsRecord").map(
    ({ inputs }) => inputs as Record<"name" | "type", string>,
  );
  const pointers = records.filter(({ type }) => addressTypes.includes(type)).map(({ name }) => name);
  const names = [...records.map(({ name }) => name), ...shared];
  for (const host of own) {
    // A wildcard does not apply if the name, or any name below it, exists (RFC 4592).
    const isBlocked = names.some((name) => isWithin(name, host));
    const answers = isBlocked ? [host] : [wildcardFor(host)];
    assert.ok(
      answers.some((name) => pointers.includes(name)),
      `${host} has no record`,
    );
  }
  for (const name of pointers)
    assert.ok([...own, ...configured].includes(name), `${name} is not in the settings`);
  assertExternalDnsHosts(resources, own, shared);
}

const sources: Readonly<Record<string, string>> = { Ingress: "ingress", HTTPRoute: "gateway-httproute" };

/** external-dns reads the routes of its hosts, may write their names, and ignores all other routes. */
function assertExternalDnsHosts(
  resources: Resources,
  own: readonly string[],
  shared: readonly string[],
): void {
  const [release] = filterByType(resources, "Release").filter(({ name }) => name === "external-dns-chart");
  if (release === undefined) {
    assert.deepEqual(shared, [], "external-dns is not installed");
    return;
  }
  const values = release.inputs.values as Values &
    Record<"domainFilters" | "excludeDomains" | "sources", string[]>;
  const { domainFilters, excludeDomains } = values;
  const annotation = `${values.annotationPrefix as string}controller`;
  const classes = readPath(values, "extraArgs.ingress-class") as string[];
  const { className } = findController(resources);
  for (const rule of findHostRoutes(resources)) {
    const { host, resource } = rule;
    const { annotations } = readMetadata(resource);
    const isLeft = annotations[annotation] === undefined;
    assert.equal(isLeft, shared.includes(host) && !own.includes(host), `DNS owner of ${routeId(rule)}`);
    if (!isLeft) continue;
    const kind = resource.type.split(":").at(-1) ?? "";
    const isRead = values.sources.includes(sources[kind] ?? "") && classes.includes(className);
    assert.ok(isRead, `external-dns does not read ${routeId(rule)}`);
    const mayWrite = domainFilters.some((domain) => isWithin(host, domain));
    const mayNot = excludeDomains.some((domain) => isWithin(host, domain));
    assert.ok(mayWrite && !mayNot, `external-dns does not write ${host}`);
  }
}
