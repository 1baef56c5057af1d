import fc from "fast-check";

/** A record as a config has it. */
export interface SaidRecord {
  readonly type: string;
  readonly name: string;
  readonly content?: string;
  readonly [word: string]: unknown;
}

/** Records of every type that can all stand in one zone, beside those of any of the hosts of apps. */
const records: readonly SaidRecord[] = [
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
  { type: "SRV", name: "_sip._tcp", priority: 0, weight: 5, port: 5060, target: "sip.example.net" },
];

/** What decides which records a config may have. */
interface ZoneGround {
  readonly ownsZone: boolean;
  /** Whether the certificates come from a public CA that is not Let's Encrypt. */
  readonly otherCa: boolean;
}

/** Those that the owner of the zone, or another stack, may say without forbidding the CA to issue. */
export const zoneRecords = ({ ownsZone, otherCa }: ZoneGround) =>
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
