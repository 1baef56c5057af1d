import { issuerOf, permissionFor } from "./caa";
import type { Readable } from "./cross-faults";
import type { Fault } from "./faults";
import { isWithin, letsEncrypt } from "./zone-records";

/** Faults of the CA that signs this stack's certificates. */
export const certificateFaults = (config: Readable): Fault[] => [
  ...directoryFaults(config),
  ...caaFaults(config),
];

/** The issuer `acme` and the directory of its CA: one without the other. */
function directoryFaults({ certificates }: Readable): Fault[] {
  if (!certificates) return [];
  const { issuer, acme } = certificates;
  if (acme === undefined) {
    if (issuer !== "acme") return [];
    return [{ path: "certificates.acme", problem: "is missing with issuer acme, want the server of its CA" }];
  }
  const { hostname } = new URL(acme.server);
  if (isWithin(hostname, letsEncrypt)) {
    const its = hostname.includes("staging") ? "letsencrypt-staging" : "letsencrypt-prod";
    const problem = `got ${acme.server}, want no acme for Let's Encrypt, but certificates.issuer: ${its}`;
    return [{ path: "certificates.acme.server", problem }];
  }
  if (issuer === "acme") return [];
  return [
    { path: "certificates.acme", problem: `is given with issuer ${issuer}, want issuer: acme, or no acme` },
  ];
}

/** A CA that the zone's own records forbid to issue for what it is asked for. */
function caaFaults({ certificates, dns, ownsZone, apps }: Readable): Fault[] {
  if (!certificates || !dns || ownsZone === undefined) return [];
  const { issuer, acme } = certificates;
  // A CA that only its company trusts need ask nobody. Of any other it is known only which one it is not.
  if (issuer === "acme" && (acme === undefined || acme.ca !== undefined)) return [];
  const isIts = (ca: string) => (ca === letsEncrypt) !== (issuer === "acme");
  const wanted = issuer === "acme" ? "the domain of its CA" : letsEncrypt;

  const domain = dns.domain ?? dns.zone;
  for (const name of [domain, `*.${domain}`]) {
    const permission = permissionFor(name, { dns, ownsZone, apps });
    // What a guest says at the zone's name is at fault itself.
    if (permission === undefined || (!ownsZone && permission.at === dns.zone)) continue;
    const { at, values } = permission;
    const issuers = values.flatMap((value) => issuerOf(value) ?? []);
    if (issuers.some(isIts)) continue;
    const who = values.every((value) => value.startsWith(";")) ? "nobody" : `only ${values.join(", ")}`;
    const problem =
      `got ${issuer}, but by the CAA records of ${at} ${who} may issue for ${name}; ` +
      `want ${wanted} ${at === dns.zone ? "in dns.caa" : "among them"}`;
    return [{ path: "certificates.issuer", problem }];
  }
  return [];
}
