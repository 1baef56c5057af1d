import * as assert from "node:assert/strict";

import type { Values } from "../harness";
import { installed } from "./installed";
import { at, isWithin, metadataOf, ofType, wildcardOf, type Resources } from "./resources";
import { hostRules, ruleId } from "./rules";

/** One path of a host, as the program tells it. */
export interface Way {
  readonly host: string;
  readonly path: string;
  readonly pathType: string;
  /** The Service of its app. */
  readonly service: string;
}

/** Every path of every host leads to its app by a rule that the controller reads, and no rule has another path. */
export function everyWayHasItsRule(resources: Resources, ways: readonly Way[]): void {
  const written = hostRules(resources).flatMap(({ host, paths }) => paths.map((each) => ({ host, ...each })));
  const spelled = ({ host, path, pathType }: Omit<Way, "service">) => `${pathType} ${host}${path}`;
  assert.deepEqual(written.map(spelled).sort(), ways.map(spelled).sort(), "rules and ways in differ");
  for (const each of written)
    assert.ok(
      ways.some((way) => spelled(way) === spelled(each) && [way.service, undefined].includes(each.service)),
      `${spelled(each)} leads to ${each.service ?? "nothing"}`,
    );
}

/** Every rule shows a certificate that covers its host, from where its controller reads it. */
export function everyHostHasItsCertificate(resources: Resources): void {
  const covered = new Map(
    ofType(resources, "Certificate").map((each) => [
      `${metadataOf(each).namespace}/${String(at(each.inputs, "spec.secretName"))}`,
      (at(each.inputs, "spec.dnsNames") ?? []) as string[],
    ]),
  );
  for (const rule of hostRules(resources)) {
    const { host, secrets } = rule;
    const names = secrets.flatMap((secret) => covered.get(secret) ?? []);
    assert.ok(
      names.includes(host) || names.includes(wildcardOf(host)),
      `no certificate covers ${ruleId(rule)}`,
    );
  }
}

/** Who keeps which names in DNS. */
export interface Owners {
  /** Hosts that are Pulumi's. */
  readonly own: readonly string[];
  /** Hosts that are external-dns'. */
  readonly shared: readonly string[];
  /** The names of records that the config itself says. */
  readonly said: readonly string[];
}

const pointing = ["A", "AAAA", "CNAME"];

/** Every host that is Pulumi's has a record, external-dns finds every other, and no record leads nowhere. */
export function everyHostHasItsRecord(resources: Resources, { own, shared, said }: Owners): void {
  const records = ofType(resources, "DnsRecord").map(
    ({ inputs }) => inputs as Record<"name" | "type", string>,
  );
  const pointers = records.filter(({ type }) => pointing.includes(type)).map(({ name }) => name);
  const names = [...records.map(({ name }) => name), ...shared];
  for (const host of own) {
    // A wildcard is silent where anything has the name, or a name below it.
    const isSilent = names.some((name) => isWithin(name, host));
    const answers = isSilent ? [host] : [wildcardOf(host)];
    assert.ok(
      answers.some((name) => pointers.includes(name)),
      `${host} has no record`,
    );
  }
  for (const name of pointers) assert.ok([...own, ...said].includes(name), `${name} leads nowhere`);
  leftToExternalDns(resources, own, shared);
}

const sources: Readonly<Record<string, string>> = { Ingress: "ingress", HTTPRoute: "gateway-httproute" };

/** external-dns reads the rules of its hosts, may write their names, and takes no notice of any other rule. */
function leftToExternalDns(resources: Resources, own: readonly string[], shared: readonly string[]): void {
  const [release] = ofType(resources, "Release").filter(({ name }) => name === "external-dns-chart");
  if (release === undefined) {
    assert.deepEqual(shared, [], "there is no external-dns");
    return;
  }
  const values = release.inputs.values as Values &
    Record<"domainFilters" | "excludeDomains" | "sources", string[]>;
  const { domainFilters, excludeDomains } = values;
  const annotation = `${values.annotationPrefix as string}controller`;
  const classes = at(values, "extraArgs.ingress-class") as string[];
  const { className } = installed(resources);
  for (const rule of hostRules(resources)) {
    const { host, resource } = rule;
    const { annotations } = metadataOf(resource);
    const isLeft = annotations[annotation] === undefined;
    assert.equal(isLeft, shared.includes(host) && !own.includes(host), `who has ${ruleId(rule)} in DNS`);
    if (!isLeft) continue;
    const kind = resource.type.split(":").at(-1) ?? "";
    const isRead = values.sources.includes(sources[kind] ?? "") && classes.includes(className);
    assert.ok(isRead, `external-dns does not read ${ruleId(rule)}`);
    const mayWrite = domainFilters.some((domain) => isWithin(host, domain));
    const mayNot = excludeDomains.some((domain) => isWithin(host, domain));
    assert.ok(mayWrite && !mayNot, `external-dns does not write ${host}`);
  }
}
