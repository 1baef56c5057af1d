import { X509Certificate } from "node:crypto";

import { platformNamespaces } from "../../components/namespaces";
import type { Context } from "../context";
import { describeReference } from "../../components/waits/find-causes";
import type { Check } from "../diagnose";
import { countOf, type Finding } from "../finding";
import { findPods, isMeshed, type Pod } from "../flows";
import { kinds } from "../kinds";
import { describeObject } from "../live-cluster";
import { checkAuthorization } from "../mesh-authorization";
import { checkWorkload } from "./pods";

const { certManager, linkerd, linkerdViz } = platformNamespaces;

/** Checks Linkerd: its control plane, its certificates, the proxies of the target's apps and who may call them. */
export const checkMesh: Check = async (context) => {
  const { cluster, declared } = context;
  const own = declared.filter(
    ({ step, name, namespace }) =>
      step === "mesh" || (namespace === certManager && /^(trust-manager|linkerd-trust-anchor)$/.test(name)),
  );
  const issuer = own.find(({ kind, name }) => kind === "Certificate" && name === "linkerd-identity-issuer");
  if (issuer === undefined) return { seen: ["not installed"], findings: [] };
  const { spec } = kinds.certificate.shape.parse(issuer.manifest);
  const workloads = own.filter(({ kind }) => kind === "Deployment");
  const certificates = own.filter(({ kind }) => kind === "Certificate");
  const [identity, webhooks, proxies, authorization, ...others] = await Promise.all([
    checkIdentity(context),
    checkWebhooks(context),
    checkProxies(context),
    checkAuthorization(context, (spec.commonName ?? "").replace("identity.linkerd.", "")),
    ...workloads.map(async (each) => (await checkWorkload(context, each)).findings),
    ...certificates.map(async (each) =>
      (await cluster.findCauses(each)).map(({ object, reason }): Finding => ({
        code: "mesh/certificate",
        object,
        problem: `${reason.trim()}, so ${describeReference(each)} is not issued`,
        fix: `kubectl -n ${each.namespace} describe certificate ${each.name}`,
      })),
    ),
  ]);
  return {
    seen: [...identity.seen, proxies.seen, `${countOf(authorization.count, "flow")} authorized`],
    findings: [
      ...others.flat(),
      ...[identity, webhooks, proxies, authorization].flatMap(({ findings }) => findings),
    ],
  };
};

const decode = (base64: string | undefined): string => Buffer.from(base64 ?? "", "base64").toString();

/** The certificates of a PEM text. */
const parseCertificates = (pem: string): X509Certificate[] =>
  [...pem.matchAll(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g)].map(
    ([each]) => new X509Certificate(each),
  );

const isExpired = (certificate: X509Certificate, now: Date): boolean => new Date(certificate.validTo) < now;

const isSignedBy = (certificate: X509Certificate, authority: X509Certificate): boolean =>
  certificate.checkIssued(authority) && certificate.verify(authority.publicKey);

const restartTrustManager = `kubectl -n ${certManager} rollout restart deployment trust-manager`;
const noIdentity = "no pod that starts gets an identity";

/** Checks the identity issuer and the anchors that the proxies trust. That the issuer is valid for 48 hours is intended. */
async function checkIdentity({ cluster, now }: Context) {
  const name = "linkerd-identity-issuer";
  const [secret, roots, anchor] = await Promise.all([
    cluster.find(kinds.secret, name, linkerd),
    cluster.find(kinds.configMap, "linkerd-identity-trust-roots", linkerd),
    cluster.find(kinds.secret, "linkerd-trust-anchor", certManager),
  ]);
  const renew = `kubectl -n ${linkerd} delete secret ${name}`;
  const object = `Secret ${linkerd}/${name}`;
  const [certificate] = parseCertificates(decode(secret?.data["tls.crt"]));
  const anchors = parseCertificates(roots?.data["ca-bundle.crt"] ?? "");
  const valid = anchors.filter((each) => !isExpired(each, now));
  const findings: Finding[] = [];
  if (valid.length === 0)
    findings.push({
      code: "mesh/no-anchor",
      object: `ConfigMap ${linkerd}/linkerd-identity-trust-roots`,
      problem: `has ${anchors.length === 0 ? "no trust anchor" : "expired trust anchors only"}: proxies accept no certificate, and no pod starts`,
      fix:
        anchors.length === 0
          ? restartTrustManager
          : "create a new anchor: docs/mesh.md, Rotating the trust anchor",
    });
  if (certificate === undefined) {
    findings.push({
      code: "mesh/no-issuer",
      object,
      problem: `has no certificate: ${noIdentity}`,
      fix: renew,
    });
    return { seen: [], findings };
  }
  if (isExpired(certificate, now))
    findings.push({
      code: "mesh/issuer-expired",
      object,
      problem: `has a certificate that ended on ${new Date(certificate.validTo).toISOString()}: ${noIdentity}, and those of running pods end within 24 hours`,
      fix: renew,
    });
  if (valid.length > 0 && !valid.some((each) => isSignedBy(certificate, each))) {
    const [current] = parseCertificates(decode(anchor?.data["tls.crt"]));
    const isSynced = anchors.some(({ fingerprint256 }) => fingerprint256 === current?.fingerprint256);
    findings.push({
      code: "mesh/issuer-not-trusted",
      object,
      problem: `is signed by none of the ${valid.length} trust anchors in ConfigMap ${linkerd}/linkerd-identity-trust-roots: proxies refuse the identities that it signs`,
      fix: isSynced ? renew : restartTrustManager,
    });
  }
  return { seen: [`identity issuer until ${new Date(certificate.validTo).toISOString()}`], findings };
}

