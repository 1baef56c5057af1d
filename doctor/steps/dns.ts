import { Resolver } from "node:dns/promises";

import { z } from "zod";

import { findResources } from "../../stack/read-stack";
import { upCommand } from "../check-declared";
import type { Context } from "../context";
import type { Check } from "../diagnose";
import { countOf, type Finding } from "../finding";

const recordInputs = z.object({
  name: z.string(),
  type: z.string(),
  content: z.string().default(""),
  proxied: z.boolean().default(false),
});
type DnsRecord = z.output<typeof recordInputs>;

const liveRecord = recordInputs.extend({
  id: z.string(),
  content: z.string().nullish(),
  proxied: z.boolean().nullish(),
});
type LiveRecord = z.output<typeof liveRecord>;

const recordList = z.object({ result: z.array(liveRecord) });
const zoneAnswer = z.object({
  result: z.object({
    status: z.string().default("active"),
    paused: z.boolean().default(false),
    name_servers: z.array(z.string()).default([]),
  }),
});

const addressTypes = ["A", "AAAA", "CNAME"];

/** The declared records that answer for a host: its own, a wildcard's, and those that a CNAME among them leads to. */
function findHostRecords(records: readonly DnsRecord[], host: string): readonly DnsRecord[] {
  const named = (name: string) =>
    records.filter((record) => record.name === name && addressTypes.includes(record.type));
  const own = named(host);
  const found = own.length > 0 ? own : named(`*.${host.slice(host.indexOf(".") + 1)}`);
  return [...found, ...found.flatMap(({ type, content }) => (type === "CNAME" ? named(content) : []))];
}

const declaredRecords = ({ stack }: Context): DnsRecord[] =>
  findResources(stack, "cloudflare:index/dnsRecord").map(({ inputs }) => recordInputs.parse(inputs));

/** Checks the zone, its records for the URL's host (or all of the stack's), and the public answer. */
export const checkDns: Check = async (context) => {
  const { cloudflare, zone, target } = context;
  const all = declaredRecords(context);
  const records = target.url ? findHostRecords(all, target.url.host) : all;
  const names = [...new Set(records.map(({ name }) => name))];
  const [{ result: info }, ...found] = await Promise.all([
    cloudflare(`/zones/${zone.id}`, zoneAnswer),
    ...names.map((name) => checkName(context, name, records)),
  ]);
  const findings = found.flat();
  if (info.paused || info.status !== "active")
    findings.unshift({
      code: "dns/zone-inactive",
      object: `Zone ${zone.name}`,
      problem: info.paused
        ? "is paused: Cloudflare answers DNS queries, but proxies nothing"
        : `has the status ${info.status}: its domain's name servers are not Cloudflare's`,
      fix: info.paused
        ? "Cloudflare dashboard, zone overview: Enable Cloudflare on Site"
        : `at the domain's registrar, set the name servers ${info.name_servers.join(" and ")}`,
    });
  if (target.url && records.length === 0)
    findings.push({
      code: "dns/no-record",
      object: `Host ${target.url.host}`,
      problem: `has no DNS record in the stack ${context.stack.name}`,
      fix: `add a record for it to dns.records, then: ${upCommand(context.stack.name)}`,
    });
  const answer =
    target.url && findings.length === 0 ? await askResolver(context, target.url.host, records) : [];
  const shown = records.map(
    ({ type, name, content, proxied }) => `${type} ${name} ${content}${proxied ? " proxied" : ""}`,
  );
  const seen = target.url ? [shown.join(", "), ...answer.map(toNote)] : [countOf(records.length, "record")];
  return { seen, findings: [...findings, ...answer.filter((each) => typeof each !== "string")] };
};

const toNote = (answer: Finding | string): string => (typeof answer === "string" ? answer : answer.problem);

