import { createHash, createPublicKey } from "node:crypto";

import { Attributes, CertificationRequest, CertificationRequestInfo } from "@peculiar/asn1-csr";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Attribute, Extensions, SubjectAlternativeName, id_ce_subjectAltName } from "@peculiar/asn1-x509";

import type { Kind, Props } from "../stand-in";
import type { Subject } from "./certificate";
import { keyFaults } from "./checks";
import { algorithmOf, keyOf, publicPart, signer } from "./keys";
import { altNameExtension, altNamesOf, nameFaults, nameInputs, subjectOf } from "./names";
import { blockOf, pem } from "./pem";
import { fromState } from "./state";

const LABEL = "CERTIFICATE REQUEST";
/** The attribute of a request that holds the extensions asked for. @see https://www.rfc-editor.org/rfc/rfc2985#section-5.4.2 */
const EXTENSION_REQUEST = "1.2.840.113549.1.9.14";

/** `tls:index/certRequest:CertRequest`: its id is its own SHA-1. Every input replaces it, a write-only key by its version. */
export const certRequest: Kind = {
  inputs: {
    ...nameInputs,
    privateKeyPem: "optional",
    privateKeyPemWo: "optional",
    privateKeyPemWoVersion: "optional",
  },
  computed: ["certRequestPem", "keyAlgorithm"],
  replaceOn: [...Object.keys(nameInputs), "privateKeyPem", "privateKeyPemWoVersion"],
  faults: (inputs) => [...keyFaults(inputs, "privateKeyPem"), ...nameFaults(inputs)],
  async create(inputs) {
    const key = keyOf(inputs.privateKeyPemWo ?? inputs.privateKeyPem, "privateKeyPem");
    const { identifier, sign } = signer(key);
    const certificationRequestInfo = new CertificationRequestInfo({
      subject: subjectOf(inputs.subject),
      subjectPKInfo: publicPart(createPublicKey(key)).info,
      attributes: attributesOf(inputs),
    });
    const signature = sign(AsnConvert.serialize(certificationRequestInfo));
    const der = AsnConvert.serialize(
      new CertificationRequest({
        certificationRequestInfo,
        signatureAlgorithm: identifier,
        signature: new Uint8Array(signature).buffer,
      }),
    );
    return Promise.resolve({
      id: createHash("sha1").update(new Uint8Array(der)).digest("hex"),
      outputs: {
        certRequestPem: pem(LABEL, der),
        keyAlgorithm: algorithmOf(key),
        privateKeyPemWo: undefined,
      },
    });
  },
  async read(id, last) {
    const { inputs, outputs } = fromState(id, last, "certRequestPem");
    return Promise.resolve({ inputs, outputs: { ...outputs, privateKeyPemWo: undefined } });
  },
  update: () => Promise.resolve({ privateKeyPemWo: undefined }),
  delete: () => Promise.resolve(),
};

/**
 * Whom a request asks a certificate for. Of the alternative names it takes DNS names, addresses and URIs, as the real
 * provider does; like that one it does not check the request's signature.
 *
 * @throws the text holds no request.
 */
export function requestedBy(text: unknown): Subject {
  const { der } = blockOf(text, [LABEL], "certRequestPem");
  const { certificationRequestInfo: info } = AsnConvert.parse(der, CertificationRequest);
  const extensions = info.attributes
    .filter(({ type }) => type === EXTENSION_REQUEST)
    .flatMap(({ values }) => values.flatMap((value) => [...AsnConvert.parse(value, Extensions)]));
  const altNames = extensions
    .filter(({ extnID }) => extnID === id_ce_subjectAltName)
    .flatMap(({ extnValue }) => [...AsnConvert.parse(extnValue, SubjectAlternativeName)])
    .filter(({ dNSName, iPAddress, uniformResourceIdentifier }) =>
      [dNSName, iPAddress, uniformResourceIdentifier].some((name) => name !== undefined),
    );
  return { name: info.subject, publicKey: info.subjectPKInfo, altNames };
}

function attributesOf(inputs: Props): Attributes {
  const extensions = altNameExtension(altNamesOf(inputs), subjectOf(inputs.subject));
  if (extensions.length === 0) return new Attributes();
  const values = [AsnConvert.serialize(new Extensions([...extensions]))];
  return new Attributes([new Attribute({ type: EXTENSION_REQUEST, values })]);
}