/** Checks the certificates of Linkerd's webhooks against the CA by which the API server verifies them. */
async function checkWebhooks({ cluster, now }: Context) {
  const configurations = (
    await Promise.all(
      [kinds.mutatingWebhooks, kinds.validatingWebhooks].map(async (kind) =>
        (await cluster.list(kind)).map((each) => ({ ...each, kind: kind.kind })),
      ),
    )
  ).flat();
  const findings = await Promise.all(
    configurations.flatMap((configuration) =>
      configuration.webhooks.map(async ({ clientConfig: { caBundle, service } }): Promise<Finding[]> => {
        if (service === undefined || ![linkerd, linkerdViz].some((each) => each === service.namespace))
          return [];
        const { namespace } = service;
        const name = `${service.name}-k8s-tls`;
        const secret = await cluster.find(kinds.secret, name, namespace);
        const [certificate] = parseCertificates(decode(secret?.data["tls.crt"]));
        const authorities = parseCertificates(decode(caBundle));
        const isTrusted =
          certificate !== undefined &&
          authorities.some((each) => !isExpired(each, now) && isSignedBy(certificate, each));
        const webhook = describeObject(configuration.kind, configuration);
        const effect = `the API server cannot call ${webhook}`;
        const code = "mesh/webhook-certificate";
        if (certificate === undefined || isExpired(certificate, now))
          return [
            {
              code,
              object: `Secret ${namespace}/${name}`,
              problem: `has ${certificate === undefined ? "no certificate" : `a certificate that ended on ${new Date(certificate.validTo).toISOString()}`}: ${effect}`,
              fix: `kubectl -n ${namespace} delete secret ${name}`,
            },
          ];
        return isTrusted
          ? []
          : [
              {
                code,
                object: webhook,
                problem: `has a caBundle that does not verify the certificate in Secret ${namespace}/${name}: the API server cannot call it`,
                fix: `kubectl -n ${certManager} rollout restart deployment cert-manager-cainjector`,
              },
            ];
      }),
    ),
  );
  return { findings: findings.flat() };
}

const hasProxy = ({ spec }: Pod): boolean =>
  [...spec.containers, ...spec.initContainers].some(({ name }) => name === "linkerd-proxy");

/** Checks that the pods of meshed apps have a proxy. */
async function checkProxies(context: Context) {
  const all = await context.cluster.list(kinds.pod);
  // The charts give the control plane's pods their proxies, without the injector.
  if (!all.some(hasProxy))
    return {
      seen: "whether pods have a proxy cannot be seen: nothing in this cluster has one",
      findings: [],
    };
  const pods = (await Promise.all(context.target.apps.map((app) => findPods(context, app)))).flat();
  const meshed = pods.filter(isMeshed);
  const findings = meshed
    .filter((pod) => !hasProxy(pod))
    .map(({ metadata }): Finding => {
      const { name, namespace, labels } = metadata;
      const [deployment] = name.split(`-${labels["pod-template-hash"]}-`);
      return {
        code: "mesh/no-proxy",
        object: `Pod ${namespace}/${name}`,
        problem:
          "has no proxy, although it asks for one: it has no identity, so meshed apps refuse its calls, and nothing authorizes calls to it",
        fix:
          deployment === name
            ? `kubectl -n ${namespace} delete pod ${name}`
            : `kubectl -n ${namespace} rollout restart deployment ${deployment}`,
      };
    });
  return { seen: `${meshed.length} meshed pods`, findings };
}
