import type { Readable } from "./cross-faults";
import type { Fault } from "./faults";

/** What only the owner of the zone may say, and what it need not. */
export function ownerFaults({ ownsZone, dns, edge, waf, originLock }: Readable): Fault[] {
  if (ownsZone === undefined) return [];
  if (ownsZone) {
    if (originLock?.ca === undefined) return [];
    const problem = "is given where ownsZone is true, want none: the owner of the zone makes a CA of its own";
    return [{ path: "originLock.ca", problem }];
  }
  const said = {
    "dns.caa": dns?.caa !== undefined,
    "dns.dnssec": dns?.dnssec === true,
    ...Object.fromEntries(
      (dns?.records ?? []).map(({ type, name }, index) => [
        `dns.records.${index}`,
        // For the names below as well, unless they have records of their own.
        type === "CAA" && name === "@",
      ]),
    ),
    edge: edge !== undefined,
    waf: waf !== undefined,
    "originLock.generation": originLock?.generation !== undefined,
    "originLock.clientCertificate": originLock?.clientCertificate === true && originLock.ca === undefined,
  };
  const owner = `the stack that owns ${dns?.zone ?? "the zone"}`;
  return Object.entries(said)
    .filter(([, is]) => is)
    .map(([path]) => ({
      path,
      problem: `is zone-wide, want ownsZone: true here, or leave it to ${owner}`,
    }));
}
