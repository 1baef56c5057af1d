import { X509Certificate } from "node:crypto";
import * as tls from "node:tls";

import { z } from "zod";

import { platformNamespaces } from "../../components/namespaces";
import type { Context } from "../context";
import { describeReference } from "../../components/waits/find-causes";
import type { DeclaredObject } from "../declared-objects";
import type { Check } from "../diagnose";
import { NotVisible, observe, type Finding, type Observation } from "../finding";
import { kinds } from "../kinds";
import { findHosts } from "../target";
import { checkWorkload } from "./pods";
import { checkTokens } from "./tokens";

/** Checks the certificates of the target's hosts, their issuer and its token, and what the load balancer presents. */
export const checkTls: Check = async (context) => {
  const hosts = findHosts(context.stack, context.target);
  const certificates = await findServing(context, hosts);
  const controllers = context.declared.filter(({ step, kind }) => step === "tls" && kind === "Deployment");
  return observe([
    ...controllers.map((each) => checkWorkload(context, each)),
    ...certificates.map((each) => checkCertificate(context, each, hosts)),
    checkTokens(context, "tls", platformNamespaces.certManager),
    checkPresented(context),
  ]);
};

/** The declared Certificates that cover a host. */
async function findServing(
  { declared, cluster }: Context,
  hosts: readonly string[],
): Promise<readonly DeclaredObject[]> {
  const all = declared.filter(({ kind, step }) => kind === "Certificate" && step !== "mesh");
  const live = await Promise.all(
    all.map(({ name, namespace }) => cluster.find(kinds.certificate, name, namespace)),
  );
  return all.filter((_, index) => hosts.some((host) => covers(live[index]?.spec.dnsNames ?? [], host)));
}

const covers = (names: readonly string[], host: string): boolean =>
  names.some((name) => name === host || name === `*.${host.slice(host.indexOf(".") + 1)}`);

async function checkCertificate(
  { cluster, now, stack }: Context,
  declared: DeclaredObject,
  hosts: readonly string[],
): Promise<Observation> {
  const { name, namespace = "" } = declared;
  const object = describeReference(declared);
  const causes = await cluster.findCauses(declared);
  const issued = causes.map(({ object: its, reason }): Finding => ({
    code: /^(Challenge|Order)/.test(its)
      ? "tls/challenge"
      : /Issuer/.test(its)
        ? "tls/issuer"
        : "tls/not-issued",
    object: its,
    problem: `${reason.trim()}, so ${object} is not issued`,
    fix: issueFix(its, reason, stack.name),
  }));
  const certificate = await cluster.find(kinds.certificate, name, namespace);
  const secretName = certificate?.spec.secretName ?? name;
  const secret = await cluster.find(kinds.secret, secretName, namespace);
  const pem = secret?.data["tls.crt"];
  if (pem === undefined)
    return {
      seen: [],
      findings:
        issued.length > 0
          ? issued
          : [
              {
                code: "tls/no-secret",
                object: `Secret ${namespace}/${secretName}`,
                problem: "does not exist: the ingress controller serves its own self-signed certificate",
                fix: `kubectl -n ${namespace} delete certificate ${name} && pulumi up --refresh --stack ${stack.name}`,
              },
            ],
    };
  const x509 = new X509Certificate(Buffer.from(pem, "base64"));
  const findings: Finding[] = [...issued];
  const renew = `kubectl -n ${namespace} delete secret ${secretName}`;
  const ends = new Date(x509.validTo);
  if (ends < now)
    findings.push({
      code: "tls/expired",
      object: `Secret ${namespace}/${secretName}`,
      problem: `has a certificate that ended on ${ends.toISOString()}: browsers refuse it, and Cloudflare answers 526`,
      fix: renew,
    });
  const names = parseNames(x509.subjectAltName ?? "");
  const uncovered = hosts.filter(
    (host) => covers(certificate?.spec.dnsNames ?? [], host) && !covers(names, host),
  );
  if (uncovered.length > 0)
    findings.push({
      code: "tls/wrong-names",
      object: `Secret ${namespace}/${secretName}`,
      problem: `has a certificate for ${names.join(", ")}, not for ${uncovered.join(", ")}`,
      fix: renew,
    });
  const issuer = /^O=(.*)$/m.exec(x509.issuer)?.[1] ?? /^CN=(.*)$/m.exec(x509.issuer)?.[1] ?? x509.issuer;
  return { seen: [`${object} by ${issuer} until ${ends.toISOString().slice(0, 10)}`], findings };
}

/** What repairs a certificate that is not issued, by what its issuer, order or challenge says. */
function issueFix(object: string, reason: string, stack: string): string {
  if (/Found no Zones|Invalid (access token|request headers)|Authentication error|10000|9109/.test(reason))
    return `the token lacks Zone:Read or DNS:Edit, or was revoked: pulumi config set --secret dns01Token --stack ${stack} && pulumi up --stack ${stack}`;
  if (/rateLimited|too many certificates/i.test(reason))
    return "wait until the limit of the CA ends, which its message names; meanwhile certificates.issuer: letsencrypt-staging";
  if (/propagat/i.test(reason))
    return "wait a few minutes; if it lasts, the name servers of the domain are not Cloudflare's: dig +trace NS";
  const [kind = "", id = ""] = object.split(" ");
  const [name = "", namespace] = id.split("/").reverse();
  return `kubectl describe ${kind} ${name}${namespace === undefined ? "" : ` -n ${namespace}`}`;
}

const handshakeTimeoutMs = 3000;

/** Compares the certificate that the load balancer presents for the URL's host. */
async function checkPresented({ stack, target, resolver, declared }: Context): Promise<Observation> {
  const { ipv4 } = loadBalancerOutput.parse(stack.outputs.loadBalancer ?? {});
  if (!target.url || resolver === undefined || !ipv4) return { seen: [], findings: [] };
  const { host } = target.url;
  const address = `${ipv4}:443`;
  const { subjectaltname: names = "no name" } = await handshake(ipv4, host).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NotVisible(`what ${address} presents cannot be seen from here: ${reason}`);
  });
  const controller = declared.find(
    ({ kind, step, release }) => release && step === "ingress" && kind === "Deployment",
  );
  const isRight = covers(parseNames(names), host);
  const seen = [`${address} presents a certificate for ${names}`];
  if (isRight) return { seen, findings: [] };
  return {
    seen,
    findings: [
      {
        code: "tls/presented",
        object: `Load balancer ${address}`,
        problem: `presents a certificate for ${names}, not for ${host}: another server answers, or the ingress controller has not loaded the certificate`,
        fix: `kubectl rollout restart deployment -n ${controller?.namespace} ${controller?.name}`,
      },
    ],
  };
}

const loadBalancerOutput = z.object({ ipv4: z.string().nullish() });

const parseNames = (text: string): string[] => text.split(", ").map((each) => each.replace(/^DNS:/, ""));

function handshake(host: string, servername: string): Promise<tls.PeerCertificate> {
  return new Promise((resolve, reject) => {
    const options = { host, port: 443, servername, rejectUnauthorized: false, timeout: handshakeTimeoutMs };
    const socket = tls.connect(options, () => {
      resolve(socket.getPeerCertificate());
      socket.destroy();
    });
    socket.on("timeout", () => socket.destroy(new Error(`no answer within ${handshakeTimeoutMs / 1000} s`)));
    socket.on("error", reject);
  });
}