/** Compares the live records of a name with the declared ones. */
async function checkName(
  { cloudflare, zone, stack }: Context,
  name: string,
  records: readonly DnsRecord[],
): Promise<Finding[]> {
  const query = new URLSearchParams({ name, per_page: "100" });
  const { result } = await cloudflare(`/zones/${zone.id}/dns_records?${query.toString()}`, recordList);
  const declared = records.filter((record) => record.name === name);
  const fix = upCommand(stack.name);
  const findings: Finding[] = [];
  // Records of the declared content first: what is left over has changed, or is extra.
  const unmatched = new Set(result);
  const take = (isWanted: (live: LiveRecord) => boolean): LiveRecord | undefined => {
    const found = [...unmatched].find(isWanted);
    if (found) unmatched.delete(found);
    return found;
  };
  const unchanged = declared.map(({ type, content }) =>
    take((live) => live.type === type && isSameContent(live.content, content)),
  );
  for (const [index, { type, content, proxied }] of declared.entries()) {
    const object = `DNS record ${type} ${name}`;
    const live = unchanged[index] ?? take((each) => each.type === type);
    if (live === undefined) {
      findings.push({ code: "dns/no-record", object, problem: "does not exist", fix });
      continue;
    }
    // Structured records, such as CAA, have no content.
    if (content !== "" && !isSameContent(live.content, content))
      findings.push({
        code: "dns/record-elsewhere",
        object,
        problem: `has ${live.content} instead of ${content}: visitors are sent elsewhere`,
        fix,
      });
    if ((live.proxied ?? false) !== proxied)
      findings.push({
        code: "dns/proxied",
        object,
        problem: proxied
          ? "is DNS only instead of proxied: visitors bypass Cloudflare, and the origin lock refuses them"
          : "is proxied instead of DNS only",
        fix,
      });
  }
  const types = declared.map(({ type }) => type).filter((type) => addressTypes.includes(type));
  const extra = [...unmatched].filter(({ type }) => types.includes(type));
  return [
    ...findings,
    ...extra.map(({ id, type, content }): Finding => ({
      code: "dns/extra-record",
      object: `DNS record ${type} ${name}`,
      problem: `also exists with ${content}, which the stack ${stack.name} does not declare: a part of the visitors is sent there`,
      fix: `curl -X DELETE https://api.cloudflare.com/client/v4/zones/${zone.id}/dns_records/${id} -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN"`,
    })),
  ];
}

const isSameContent = (live: string | null | undefined, declared: string): boolean =>
  (live ?? "").toLowerCase().replace(/\.$/, "") === declared.toLowerCase().replace(/\.$/, "");

/** Asks a public resolver for the host; a proxied one resolves to Cloudflare, any other to the load balancer. */
async function askResolver(
  { resolver: server, stack }: Context,
  host: string,
  records: readonly DnsRecord[],
): Promise<(Finding | string)[]> {
  if (server === undefined) return ["the public answer was not asked for"];
  const resolver = new Resolver({ timeout: 2000, tries: 1 });
  resolver.setServers([server]);
  let addresses: string[];
  try {
    addresses = await resolver.resolve4(host);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    if (code !== "ENOTFOUND" && code !== "ENODATA")
      return [`the public answer cannot be seen from here (${server}: ${code})`];
    return [
      {
        code: "dns/no-answer",
        object: `Host ${host}`,
        problem: `has records at Cloudflare, but the resolver ${server} answers that it does not exist: the domain is delegated to other name servers, or the answer is cached`,
        fix: `compare the name servers of the domain with those of the zone: dig +trace ${host}`,
      },
    ];
  }
  const declared = records.filter(({ type }) => type === "A").map(({ content }) => content);
  const proxied = records.some((record) => record.proxied);
  const isRight = proxied
    ? addresses.every((each) => !declared.includes(each))
    : addresses.every((each) => declared.includes(each));
  const answer = `${server} answers ${addresses.join(", ")}`;
  if (isRight) return [answer];
  return [
    {
      code: "dns/stale-answer",
      object: `Host ${host}`,
      problem: `${answer}, not ${proxied ? "Cloudflare's addresses" : declared.join(", ")}: an old answer is cached, or the domain is delegated elsewhere`,
      fix: `wait for the record's TTL to end, and compare the name servers: dig +trace ${host}; the stack ${stack.name} is as it should be`,
    },
  ];
}
