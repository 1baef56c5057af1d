import { findTcpPort } from "../../components/app/app-ports";
import { unsupportedTls } from "../../components/ingress/controllers";
import { errorIf, type ConfigError } from "../config-error";
import { appRule, type NamedApp, type Rule } from "../rule";

/** Rules about the TLS of one app. */
export const tlsRules: readonly Rule[] = [
  appRule([], (app) => (app.tls === undefined ? [] : [...findProtocolErrors(app), ...findProbeErrors(app)])),
  appRule(["ingress"], (app, { ingress }) => {
    const message = unsupportedTls(app, ingress.controller);
    return message === undefined ? [] : [{ path: "tls", message }];
  }),
];

/** The mesh parses no request that is encrypted when it comes to a proxy. */
const findProtocolErrors = ({ protocol, canary, meshed, routes, ...ports }: NamedApp): ConfigError[] => [
  ...routes.flatMap(({ port }, index) =>
    errorIf(
      findTcpPort({ ...ports, protocol }, port)?.number !== ports.port,
      `routes.${index}.port`,
      `got ${port}, but tls is the TLS of port ${ports.port}; want none, or an app without tls`,
    ),
  ),
  ...errorIf(
    protocol === "tcp" || protocol === "udp",
    "tls",
    `cannot be combined with protocol: ${protocol}, which is forwarded as it is; want none, or protocol: http or grpc`,
  ),
  ...errorIf(
    canary !== undefined && meshed,
    "canary",
    "cannot be combined with tls, since the mesh sees no requests to split in it; want meshed: false, or none",
  ),
];

/** The proxy of a meshed pod authorizes the kubelet's requests by their path, which it does not see in TLS. */
function findProbeErrors(app: NamedApp): ConfigError[] {
  const { healthPath, probes, meshed, port } = app;
  if (!meshed) return [];
  const message =
    "cannot be combined with tls, since the proxy of a meshed pod denies an HTTPS probe; want none, so that the probe only " +
    "opens the port, another port, an exec probe in container, or meshed: false";
  const isOnTls = (at: number | string | undefined) => findTcpPort(app, at)?.number === port;
  return [
    ...errorIf(healthPath !== undefined, "healthPath", message),
    ...Object.entries(probes).flatMap(([name, { path, port: at }]) =>
      errorIf(path !== undefined && isOnTls(at), `probes.${name}.path`, message),
    ),
  ];
}
