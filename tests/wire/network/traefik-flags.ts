import type { z } from "zod";

import type { Probe } from "./node-port";
import { chartValues, ports, type entryPoint } from "./traefik-chart-values";

/**
 * The arguments that the chart would start Traefik with. The chart is not to be had here: its pod template
 * (traefik/templates/_podtemplate.tpl) is what this follows.
 *
 * @param values of the Helm release.
 * @param pod the address that entry points listen on; in a pod, all of them.
 * @throws {z.ZodError} a value that it does not know.
 * @see https://github.com/traefik/traefik-helm-chart
 */
export function traefikFlags(values: unknown, pod: string): string[] {
  const {
    ports: entryPoints,
    providers,
    log,
    accessLog,
    metrics,
    additionalArguments,
  } = chartValues.parse(values);
  const { kubernetesCRD: crd, kubernetesIngress: ingress, kubernetesGateway: gateway } = providers;
  return [
    ...Object.entries(ports).map(([name, [port]]) => `--entryPoints.${name}.address=${pod}:${port}/tcp`),
    ...Object.entries(entryPoints).flatMap(([name, each]) => entryPointFlags(name, each)),
    "--global.checkNewVersion=false",
    "--ping=true",
    "--metrics.prometheus=true",
    "--metrics.prometheus.entrypoint=metrics",
    `--metrics.prometheus.addRoutersLabels=${metrics.prometheus.addRoutersLabels}`,
    ...(crd.enabled
      ? ["--providers.kubernetescrd", `--providers.kubernetescrd.nativeLBByDefault=${crd.nativeLBByDefault}`]
      : []),
    `--providers.kubernetescrd.allowCrossNamespace=${crd.allowCrossNamespace}`,
    ...(ingress.enabled
      ? [
          "--providers.kubernetesingress",
          `--providers.kubernetesingress.nativeLBByDefault=${ingress.nativeLBByDefault}`,
          `--providers.kubernetesingress.strictPrefixMatching=${ingress.strictPrefixMatching}`,
          `--providers.kubernetesingress.ingressendpoint.ip=${ingress.ingressEndpoint.ip}`,
        ]
      : []),
    ...(gateway?.enabled === true
      ? [
          "--providers.kubernetesgateway",
          `--providers.kubernetesgateway.nativeLBByDefault=${gateway.nativeLBByDefault}`,
          `--providers.kubernetesgateway.statusaddress.ip=${gateway.statusAddress.ip}`,
        ]
      : []),
    `--log.level=${log.level}`,
    `--log.format=${log.format}`,
    `--accesslog=${accessLog.enabled}`,
    `--accesslog.format=${accessLog.format}`,
    ...additionalArguments,
  ];
}

/** Ports on each node, to those of the pod. @throws {z.ZodError} as {@link traefikFlags}. */
export function traefikNodePorts(values: unknown): Readonly<Record<number, number>> {
  const { web, websecure } = chartValues.parse(values).ports;
  return Object.fromEntries(
    [
      [web.nodePort, ports.web[0]],
      [websecure.nodePort, ports.websecure[0]],
    ].filter(([nodePort]) => nodePort !== undefined),
  ) as Record<number, number>;
}

/** The container's readiness probe. @throws {z.ZodError} as {@link traefikFlags}. */
export function traefikProbe(values: unknown): Probe {
  const { deployment, readinessProbe } = chartValues.parse(values);
  return { ...readinessProbe, port: deployment.healthchecksPort, path: "/ping" };
}

function entryPointFlags(name: string, each: z.infer<typeof entryPoint>): string[] {
  const { asDefault, http, proxyProtocol, forwardedHeaders, transport } = each;
  const redirect = http?.redirections?.entryPoint;
  const flags: Readonly<Record<string, string | number | boolean | undefined>> = {
    asDefault,
    "http.redirections.entryPoint.to": redirect && `:${findExposedPort(redirect.to)}`,
    "http.redirections.entryPoint.scheme": redirect?.scheme,
    "http.redirections.entryPoint.permanent": redirect?.permanent,
    "http.middlewares": http?.middlewares?.join(","),
    "http.tls": http?.tls?.enabled,
    "forwardedHeaders.trustedIPs": forwardedHeaders?.trustedIPs.join(","),
    "proxyProtocol.trustedIPs": proxyProtocol?.trustedIPs.join(","),
    "transport.lifeCycle.requestAcceptGraceTimeout": transport?.lifeCycle.requestAcceptGraceTimeout,
    "transport.lifeCycle.graceTimeOut": transport?.lifeCycle.graceTimeOut,
    "transport.respondingTimeouts.readTimeout": transport?.respondingTimeouts.readTimeout,
    "transport.respondingTimeouts.idleTimeout": transport?.respondingTimeouts.idleTimeout,
    "transport.keepAliveMaxTime": transport?.keepAliveMaxTime,
  };
  return Object.entries(flags).flatMap(([flag, value]) =>
    value === undefined ? [] : [`--entryPoints.${name}.${flag}=${value}`],
  );
}

/** The port that the chart's Service shows of an entry point. */
function findExposedPort(name: string): number {
  const found = Object.entries(ports).find(([each]) => each === name);
  if (found === undefined)
    throw new Error(`a redirect leads to ${name}, which is no entry point of the chart`);
  return found[1][1];
}
