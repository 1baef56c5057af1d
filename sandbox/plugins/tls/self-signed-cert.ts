import { createPublicKey } from "node:crypto";

import type { Kind, Props } from "../stand-in";
import { issue, subjectKeyId } from "./certificate";
import { faultsOf, isFlag } from "./checks";
import { algorithmOf, keyOf, publicPart } from "./keys";
import { altNamesOf, nameFaults, nameInputs, subjectOf } from "./names";
import { certificateKind } from "./renewal";

/** `tls:index/selfSignedCert:SelfSignedCert`: its id is its serial number. */
export const selfSignedCert = (now: () => Date): Kind =>
  certificateKind(
    {
      inputs: { ...nameInputs, setAuthorityKeyId: "optional" },
      defaults: { setAuthorityKeyId: false },
      signingKey: "privateKeyPem",
      algorithm: "keyAlgorithm",
      faults: (inputs) => [
        ...faultsOf(inputs, [["setAuthorityKeyId", isFlag, "true or false"]]),
        ...nameFaults(inputs),
      ],
      issue: selfSigned,
    },
    now,
  );

function selfSigned(inputs: Props, now: Date) {
  const key = keyOf(inputs.privateKeyPemWo ?? inputs.privateKeyPem, "privateKeyPem");
  const name = subjectOf(inputs.subject);
  const { info: publicKey } = publicPart(createPublicKey(key));
  const keyId = inputs.setAuthorityKeyId === true ? subjectKeyId(inputs, publicKey) : undefined;
  if (inputs.setAuthorityKeyId === true && keyId === undefined)
    throw new Error("setAuthorityKeyId needs setSubjectKeyId: the one identifier is a copy of the other");
  const subject = { name, publicKey, altNames: altNamesOf(inputs) };
  return { ...issue(inputs, subject, { name, key, keyId }, now), algorithm: algorithmOf(key) };
}
