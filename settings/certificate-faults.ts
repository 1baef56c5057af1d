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

type Certificates = NonNullable<Readable["certificates"]>;

/** A name that a certificate is asked for, and where that is written. */
interface Asked {
  /** A host, or with `*.` before it every name one level below. */
  readonly name: string;
  readonly path: string;
  /** What is written there. */
  readonly word: string;
  /** What else may be done about it. */
  readonly or: string;
}

/** A CA that the zone's own records forbid to issue for what it is asked for. */
function caaFaults(config: Readable): Fault[] {
  const { certificates, dns, ownsZone, apps } = config;
  if (!certificates || !dns || ownsZone === undefined) return [];
  const { issuer, acme } = certificates;
  // A CA that only its company trusts need ask nobody. Of any other it is known only which one it is not.
  if (issuer === "acme" && (acme === undefined || acme.ca !== undefined)) return [];
  const isIts = (ca: string) => (ca === letsEncrypt) !== (issuer === "acme");
  const wanted = issuer === "acme" ? "the domain of its CA" : letsEncrypt;

  const faults = new Map<string, Fault>();
  for (const { name, path, word, or } of askedNames(certificates, dns, apps)) {
    const permission = permissionFor(name, { dns, ownsZone, apps });
    // What a guest says at the zone's name is at fault itself.
    if (permission === undefined || (!ownsZone && permission.at === dns.zone)) continue;
    const { at, values } = permission;
    const issuers = values.flatMap((value) => issuerOf(value) ?? []);
    // Of records that forbid several names, one is told.
    if (issuers.some(isIts) || faults.has(at)) continue;
    const who = values.every((value) => value.startsWith(";")) ? "nobody" : `only ${values.join(", ")}`;
    const problem =
      `got ${word}, but by the CAA records of ${at} ${who} may issue for ${name}; ` +
      `want ${wanted} ${at === dns.zone ? "in dns.caa" : "among them"}${or}`;
    faults.set(at, { path, problem });
  }
  return [...faults.values()];
}

/** What the issuer is asked for: the wildcard certificate, and those of hosts that have one of their own. */
function askedNames(
  { issuer }: Certificates,
  { zone, domain = zone }: NonNullable<Readable["dns"]>,
  apps: Readable["apps"],
): Asked[] {
  const ofHosts = Object.entries(apps).flatMap(([app, { routes }]) =>
    routes.flatMap(({ host, certificate }, index): Asked[] => {
      if (certificate !== "own") return [];
      const or = isInWildcard(host, domain) ? ", or certificate: wildcard" : "";
      return [
        {
          name: host,
          path: `apps.${app}.routes.${index}.certificate`,
          word: `own with certificates.issuer ${issuer}`,
          or,
        },
      ];
    }),
  );
  const ofDomain = [domain, `*.${domain}`].map((name): Asked => ({
    name,
    path: "certificates.issuer",
    word: issuer,
    or: "",
  }));
  return [...ofDomain, ...ofHosts];
}

/** Whether the wildcard certificate is for a host. */
const isInWildcard = (host: string, domain: string): boolean =>
  isWithin(host, domain) && host.split(".").length <= domain.split(".").length + 1;
