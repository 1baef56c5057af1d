import { z } from "zod";

import { stackResource, type DeployedStack } from "../stack/read-stack";
import { readTopology } from "../topology/read-topology";
import { formatText } from "../topology/text";
import type { Inventory } from "./clouds/client";
import { findIds, type Deployment } from "./engine/deployment";

/** Inputs of a summary. */
export interface SummaryInput {
  /** The stack's outputs, secrets masked. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** The content of the emulated clouds. */
  readonly inventory: Inventory;
  readonly state: Deployment | undefined;
  /** Whether to use colors. */
  readonly color: boolean;
}

export interface Summary {
  readonly text: string;
  /** Whether every address in DNS is one of the load balancer's, apart from those in the settings. */
  readonly isSound: boolean;
}

type LoadBalancer = Inventory["hetzner"]["load_balancers"][number];
type DnsRecord = Inventory["cloudflare"]["dns_records"][number];

/** The path of a packet as deployed, and whether DNS resolves to the load balancer. */
export function summarize({ outputs, inventory, state, color }: SummaryInput): Summary {
  const balancers = findIds(state, "hcloud:index/loadBalancer:LoadBalancer");
  // The cloud controller manager's is in no state; the Service of its name is.
  const services = findIds(state, "kubernetes:core/v1:Service").map((id) => id.split("/").at(-1));
  const balancer = inventory.hetzner.load_balancers.find(
    ({ id, name }) => balancers.includes(String(id)) || services.includes(name),
  );
  const records = inventory.cloudflare.dns_records.filter(({ id }) =>
    findIds(state, "cloudflare:index/dnsRecord:DnsRecord").includes(id),
  );
  const check = checkAddresses(records.filter(isComputedRecord(state)), balancer);
  const paint = (code: number, text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const resources = z.array(stackResource).parse(state?.resources ?? []);
  const path = balancer ? [formatPath({ resources, outputs }), ""] : [];
  const lines = [...path, paint(check.isSound ? 32 : 31, check.text)];
  return { text: lines.join("\n"), isSound: check.isSound };
}

/** The path of a packet as text, from the resources and outputs of a stack. */
export const formatPath = (stack: Omit<DeployedStack, "name">): string =>
  `The path:\n${formatText(readTopology({ name: "", ...stack })).replace(/^/gm, "  ")}`;

const dnsRecord = z.looseObject({
  id: z.string(),
  propertyDependencies: z.looseObject({ content: z.array(z.string()).nullish() }),
});

/** Whether a record's content comes from another resource, not from the settings. */
function isComputedRecord(state: Deployment | undefined): (record: DnsRecord) => boolean {
  const fixed = (state?.resources ?? []).flatMap((resource) => {
    const { data } = dnsRecord.safeParse(resource);
    return data?.propertyDependencies.content?.length === 0 ? [data.id] : [];
  });
  return ({ id }) => !fixed.includes(id);
}

/** Compares the zone's addresses with the load balancer's. */
function checkAddresses(
  records: readonly DnsRecord[],
  balancer: LoadBalancer | undefined,
): { readonly isSound: boolean; readonly text: string } {
  const ofType = (type: string) => records.filter((record) => record.type === type);
  const [v4, v6] = [ofType("A"), ofType("AAAA")];
  if (v4.length + v6.length === 0) return { isSound: true, text: "This stack has no address in DNS." };
  if (balancer === undefined)
    return {
      isSound: false,
      text: `DNS has ${v4.length + v6.length} address(es), but there is no load balancer.`,
    };

  const { ipv4, ipv6 } = balancer.public_net;
  const wrong = [
    ...v4.filter(({ content }) => content !== ipv4?.ip),
    ...v6.filter(({ content }) => content !== ipv6?.ip),
  ];
  if (wrong.length === 0)
    return {
      isSound: true,
      text:
        `Every A record (${v4.length}) equals the load balancer's address ${ipv4?.ip ?? ""}` +
        (v6.length === 0 ? "." : `, every AAAA record (${v6.length}) ${ipv6?.ip ?? ""}.`),
    };
  return {
    isSound: false,
    text: [
      `Not every address in DNS is the load balancer's (${ipv4?.ip ?? "none"}, ${ipv6?.ip ?? "none"}):`,
      ...wrong.map(({ name, type, content }) => `  ${name} ${type} ${content ?? ""}`),
    ].join("\n"),
  };
}
