import { z } from "zod";

import { controllers } from "../../../components/ingress/controllers";
import { healthPort } from "../../../components/ingress/controllers/nginx/nginx-health";

const { healthPath } = controllers.nginx.installation;

const values = z.looseObject({
  controller: z.looseObject({
    ingressClassResource: z.strictObject({ enabled: z.boolean(), default: z.boolean(), name: z.string() }),
    readinessProbe: z.strictObject({ failureThreshold: z.number() }),
    service: z.looseObject({ nodePorts: z.strictObject({ http: z.number(), https: z.number() }) }),
    extraArgs: z.strictObject({
      "publish-status-address": z.string(),
      "shutdown-grace-period": z.string(),
      "default-ssl-certificate": z.string(),
    }),
    config: z.looseObject({
      "use-proxy-protocol": z.enum(["true", "false"]),
      "proxy-real-ip-cidr": z.string(),
      "force-ssl-redirect": z.literal("true"),
      "worker-shutdown-timeout": z.string(),
      "keep-alive": z.string().optional(),
    }),
  }),
});

/** The ports of a stand-in for ingress-nginx: http, https and health. */
const ports = { http: 80, https: 443, traefik: healthPort } as const;

/** The chart's values that a replica needs. */
export function parseNginxValues(given: unknown) {
  const { controller } = values.parse(given);
  const { nodePorts } = controller.service;
  return {
    nodePorts: { [nodePorts.http]: ports.http, [nodePorts.https]: ports.https },
    /** As the chart has it, but for the threshold. */
    probe: { port: ports.traefik, path: healthPath, periodSeconds: 10, ...controller.readinessProbe },
    ingressClass: controller.ingressClassResource,
    /** As `namespace/name`. */
    defaultCertificate: controller.extraArgs["default-ssl-certificate"],
  };
}

/** Configuration for the file provider: ingress-nginx' health path, answered by Traefik's ping. */
export const healthRouter = {
  routers: {
    health: { rule: `Path(\`${healthPath}\`)`, entryPoints: ["traefik"], service: "ping@internal" },
  },
};

/**
 * The arguments of what runs in ingress-nginx' place: Traefik, which reads nginx' Ingress objects and annotations. The
 * controller itself is a program in C and Lua that no registry here has. It covers which objects are read,
 * addresses and the end of connections, not nginx' implementation of each annotation.
 *
 * @param folder of a file provider that holds the default certificate and the {@link healthRouter}.
 * @see https://doc.traefik.io/traefik/reference/install-configuration/providers/kubernetes/kubernetes-ingress-nginx/
 */
export function nginxFlags(given: unknown, pod: string, folder: string): string[] {
  const { ingressClassResource, extraArgs, config } = values.parse(given).controller;
  const accept = `${extraArgs["shutdown-grace-period"]}s`;
  const keepAlive = config["keep-alive"];
  const entryPoint = (name: "http" | "https") =>
    Object.entries({
      address: `${pod}:${ports[name]}/tcp`,
      ...(config["use-proxy-protocol"] === "true" && {
        "proxyProtocol.trustedIPs": config["proxy-real-ip-cidr"],
      }),
      "forwardedHeaders.trustedIPs": config["proxy-real-ip-cidr"],
      "transport.lifeCycle.requestAcceptGraceTimeout": accept,
      "transport.lifeCycle.graceTimeOut": config["worker-shutdown-timeout"],
      ...(keepAlive !== undefined && {
        "transport.respondingTimeouts.idleTimeout": `${keepAlive}s`,
        "transport.keepAliveMaxTime": `${keepAlive}s`,
      }),
    }).map(([flag, value]) => `--entryPoints.${name}.${flag}=${value}`);
  return [
    ...entryPoint("http"),
    "--entryPoints.http.http.redirections.entryPoint.to=:443",
    "--entryPoints.http.http.redirections.entryPoint.scheme=https",
    ...entryPoint("https"),
    "--entryPoints.https.asDefault=true",
    "--entryPoints.https.http.tls=true",
    `--entryPoints.traefik.address=${pod}:${ports.traefik}/tcp`,
    `--entryPoints.traefik.transport.lifeCycle.requestAcceptGraceTimeout=${accept}`,
    "--global.checkNewVersion=false",
    "--ping=true",
    "--ping.manualRouting=true",
    "--providers.kubernetesIngressNGINX=true",
    `--providers.kubernetesIngressNGINX.ingressClass=${ingressClassResource.name}`,
    `--providers.kubernetesIngressNGINX.publishStatusAddress=${extraArgs["publish-status-address"]}`,
    `--providers.file.directory=${folder}`,
    "--log.level=INFO",
    "--log.format=json",
  ];
}
