import { setTimeout as sleep } from "node:timers/promises";

import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";

import { resolveInput } from "../pulumi/hooks";

const pollSeconds = 2;
const timeoutSeconds = 600;

/** The hook after the upload of a client certificate: it waits until every data centre of Cloudflare has it. */
export const waitAfterUpload =
  (parent: pulumi.Resource): pulumi.ResourceHookFunction =>
  ({ id, newInputs = {} }) =>
    waitForCertificateActive((newInputs as { readonly zoneId: string }).zoneId, id, parent);

/** The hook before the activation of origin pulls: it waits for the certificate in the same way. */
export const waitBeforeEnable =
  (
    certificate: cloudflare.AuthenticatedOriginPullsCertificate,
    parent: pulumi.Resource,
  ): pulumi.ResourceHookFunction =>
  async ({ newInputs = {} }) =>
    waitForCertificateActive(
      (newInputs as { readonly zoneId: string }).zoneId,
      await resolveInput(certificate.id),
      parent,
    );

/**
 * The hook before an update of the trusted CAs: it requires that one of the current CAs is kept, since the edge still
 * presents a certificate that one of them signed.
 *
 * @throws {pulumi.RunError} None of the current CAs is among the new ones.
 */
export const requireCaOverlap: pulumi.ResourceHookFunction = async ({ newInputs = {}, oldInputs = {} }) => {
  const [before, after] = [await readCertificates(oldInputs), await readCertificates(newInputs)];
  if (before.length > 0 && after.length > 0 && !before.some((each) => after.includes(each)))
    throw new pulumi.RunError(
      "originLock: none of the CAs that the ingress trusts now is among the new ones, so it would refuse the edge. Want " +
        "originLock.generation counted up by one, or originLock.ca with the old and the new CA; then `up` once more.",
    );
};

async function waitForCertificateActive(
  zoneId: string,
  certificateId: string,
  parent: pulumi.Resource,
): Promise<void> {
  const look = () => cloudflare.getAuthenticatedOriginPullsCertificate({ zoneId, certificateId }, { parent });
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (let found = await look(); found.status !== "active"; found = await look()) {
    if (Date.now() > deadline || found.status.endsWith("timed_out"))
      throw new pulumi.RunError(
        `Cloudflare has not brought the client certificate ${certificateId} to its edge (status ${found.status}, ` +
          `waited for up to ${timeoutSeconds / 60} minutes). The ingress does not ask for it yet; run the up again.`,
      );
    await sleep(pollSeconds * 1000);
  }
}

interface CaSecret {
  readonly stringData?: CaFile;
  readonly data?: CaFile;
}

type CaFile = pulumi.Input<{ readonly "ca.crt"?: string }>;

/** The certificates in the inputs of the Secret. The provider converts the text to base64 before hooks get them. */
async function readCertificates({ stringData = {}, data = {} }: CaSecret): Promise<readonly string[]> {
  const [plain, encoded] = await resolveInput(pulumi.all([stringData, data]));
  const text = plain["ca.crt"] ?? Buffer.from(encoded["ca.crt"] ?? "", "base64").toString();
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}
