import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";

import { issue } from "../../../sandbox/plugins/tls/certificate";
import { keyOf, publicPart } from "../../../sandbox/plugins/tls/keys";
import { altNamesOf, subjectOf } from "../../../sandbox/plugins/tls/names";

/** A certificate with its key, both PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export interface PairOptions {
  readonly ipAddresses?: readonly string[];
  /** Absence means now. */
  readonly from?: Date;
  /** How long it is good for. Default 24. */
  readonly hours?: number;
}

/** A CA of the wire's own, made anew in each run. */
export class Authority {
  /** PEM. */
  readonly cert: string;
  readonly #key: KeyObject;
  readonly #commonName: string;

  constructor(commonName: string) {
    const { key, pem } = newKey();
    this.#key = key;
    this.#commonName = commonName;
    this.cert = this.#issue({ commonName, key: pem, isCa: true, dnsNames: [], ipAddresses: [] });
  }

  /** A certificate for these names, for a server and a client alike. */
  pair(dnsNames: readonly string[], { ipAddresses = [], ...validity }: PairOptions = {}): Pair {
    const { pem } = newKey();
    const [commonName = ipAddresses[0] ?? ""] = dnsNames;
    return {
      cert: this.#issue({ commonName, key: pem, isCa: false, dnsNames, ipAddresses, ...validity }),
      key: pem,
    };
  }

  #issue(wanted: {
    commonName: string;
    key: string;
    isCa: boolean;
    dnsNames: readonly string[];
    ipAddresses: readonly string[];
    hours?: number | undefined;
    from?: Date | undefined;
  }): string {
    const { info: publicKey } = publicPart(createPublicKey(wanted.key));
    const inputs = {
      validityPeriodHours: wanted.hours ?? 24,
      isCaCertificate: wanted.isCa,
      allowedUses: wanted.isCa
        ? ["cert_signing", "crl_signing"]
        : ["digital_signature", "server_auth", "client_auth"],
    };
    const altNames = altNamesOf({ dnsNames: wanted.dnsNames, ipAddresses: wanted.ipAddresses });
    const subject = { name: subjectOf({ commonName: wanted.commonName }), publicKey, altNames };
    const authority = { name: subjectOf({ commonName: this.#commonName }), key: this.#key };
    // A minute ago: clocks of this second must not decide.
    const { from = new Date(Date.now() - 60_000) } = wanted;
    return issue(inputs, subject, authority, from).outputs.certPem;
  }
}

function newKey(): { key: KeyObject; pem: string } {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return { key: keyOf(pem, "the key"), pem };
}
