import {
  ExtendedKeyUsage,
  KeyUsage,
  KeyUsageFlags,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  type Extension,
} from "@peculiar/asn1-x509";

import { UNKNOWN } from "../stand-in";
import { extension } from "./names";

const keyUsages: Readonly<Record<string, number>> = {
  digital_signature: KeyUsageFlags.digitalSignature,
  content_commitment: KeyUsageFlags.nonRepudiation,
  key_encipherment: KeyUsageFlags.keyEncipherment,
  data_encipherment: KeyUsageFlags.dataEncipherment,
  key_agreement: KeyUsageFlags.keyAgreement,
  cert_signing: KeyUsageFlags.keyCertSign,
  crl_signing: KeyUsageFlags.cRLSign,
  encipher_only: KeyUsageFlags.encipherOnly,
  decipher_only: KeyUsageFlags.decipherOnly,
};

const extendedKeyUsages: Readonly<Record<string, string>> = {
  any_extended: "2.5.29.37.0",
  server_auth: "1.3.6.1.5.5.7.3.1",
  client_auth: "1.3.6.1.5.5.7.3.2",
  code_signing: "1.3.6.1.5.5.7.3.3",
  email_protection: "1.3.6.1.5.5.7.3.4",
  ipsec_end_system: "1.3.6.1.5.5.7.3.5",
  ipsec_tunnel: "1.3.6.1.5.5.7.3.6",
  ipsec_user: "1.3.6.1.5.5.7.3.7",
  timestamping: "1.3.6.1.5.5.7.3.8",
  ocsp_signing: "1.3.6.1.5.5.7.3.9",
  microsoft_server_gated_crypto: "1.3.6.1.4.1.311.10.3.3",
  netscape_server_gated_crypto: "2.16.840.1.113730.4.1",
  microsoft_commercial_code_signing: "1.3.6.1.4.1.311.2.1.22",
  microsoft_kernel_code_signing: "1.3.6.1.4.1.311.61.1.1",
};

/**
 * Every word `allowedUses` may hold. The SDK's comments spell them in camel case, but the provider behind it takes
 * these alone, as the SDK's own example has them.
 */
export const uses: readonly string[] = [...Object.keys(keyUsages), ...Object.keys(extendedKeyUsages)];

/** Whether a value is a list of such words, or of what is not known yet. */
export const areUses = (value: unknown): boolean =>
  Array.isArray(value) && value.every((use) => use === UNKNOWN || uses.includes(String(use)));

/** The extensions that say what the key may be used for. @see https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.3 */
export function useExtensions(allowed: readonly string[]): readonly Extension[] {
  const flags = allowed.reduce((sum, use) => sum | (keyUsages[use] ?? 0), 0);
  const purposes = allowed.flatMap((use) => extendedKeyUsages[use] ?? []);
  return [
    ...(flags === 0 ? [] : [extension(id_ce_keyUsage, true, new KeyUsage(flags))]),
    ...(purposes.length === 0 ? [] : [extension(id_ce_extKeyUsage, false, new ExtendedKeyUsage(purposes))]),
  ];
}
