import fc from "fast-check";

/** A record of a config. */
export interface ConfiguredRecord {
  readonly type: string;
  readonly name: string;
  readonly content?: string;
  readonly [key: string]: unknown;
}

/** Records of every type that one zone can have together, and together with those of the hosts of apps. */
const records: readonly ConfiguredRecord[] = [
  { type: "A", name: "a" },
  { type: "A", name: "old", proxied: true },
  { type: "A", name: "shop", content: "203.0.113.50", proxied: false, ttl: 300 },
  { type: "A", name: "shop", content: "203.0.113.51", proxied: false, label: "second" },
  { type: "AAAA", name: "shop", content: "2001:db8:50::1" },
  { type: "CNAME", name: "*", content: "example.com" },
  { type: "CNAME", name: "*.dev", content: "example.com", proxied: false },
  { type: "CNAME", name: "b\u00fccher", content: "b\u00fccher.example" },
  { type: "TXT", name: "@", content: "v=spf1 -all", comment: "No mail" },
  { type: "TXT", name: "www", content: "x", label: "proof" },
  { type: "TXT", name: "@", content: "x".repeat(600), label: "long" },
  { type: "MX", name: "@", content: "mail.example.net" },
  { type: "MX", name: "@", content: "mail2.example.net", priority: 20 },
  { type: "CAA", name: "@", tag: "issue", value: "letsencrypt.org" },
  { type: "CAA", name: "@", tag: "iodef", value: "mailto:admin@example.com" },
  { type: "CAA", name: "www", tag: "issue", value: "pki.goog" },
  { type: "NS", name: "lab", content: "ns1.example.net" },
  { type: "MX", name: "nomail", content: ".", priority: 0 },
  { type: "HTTPS", name: "@", value: 'alpn="h3,h2"' },
  { type: "SRV", name: "_sip._tcp", priority: 0, weight: 5, port: 5060, target: "sip.example.net" },
];

/** The settings on which the records depend. */
interface ZoneContext {
  readonly ownsZone: boolean;
  /** Whether the certificates come from a public CA that is not Let's Encrypt. */
  readonly otherCa: boolean;
}

/** Records that do not forbid the CA to issue. Only the owner of the zone may have CAA records at its apex. */
export const zoneRecords = ({ ownsZone, otherCa }: ZoneContext) =>
  fc.shuffledSubarray(
    records.filter(
      ({ type, name, tag }) => type !== "CAA" || name !== "@" || (ownsZone && !(otherCa && tag === "issue")),
    ),
  );

/** Zone-wide settings of the owner. */
export const owners = (otherCa: boolean) =>
  fc.record(
    {
      caa: fc.constantFrom([], ["letsencrypt.org", "pki.goog"], ...(otherCa ? [] : [["letsencrypt.org"]])),
      dnssec: fc.boolean(),
    },
    { requiredKeys: otherCa ? ["caa"] : [] },
  );

export const externalDns = (domain: string) =>
  fc.record(
    {
      domains: fc.constantFrom([domain], [`a.${domain}`, `b-c.${domain}`]),
      policy: fc.constantFrom("upsert-only", "sync", "create-only"),
      ownerId: fc.constant("mine"),
      sources: fc.constantFrom(["ingress"], ["service", "ingress"], ["service"]),
    },
    { requiredKeys: ["domains"] },
  );
