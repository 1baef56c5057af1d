import { z } from "zod";

import { plans } from "../../components/cloudflare/waf-rules";
import { publicIpv4, publicIpv6 } from "../formats/addresses";
import {
  hostName,
  integer,
  label,
  pattern,
  reasoned,
  recordName,
  serviceName,
  spelling,
  targetName,
} from "../formats/names";

const common = {
  name: recordName,
  /** Seconds. How few there may be is the plan's matter. */
  ttl: z.int().max(86400).optional(),
  comment: z.string().optional(),
  /** Only what leads to a host can be proxied; elsewhere it may be said that it is not. */
  proxied: z.boolean().optional(),
};

const number16 = integer(0, 65535);

/** A CA's domain, with its parameters behind a semicolon if there are any; without a domain, no CA may issue. */
const issuers = z
  .string()
  .overwrite((value) => (value.trim() === "" ? ";" : value))
  .regex(
    /^(([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z]{2,})?\s*(;[\x20-\x7e]*)?$/,
    reasoned("the domain of a CA, such as letsencrypt.org, or ; for none", spelling),
  );

const caa = { ...common, type: z.literal("CAA"), flags: integer(0, 255).default(0) };

const record = z.discriminatedUnion("type", [
  /** Without content it holds the load balancer's addresses. */
  z.strictObject({
    type: z.literal("A"),
    ...common,
    content: publicIpv4.optional(),
    label: label.optional(),
  }),
  z.strictObject({ type: z.literal("AAAA"), ...common, content: publicIpv6, label: label.optional() }),
  z.strictObject({ type: z.literal("CNAME"), ...common, content: targetName }),
  z.strictObject({
    type: z.literal("TXT"),
    ...common,
    content: z
      .string()
      .min(1)
      .max(2048)
      .regex(/^(?!".*"$)[\x20-\x7e]*$/, { error: "printable ASCII characters, without outer quotes" }),
    label: label.optional(),
  }),
  z.strictObject({ type: z.literal("MX"), ...common, content: hostName, priority: number16.default(10) }),
  z.discriminatedUnion("tag", [
    z.strictObject({ ...caa, tag: z.literal("issue"), value: issuers }),
    z.strictObject({ ...caa, tag: z.literal("issuewild"), value: issuers }),
    z.strictObject({
      ...caa,
      tag: z.literal("iodef"),
      value: pattern(/^(mailto:\S+@\S+|https:\/\/\S+)$/, "a mailto: or https: URL"),
    }),
  ]),
  z.strictObject({
    type: z.literal("SRV"),
    ...common,
    name: serviceName,
    priority: number16,
    weight: number16,
    port: number16,
    target: targetName,
  }),
]);

export const dns = z.strictObject({
  /** The Cloudflare zone. */
  zone: hostName,
  zoneId: pattern(/^[0-9a-f]{32}$/, "the zone's id: 32 hex digits, on the zone's overview page"),
  /** What the zone's owner pays for; it decides what the zone may hold and the edge can do. */
  plan: z.enum(plans).default("free"),
  /** The name under which this stack's hosts live: the zone itself, or a name in it. Absence means the zone. */
  domain: hostName.optional(),
  /** Whether records go through Cloudflare's proxy unless they say otherwise. */
  proxied: z.boolean().default(true),
  /** Which CAs may issue for the zone; an empty list means any. The owner's default: Let's Encrypt. */
  caa: z.array(hostName).optional(),
  /** Whether the zone is signed. The registrar must be given the DS record then. */
  dnssec: z.boolean().default(false),
  /** Records beside those that routed hosts get by themselves. */
  records: z.array(record).default([]),
});
