import * as pulumi from "@pulumi/pulumi";

import { OriginLock, type OriginLockArgs } from "../../../components/origin-lock/origin-lock";
import { run } from "../../harness";
import { pem } from "../../mocks";
import { providers } from "../providers";

export const zoneId = "0123456789abcdef0123456789abcdef";
export const cidrs = ["173.245.48.0/20", "2400:cb00::/32"];

export const args: OriginLockArgs = {
  zone: "example.com",
  zoneId,
  controller: "traefik",
  ingressNamespace: pulumi.output("traefik"),
  appNamespace: pulumi.output("production"),
  clientCertificate: true,
  allowedCidrs: pulumi.output(cidrs),
  generation: 1,
};

export const createLock = (changed: Partial<OriginLockArgs> = {}) =>
  run(() => new OriginLock("origin-lock", { ...args, ...changed }, { providers: providers() }));

const edge = "cloudflare:index/authenticatedOriginPulls";
export const uploaded = `${edge}Certificate:AuthenticatedOriginPullsCertificate origin-lock`;
export const activated = `${edge}Settings:AuthenticatedOriginPullsSettings origin-lock-settings`;
export const secret = "kubernetes:core/v1:Secret origin-lock-ca";
export const allowList = "kubernetes:traefik.io/v1alpha1:Middleware origin-lock";

export const ca = (generation: number) => [
  `tls:index/privateKey:PrivateKey origin-lock-ca-${generation}`,
  `tls:index/selfSignedCert:SelfSignedCert origin-lock-ca-${generation}`,
];
export const client = (generation: number) => [
  `tls:index/certRequest:CertRequest origin-lock-client-${generation}`,
  `tls:index/locallySignedCert:LocallySignedCert origin-lock-client-${generation}`,
  `tls:index/privateKey:PrivateKey origin-lock-client-${generation}`,
];
export const caPem = (generation: number) => pem("CERTIFICATE", `origin-lock-ca-${generation}`);
