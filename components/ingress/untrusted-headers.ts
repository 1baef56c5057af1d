/**
 * Headers that apps commonly believe to be written by the platform, which writes none of them: the edge forwards them as
 * the client sent them. Apps get none of them. The client's address is in CF-Connecting-IP, and in X-Forwarded-For before
 * the edge's; the host is in Host.
 *
 * @see https://developers.cloudflare.com/fundamentals/reference/http-headers/
 */
export const untrustedHeaders = [
  // The client's address.
  ...["X-Real-Ip", "True-Client-Ip", "X-Client-Ip", "X-Cluster-Client-Ip", "Forwarded"],
  // The URL that the client asked for, from which apps build links.
  ...["X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Server", "X-Forwarded-Uri"],
  ...["X-Forwarded-Method", "X-Original-Host", "X-Original-Url", "X-Rewrite-Url"],
  // The path before a rewrite, to which Traefik adds its own later.
  "X-Replaced-Path",
  // The client's certificate.
  ...["X-Forwarded-Tls-Client-Cert", "X-Forwarded-Tls-Client-Cert-Info"],
] as const;
