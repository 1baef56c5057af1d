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
  /** The name, relative to the zone. International names are converted to punycode. */
  name: recordName,
  /** The TTL in seconds. The plan determines the minimum. */
  ttl: z.int().max(86400).optional(),
  /** A comment, shown in Cloudflare's dashboard. Default: the stack's name. */
  comment: z.string().optional(),
  /** Only records with an address or alias can be proxied. Others accept only `false`. */
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

const caa = {
  ...common,
  type: z.literal("CAA"),
  /** The flags of the CAA record: 128 means critical. */
  flags: integer(0, 255).default(0),
};

const record = z.discriminatedUnion("type", [
  /** Without content it has the load balancer's addresses. */
  z.strictObject({
    /** The type of the record. */
    type: z.literal("A"),
    ...common,
    /** An IPv4 address. Default: the load balancer's addresses, with an additional AAAA record. */
    content: publicIpv4.optional(),
    /** A name that tells records with the same name and type apart. It is part of the resource's name. */
    label: label.optional(),
  }),
  z.strictObject({
    type: z.literal("AAAA"),
    ...common,
    /** An IPv6 address. */
    content: publicIpv6,
    /** A name that tells records with the same name and type apart. It is part of the resource's name. */
    label: label.optional(),
  }),
  z.strictObject({
    type: z.literal("CNAME"),
    ...common,
    /** The target of the alias. */
    content: targetName,
  }),
  z.strictObject({
    type: z.literal("TXT"),
    ...common,
    /** The text, without quotes, at most 2,048 characters. */
    content: z
      .string()
      .min(1)
      .max(2048)
      .regex(/^(?!".*"$)[\x20-\x7e]*$/, { error: "printable ASCII characters, without outer quotes" }),
    /** A name that tells records with the same name and type apart. It is part of the resource's name. */
    label: label.optional(),
  }),
  z.strictObject({
    type: z.literal("MX"),
    ...common,
    /** The mail server; `.`, with priority 0, if the name takes no mail (RFC 7505). */
    content: z.union([z.literal("."), hostName], { error: "a mail server's name, or . for no mail" }),
    /** The priority; lower ones are tried first. */
    priority: number16.default(10),
  }),
  z.strictObject({
    type: z.literal("NS"),
    ...common,
    /** The name server to which the name is delegated. */
    content: hostName,
  }),
  z.strictObject({
    type: z.literal("HTTPS"),
    ...common,
    /** The priority; lower ones are tried first. 0: an alias of `target`. */
    priority: number16.default(1),
    /** The host that serves the name; `.` for the name itself. */
    target: z
      .union([z.literal("."), hostName], { error: "a host name, or . for the name itself" })
      .default("."),
    /** The parameters, such as `alpn="h3,h2"`. */
    value: z
      .string()
      .max(500)
      .regex(/^[\x20-\x7e]*$/, { error: "printable ASCII characters" })
      .default(""),
  }),
  z.discriminatedUnion("tag", [
    z.strictObject({
      ...caa,
      /**
       * The tag of the CAA record: which CA may issue (`issue`), which may issue wildcards (`issuewild`), or where
       * CAs report violations (`iodef`).
       */
      tag: z.literal("issue"),
      /** The value of the tag. */
      value: issuers,
    }),
    z.strictObject({
      ...caa,
      tag: z.literal("issuewild"),
      /** The value of the tag. */
      value: issuers,
    }),
    z.strictObject({
      ...caa,
      tag: z.literal("iodef"),
      /** The value of the tag. */
      value: pattern(/^(mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/, "a mailto: or https: URL"),
    }),
  ]),
  z.strictObject({
    type: z.literal("SRV"),
    ...common,
    /** The name, relative to the zone. International names are converted to punycode. */
    name: serviceName,
    /** The priority; lower ones are tried first. */
    priority: number16,
    /** The weight among records with the same priority. */
    weight: number16,
    /** The port of the service. */
    port: number16,
    /** The host of the service. */
    target: targetName,
  }),
]);

export const dns = z.strictObject({
  /** The Cloudflare zone. */
  zone: hostName,
  /** The ID of the zone. */
  zoneId: pattern(/^[0-9a-f]{32}$/, "the zone's id: 32 hex digits, on the zone's overview page"),
  /** The zone's plan. It determines the zone's limits and the features of the edge. */
  plan: z.enum(plans).default("free"),
  /** The domain of this stack's hosts: the zone or a name in it. Default: the zone. */
  domain: hostName.optional(),
  /** Whether Cloudflare proxies records by default. */
  proxied: z.boolean().default(true),
  /**
   * The CAs that may issue certificates for the zone, with the parameters of RFC 8657 behind semicolons if there are any:
   * `letsencrypt.org; validationmethods=dns-01`. Empty: any CA. The owner's default: Let's Encrypt.
   *
   * @see https://www.rfc-editor.org/rfc/rfc8657
   */
  caa: z.array(issuers).optional(),
  /**
   * Names of the zone for which Cloudflare has a certificate beside Universal SSL, relative to the zone: `[eu, "*.eu"]`,
   * by Advanced Certificate Manager, Total TLS or an uploaded one. They can be proxied.
   *
   * @see https://developers.cloudflare.com/ssl/edge-certificates/advanced-certificate-manager/
   */
  edgeCertificates: z.array(recordName).default([]),
  /** Whether the zone is signed. The DS record must then be set at the registrar. */
  dnssec: z.boolean().default(false),
  /** Records in addition to those of routed hosts. */
  records: z.array(record).default([]),
});
