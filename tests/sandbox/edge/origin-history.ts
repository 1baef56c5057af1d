import { X509Certificate } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import { z } from "zod";

import { auditLog } from "../../../sandbox/cluster/audit";
import { home } from "../start";
import { shared, shown, type ZoneState } from "./zone-history";

const object = z.looseObject({
  kind: z.string(),
  metadata: z
    .looseObject({ deletionTimestamp: z.string().optional(), finalizers: z.array(z.string()).optional() })
    .optional(),
});

const write = z.looseObject({
  verb: z.string(),
  /** When the API server got it: before it did anything about it. */
  requestReceivedTimestamp: z.string(),
  objectRef: z.looseObject({ resource: z.string(), namespace: z.string(), name: z.string() }),
  responseStatus: z.looseObject({ code: z.number() }),
  responseObject: object.optional(),
});

const tlsOption = z.looseObject({
  spec: z.looseObject({
    clientAuth: z.looseObject({ clientAuthType: z.string(), secretNames: z.array(z.string()) }).optional(),
  }),
});

const secret = z.looseObject({ data: z.record(z.string(), z.string()).default({}) });

/** The ingress' client certificate requirement after one change. */
export interface Demand {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The CAs of which a client must show a certificate; undefined where it need not show any. */
  readonly cas: readonly X509Certificate[] | undefined;
}

type Objects = ReadonlyMap<string, z.infer<typeof object>>;

/**
 * The ingress' requirements, oldest first, from the API server's audit log of writes to the TLSOption `default` and
 * its CAs.
 *
 * The moment of each is when the API server got the request, and that of a change of the zone is when the emulated
 * cloud wrote it down, before it answered. So if one of them waited for the answer to the other, the two moments are in
 * that order however loaded the machine is; what a watcher of ours noted would say when it was given the time to note.
 */
export function demands(stack: string): readonly Demand[] {
  const file = auditLog(path.join(home, stack));
  const lines = fs.readFileSync(file, "utf8").split("\n").filter(Boolean);
  return demandsOf(lines.map((line) => JSON.parse(line) as unknown));
}

/** @param writes events of the API server's audit log, in any order. */
export function demandsOf(writes: readonly unknown[]): readonly Demand[] {
  let objects: Objects = new Map();
  const all = writes.map((one) => write.parse(one)).filter(({ responseStatus }) => responseStatus.code < 300);
  const timed = all.map((one) => ({ ...one, at: Date.parse(one.requestReceivedTimestamp) }));
  // Entries are written as answers end, so that two can have changed places; their times have microseconds.
  const received = (one: z.infer<typeof write>) => one.requestReceivedTimestamp;
  return timed
    .sort((one, other) => received(one).localeCompare(received(other)))
    .map(({ at, verb, objectRef, responseObject: result }) => {
      const key = `${objectRef.resource}/${objectRef.name}`;
      objects = withResult(objects, key, verb, result);
      return { at, cas: casOf(objects) };
    });
}

function withResult(
  objects: Objects,
  key: string,
  verb: string,
  result: z.infer<typeof object> | undefined,
): Objects {
  const next = new Map(objects);
  const { deletionTimestamp, finalizers = [] } = result?.metadata ?? {};
  const isGone =
    finalizers.length === 0 &&
    (deletionTimestamp !== undefined || (verb === "delete" && result?.kind === "Status"));
  if (isGone) next.delete(key);
  // Of some writes only the metadata is answered; those change nothing else.
  else if (result !== undefined && result.kind !== "PartialObjectMetadata") next.set(key, result);
  return next;
}

function casOf(objects: Objects): Demand["cas"] {
  const option = objects.get("tlsoptions/default");
  const clientAuth = option && tlsOption.parse(option).spec.clientAuth;
  if (clientAuth?.clientAuthType !== "RequireAndVerifyClientCert") return undefined;
  return clientAuth.secretNames.flatMap((name) => {
    const { data } = secret.parse(objects.get(`secrets/${name}`) ?? {});
    const pem = Buffer.from(data["ca.crt"] ?? data["tls.ca"] ?? "", "base64").toString();
    return certificatesIn(pem);
  });
}

/** The certificates of a PEM text. */
const certificatesIn = (pem: string): readonly X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (one) => new X509Certificate(one),
  );

/** A moment from which on the ingress turned the edge away. */
export interface Refusal {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly why: string;
}

/** Puts the two histories side by side: each moment in which one of them changed and the edge was turned away. */
export function refusals(zone: readonly ZoneState[], ingress: readonly Demand[]): readonly Refusal[] {
  const moments = [...new Set([...zone, ...ingress].map(({ at }) => at))].sort((one, other) => one - other);
  return moments.flatMap((at) => {
    const cas = latest(ingress, at)?.cas;
    const edge = latest(zone, at);
    const why = cas && turnedAway(edge && shown(edge), cas);
    return why === undefined ? [] : [{ at, why }];
  });
}

const latest = <T extends { readonly at: number }>(history: readonly T[], at: number): T | undefined =>
  history.findLast((one) => one.at <= at);

function turnedAway(certificate: string | undefined, cas: readonly X509Certificate[]): string | undefined {
  if (cas.length === 0) return "the ingress trusts no CA";
  if (certificate === undefined) return "the edge shows no certificate";
  if (certificate === shared) return `the edge shows ${shared}`;
  const client = new X509Certificate(certificate);
  const isTrusted = cas.some((ca) => ca.ca && client.checkIssued(ca) && client.verify(ca.publicKey));
  return isTrusted ? undefined : `the ingress trusts no CA that issued ${client.serialNumber}`;
}
