import { X509Certificate } from "node:crypto";

import { KubeConfig } from "@kubernetes/client-node";
import { z } from "zod";

import { resourceName } from "../stack/read-stack";
import type { Context } from "./context";
import { describeReference } from "../components/waits/find-causes";
import { NotVisible } from "./finding";
import { kinds } from "./kinds";

/** Something that ends. */
export interface Expiry {
  readonly object: string;
  /** Undefined if it does not end, or if its end cannot be seen. */
  readonly ends?: Date | undefined;
  /** What renews it, and when; or the command that does. */
  readonly renewal: string;
  /** Whether it has ended, or its renewal is overdue. */
  readonly isOverdue: boolean;
}

/** Everything of a stack that ends, the next one first. */
export async function findExpiries(context: Context): Promise<Expiry[]> {
  const read = await Promise.all([findCertificates(context), findTokens(context)]);
  const all = [...read, findStateCertificates(context), findKubeconfigCertificate(context)];
  const time = ({ ends }: Expiry) => ends?.getTime() ?? Infinity;
  return all.flat().toSorted((a, b) => time(a) - time(b));
}

/** The Certificates of the stack, which cert-manager renews. */
async function findCertificates({ declared, cluster, now }: Context): Promise<Expiry[]> {
  const certificates = declared.filter(({ kind }) => kind === "Certificate");
  return Promise.all(
    certificates.map(async (each): Promise<Expiry> => {
      const live = await cluster.find(kinds.certificate, each.name, each.namespace);
      const { notAfter, renewalTime } = live?.status ?? {};
      const renews = renewalTime === undefined ? undefined : new Date(renewalTime);
      // An hour for an issuer that is slow, or that cert-manager asks again.
      const isLate = renews !== undefined && now.getTime() - renews.getTime() > 3_600_000;
      return {
        object: describeReference(each),
        ends: notAfter === undefined ? undefined : new Date(notAfter),
        renewal: renews === undefined ? "not issued yet" : `cert-manager, on ${formatDate(renews)}`,
        isOverdue: notAfter === undefined || new Date(notAfter) < now || isLate,
      };
    }),
  );
}

const certificateOutputs = z.object({
  validityEndTime: z.string(),
  readyForRenewal: z.boolean().default(false),
  isCaCertificate: z.boolean().default(false),
});

/** The certificates of the origin lock, which are in the state. */
function findStateCertificates({ stack, now }: Context): Expiry[] {
  return stack.resources
    .filter(({ type }) => /^tls:index\/(selfSignedCert|locallySignedCert):/.test(type))
    .map((resource) => {
      const { validityEndTime, isCaCertificate } = certificateOutputs.parse(resource.outputs);
      const ends = new Date(validityEndTime);
      return {
        object: `Certificate ${resourceName(resource)} of the origin lock`,
        ends,
        renewal: isCaCertificate
          ? "by hand: raise originLock.generation in two steps (docs/edge.md)"
          : "pulumi up, in its last year",
        isOverdue: ends < now,
      };
    });
}

const verification = z.object({ result: z.object({ expires_on: z.string().nullish() }) });

/** The Cloudflare API tokens of the stack. */
async function findTokens({ tokens, withCloudflareToken, now, stack }: Context): Promise<Expiry[]> {
  return Promise.all(
    Object.entries(tokens).map(async ([key, token]): Promise<Expiry> => {
      const renewal = `by hand: pulumi config set --secret ${key} --stack ${stack.name}`;
      try {
        const { result } = await withCloudflareToken(token)("/user/tokens/verify", verification);
        const ends = typeof result.expires_on === "string" ? new Date(result.expires_on) : undefined;
        return { object: `Token ${key}`, ends, renewal, isOverdue: ends !== undefined && ends < now };
      } catch (error) {
        if (!(error instanceof NotVisible)) throw error;
        return { object: `Token ${key}`, renewal: `${renewal}; ${error.message}`, isOverdue: true };
      }
    }),
  );
}

/** The client certificate in the kubeconfig, which k3s issues for a year. */
function findKubeconfigCertificate({ kubeconfig, now }: Context): Expiry[] {
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  const data = config.getCurrentUser()?.certData;
  if (data === undefined) return [];
  const ends = new Date(new X509Certificate(Buffer.from(data, "base64")).validTo);
  const renewal =
    "k3s renews it when it starts within 120 days of its end; then: pulumi config set --secret kubernetes:kubeconfig";
  return [{ object: "Client certificate of kubernetes:kubeconfig", ends, renewal, isOverdue: ends < now }];
}

const formatDate = (date: Date): string => date.toISOString().slice(0, 10);

/** The list as a table for a terminal. */
export function formatExpiries(expiries: readonly Expiry[], now: Date): string {
  const rows = expiries.map(({ object, ends, renewal, isOverdue }) => {
    const days = ends && Math.floor((ends.getTime() - now.getTime()) / 86_400_000);
    const when = ends ? `${formatDate(ends)} (${days} days)` : "no end";
    return [isOverdue ? "overdue" : "ok", when, object, renewal] as const;
  });
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")).join("\n");
}
