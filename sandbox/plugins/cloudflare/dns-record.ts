import type { ResourceType, Props } from "../fake-provider";
import { parseAddress, undefinedIfGone } from "./resource-address";
import type { Client, Json } from "./client";
import { object, toApi, toCamel, validateInputs, validateShape, zoneIdCheck, type Check } from "./shape";

const importForm = "<zone_id>/<dns_record_id>";

const types = ["A", "AAAA", "CAA", "CNAME", "HTTPS", "MX", "NS", "SRV", "TXT"];
const dataShape = object("flags port priority tag target value weight");
const bodyShape = object("comment content name priority proxied ttl type", { data: dataShape });

const isWithin = (value: unknown, least: number, most: number) =>
  typeof value === "number" && value >= least && value <= most;

/** The real provider's own validation, in preview too. */
const checks: readonly Check[] = [
  zoneIdCheck,
  ["type", (value) => types.includes(String(value)), `one of ${types.join(", ")}`],
  ["ttl", (value) => value === 1 || isWithin(value, 30, 86400), "1 (automatic), or 30 to 86400 seconds"],
  ["priority", (value) => isWithin(value, 0, 65535), "0 to 65535"],
];

/** `cloudflare:index/dnsRecord:DnsRecord`. Its import id is `<zone_id>/<dns_record_id>`, its id the latter. */
export function dnsRecord(client: () => Client): ResourceType {
  return {
    inputs: {
      comment: "optional",
      content: "optional",
      data: "optional",
      includeShadowMetadata: "optional",
      name: "required",
      priority: "optional",
      proxied: "optional",
      ttl: "required",
      type: "required",
      zoneId: "required",
    },
    computed: ["createdOn", "modifiedOn", "commentModifiedOn", "proxiable", "meta", "settings", "tags"],
    replaceOn: ["zoneId", "type"],
    withDefaults: (inputs) => ({ proxied: false, includeShadowMetadata: false, ...inputs }),
    validate: (inputs) => [
      ...validateInputs(inputs, checks),
      ...validateShape(inputs.data, dataShape, "data"),
    ],
    async create(inputs) {
      // The real provider checks this here and nowhere else: an update sends what the API then answers with ttl 1.
      if (inputs.proxied === true && inputs.ttl !== 1)
        throw new Error(
          "ttl must be set to 1 when `proxied` is true: When a DNS record is marked as `proxied` the TTL must be 1 " +
            "as Cloudflare will control the TTL internally.",
        );
      const body = toBody(inputs);
      const record = (await client().call("POST", recordPath(String(inputs.zoneId)), { body })) as Json;
      return { id: String(record.id), outputs: toComputed(record, inputs) };
    },
    async read(id, last) {
      const { zone, own } = parseAddress(id, last, importForm);
      const found = (await undefinedIfGone(client().call("GET", recordPath(zone, own)))) as Json | undefined;
      if (found === undefined) return undefined;
      const { name, type, content, ttl, proxied, priority, comment, data } = toRecord(found);
      const { inputs } = last;
      const live: Props = {
        zoneId: zone,
        name,
        type,
        ttl,
        proxied,
        priority,
        comment,
        includeShadowMetadata: false,
        // The content of a record with `data` follows from it.
        ...(data === undefined
          ? { content: type === "CNAME" && isSameText(inputs.content, content) ? inputs.content : content }
          : { data }),
      };
      const given = Object.entries(live).filter(([, value]) => value !== undefined);
      return { id: own, inputs: Object.fromEntries(given), outputs: toRecord({ ...found, id: null }) };
    },
    async update(id, inputs, last) {
      const { zone, own } = parseAddress(id, last, importForm);
      // Null for what was given before.
      const cleared = Object.keys(toBody(last.inputs)).map((key) => [key, null] as const);
      const body = { ...Object.fromEntries(cleared), ...toBody(inputs) };
      return toComputed((await client().call("PUT", recordPath(zone, own), { body })) as Json, inputs);
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

/** The body of a POST. */
function toBody(inputs: Props): Json {
  const given = Object.entries(inputs).filter(
    ([key, value]) => key in bodyShape.fields && value !== undefined,
  );
  return toApi(Object.fromEntries(given), bodyShape) as Json;
}

/** A record in the SDK's spelling; `meta` is JSON text there. */
export function toRecord(found: Json): Props {
  return { ...(toCamel(found) as Json), meta: JSON.stringify(found.meta ?? {}) };
}

/** The computed outputs, and inputs that the program leaves to the API. */
function toComputed(found: Json, inputs: Props): Props {
  const outputs = Object.entries(toRecord({ ...found, id: null }));
  return Object.fromEntries(outputs.filter(([key]) => inputs[key] === undefined));
}

/** The real provider compares the target of a CNAME without regard to case. */
const isSameText = (last: unknown, live: unknown) =>
  typeof last === "string" && last.toLowerCase() === String(live).toLowerCase();
