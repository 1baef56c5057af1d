import type { ResourceType, ReadResult } from "../fake-provider";
import { parseAddress, undefinedIfGone } from "./resource-address";
import type { Client, Json } from "./client";
import { validateDnsRecord } from "./validate-dns-record";
import { toOutputs, toBody, toComputed, toFullBody, toInputs } from "./dns-record-state";

const importForm = "<zone_id>/<dns_record_id>";

/** `cloudflare:index/dnsRecord:DnsRecord`. Its import id is `<zone_id>/<dns_record_id>`, its id the latter. */
export function dnsRecord(client: () => Client): ResourceType {
  const read = async (id: string, last: ReadResult): Promise<ReadResult | undefined> => {
    const { zone, own } = parseAddress(id, last, importForm);
    const query = last.inputs.includeShadowMetadata === true ? { include_shadow_metadata: true } : {};
    const found = await undefinedIfGone(client().call("GET", recordPath(zone, own), { query }));
    if (found === undefined) return undefined;
    const record = found as Json;
    return { id: own, inputs: toInputs(zone, record, last.inputs), outputs: toOutputs(record) };
  };
  return {
    inputs: {
      comment: "optional",
      content: "optional",
      data: "optional",
      includeShadowMetadata: "optional",
      name: "required",
      priority: "optional",
      privateRouting: "optional",
      proxied: "optional",
      settings: "optional",
      tags: "optional",
      ttl: "required",
      type: "required",
      zoneId: "required",
    },
    computed: [
      "createdOn",
      "modifiedOn",
      "commentModifiedOn",
      "tagsModifiedOn",
      "proxiable",
      "meta",
      "settings",
      "tags",
    ],
    replaceOn: ["zoneId", "type"],
    withDefaults: (inputs) => ({ proxied: false, includeShadowMetadata: false, ...inputs }),
    validate: validateDnsRecord,
    async create(inputs) {
      // The real provider looks at this here and nowhere else: an update sends what the API then answers with ttl 1.
      if (inputs.proxied === true && inputs.ttl !== 1)
        throw new Error(
          "ttl must be set to 1 when `proxied` is true: When a DNS record is marked as `proxied` the TTL must be 1 " +
            "as Cloudflare will control the TTL internally.",
        );
      const body = toBody(inputs);
      const made = (await client().call("POST", recordPath(String(inputs.zoneId)), { body })) as Json;
      return { id: String(made.id), outputs: toComputed(made, inputs) };
    },
    read,
    async update(id, inputs, last) {
      const { zone, own } = parseAddress(id, last, importForm);
      const body = toFullBody(inputs, last.inputs);
      const made = (await client().call("PUT", recordPath(zone, own), { body })) as Json;
      return toComputed(made, inputs);
    },
    async delete(id, last) {
      const { zone, own } = parseAddress(id, last, importForm);
      await client().call("DELETE", recordPath(zone, own));
    },
  };
}

function recordPath(zone: string, record?: string): string {
  return `zones/${zone}/dns_records${record === undefined ? "" : `/${record}`}`;
}
