import type { Kind, StandIn } from "../stand-in";
import { certRequest } from "./cert-request";
import { locallySignedCert } from "./locally-signed-cert";
import { privateKey } from "./private-key";
import { selfSignedCert } from "./self-signed-cert";

/**
 * Stands in for pulumi-tls. It has no cloud: what it makes is in the state alone, and no call leaves the process.
 *
 * @param now the clock that certificates are issued and renewed by.
 */
export function tlsProvider(now: () => Date = () => new Date()): StandIn {
  const kinds: Readonly<Record<string, Kind>> = {
    "tls:index/certRequest:CertRequest": certRequest,
    "tls:index/locallySignedCert:LocallySignedCert": locallySignedCert(now),
    "tls:index/privateKey:PrivateKey": privateKey,
    "tls:index/selfSignedCert:SelfSignedCert": selfSignedCert(now),
  };
  return {
    name: "tls",
    version: "5.6.1",
    checkConfig: (args) =>
      Object.keys(args)
        .filter((property) => !["version", "pluginDownloadURL"].includes(property))
        .map((property) => ({
          property,
          reason: "the stand-in reaches no server, so it takes no arguments",
        })),
    configure: () => undefined,
    kind: (token) => kinds[token],
  };
}
