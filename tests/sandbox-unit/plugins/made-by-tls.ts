import * as assert from "node:assert/strict";

import type { Kind, Props } from "../../../sandbox/plugins/stand-in";
import { tlsProvider } from "../../../sandbox/plugins/tls/provider";

/** When the tests issue their certificates, unless they say otherwise. */
export const start = new Date("2024-03-01T12:00:00.250Z");

/** The type of this name, such as `SelfSignedCert`. */
export function kindOf(name: string, now: () => Date = () => start): Kind {
  const token = `tls:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
  return tlsProvider(now).kind(token) ?? assert.fail(`no ${token}`);
}

/** Inputs as the engine hands them on after Check, which finds nothing wrong. */
export function checked(kind: Kind, inputs: Props): Props {
  const all = kind.withDefaults?.(inputs, "name", undefined) ?? inputs;
  assert.deepEqual(faultsOf(kind, all), []);
  return all;
}

/** Makes one, and returns all that its state would hold. */
export async function made(name: string, inputs: Props, now?: () => Date): Promise<Record<string, string>> {
  const kind = kindOf(name, now);
  const all = checked(kind, inputs);
  const { id, outputs } = await kind.create(all, "name");
  return { ...all, ...outputs, id };
}

/** What Check finds wrong with the inputs. */
export const faultsOf = (kind: Kind, inputs: Props) => kind.faults?.(inputs) ?? [];

/** The names of the type's inputs. */
export const inputsOf = (kind: Kind): readonly string[] => Object.keys(kind.inputs);

/** A private key, P-256 unless said otherwise. */
export const key = (inputs: Props = { algorithm: "ECDSA", ecdsaCurve: "P256" }) => made("PrivateKey", inputs);

/** A CA of its own: its key and its certificate. */
export async function authority(inputs: Props = {}, keyInputs?: Props) {
  const { privateKeyPem } = await key(keyInputs);
  const certificate = await made("SelfSignedCert", {
    privateKeyPem,
    isCaCertificate: true,
    subject: { commonName: "Origin CA" },
    allowedUses: ["cert_signing", "crl_signing"],
    validityPeriodHours: 24,
    ...inputs,
  });
  return { caPrivateKeyPem: privateKeyPem, caCertPem: certificate.certPem, certificate };
}

/** A certificate that the CA signs, and its key. */
export async function signed(
  { caPrivateKeyPem, caCertPem }: Awaited<ReturnType<typeof authority>>,
  inputs: Props = {},
  request: Props = { subject: { commonName: "client" } },
  keyInputs?: Props,
) {
  const { privateKeyPem } = await key(keyInputs);
  const { certRequestPem } = await made("CertRequest", { privateKeyPem, ...request });
  const certificate = await made("LocallySignedCert", {
    caPrivateKeyPem,
    caCertPem,
    certRequestPem,
    allowedUses: ["client_auth", "digital_signature"],
    validityPeriodHours: 24,
    ...inputs,
  });
  return { privateKeyPem, certRequestPem, certificate };
}
