import type { TlsOptionSpec } from "../../../custom-resources/traefik-resources";
import { traefikIdentity } from "./traefik-identity";

const { namespace } = traefikIdentity.podSelector;

/**
 * The reference of an annotation to a custom resource.
 *
 * @see https://doc.traefik.io/traefik/reference/install-configuration/providers/overview/#provider-namespace
 */
export const traefikReference = (namespace: string, name: string): string =>
  `${namespace}-${name}@kubernetescrd`;

/** The name of the TLSOption of hosts that every client may connect to. */
export const openOptionsName = "open";

/** The annotation of an Ingress whose host every client may connect to. */
export const openHostAnnotations = {
  "traefik.ingress.kubernetes.io/router.tls.options": traefikReference(namespace, openOptionsName),
} as const;

/** With `sniStrict`, a client that names no host gets no certificate, and so does not learn which hosts are served. */
const sniStrict = true;

/** The TLS options that require no client certificate: TLS 1.3, or 1.2 with authenticated encryption. */
export const openTlsOptions: TlsOptionSpec = {
  minVersion: "VersionTLS12",
  cipherSuites: ["AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256"].flatMap((suite) =>
    ["ECDSA", "RSA"].map((key) => `TLS_ECDHE_${key}_WITH_${suite}`),
  ),
  sniStrict,
};

/** The TLS options that require a client certificate of the CAs in a Secret of the same namespace. Cloudflare has TLS 1.3. */
export const lockedTlsOptions = (caSecretName: string): TlsOptionSpec => ({
  minVersion: "VersionTLS13",
  sniStrict,
  clientAuth: { secretNames: [caSecretName], clientAuthType: "RequireAndVerifyClientCert" },
});
