import type { Kind, Observed } from "../stand-in";
import { addressOf, unlessGone } from "./address";
import type { Client, Json } from "./client";
import { faults } from "./dns-record-faults";
import { allOf, bodyOf, computedOf, fullBodyOf, inputsOf } from "./dns-record-state";

const importForm = "<zone_id>/<dns_record_id>";

/** `cloudflare:index/dnsRecord:DnsRecord`. Its import id is `<zone_id>/<dns_record_id>`, its id the latter. */
export function dnsRecord(client: () => Client): Kind {
  const read = async (id: string, last: Observed): Promise<Observed | undefined> => {
    const { zone, own } = addressOf(id, last, importForm);
    const query = last.inputs.includeShadowMetadata === true ? { include_shadow_metadata: true } : {};
    const found = await unlessGone(client().call("GET", pathOf(zone, own), { query }));
    if (found === undefined) return undefined;
    const record = found as Json;
    return { id: own, inputs: inputsOf(zone, record, last.inputs), outputs: allOf(record) };
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
    faults,
    async create(inputs) {
      // The real provider looks at this here and nowhere else: an update sends what the API then answers with ttl 1.
      if (inputs.proxied === true && inputs.ttl !== 1)
        throw new Error(
          "ttl must be set to 1 when `proxied` is true: When a DNS record is marked as `proxied` the TTL must be 1 " +
            "as Cloudflare will control the TTL internally.",
        );
      const body = bodyOf(inputs);
      const made = (await client().call("POST", pathOf(String(inputs.zoneId)), { body })) as Json;
      return { id: String(made.id), outputs: computedOf(made, inputs) };
    },
    read,
    async update(id, inputs, last) {
      const { zone, own } = addressOf(id, last, importForm);
      const body = fullBodyOf(inputs, last.inputs);
      const made = (await client().call("PUT", pathOf(zone, own), { body })) as Json;
      return computedOf(made, inputs);
    },
    async delete(id, last) {
      const { zone, own } = addressOf(id, last, importForm);
      await client().call("DELETE", pathOf(zone, own));
    },
  };
}

function pathOf(zone: string, record?: string): string {
  return `zones/${zone}/dns_records${record === undefined ? "" : `/${record}`}`;
}
