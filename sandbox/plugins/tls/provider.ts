import type { ResourceType, FakeProvider } from "../fake-provider";
import { refuseArguments } from "../fixed-inputs";
import { certRequest, locallySignedCert, selfSignedCert } from "./certificates";
import { privateKey } from "./private-key";

/**
 * The stand-in for pulumi-tls, as far as the program uses it. Its resources exist in the state only.
 *
 * @param now the clock for the issue and renewal of certificates.
 */
export function tlsProvider(now: () => Date = () => new Date()): FakeProvider {
  const kinds: Readonly<Record<string, ResourceType>> = {
    "tls:index/certRequest:CertRequest": certRequest,
    "tls:index/locallySignedCert:LocallySignedCert": locallySignedCert(now),
    "tls:index/privateKey:PrivateKey": privateKey,
    "tls:index/selfSignedCert:SelfSignedCert": selfSignedCert(now),
  };
  return {
    name: "tls",
    version: "5.6.1",
    checkConfig: refuseArguments,
    configure: () => undefined,
    findType: (token) => kinds[token],
  };
}
