import { findTcpPort, listPorts } from "../../components/app/app-ports";
import { findNodeFields } from "../../components/app/pod-fields";
import { unsupportedCanary } from "../../components/ingress/controllers";
import { errorIf, type ConfigError } from "../config-error";
import { appRule, type NamedApp, type Rule } from "../rule";
import { serviceRules } from "./service-rules";
import { tlsRules } from "./tls-rules";
import { trafficRules } from "./traffic-rules";

/** Rules about one app alone. */
export const appRules: readonly Rule[] = [
  appRule([], (app) => (app.image === undefined ? [] : findPodErrors(app))),
  appRule(["ingress"], (app, { ingress }) => {
    const message = app.image === undefined ? undefined : unsupportedCanary(app, ingress.controller);
    return message === undefined ? [] : [{ path: "canary", message }];
  }),
  appRule(["protect"], (app, { protect }) =>
    protect
      ? findNodeFields(app).map((path) => ({
          path,
          message: "gives the pod a part of its node, want none of it, or protect: false",
        }))
      : [],
  ),
  ...serviceRules,
  ...tlsRules,
  ...trafficRules,
];

const findPodErrors = (app: NamedApp): ConfigError[] => [
  ...findScaleErrors(app),
  ...findPortErrors(app),
  ...errorIf(
    app.healthPath !== undefined && findTcpPort(app) === undefined,
    "healthPath",
    "cannot be combined with protocol: udp, which no probe speaks; want probes with the path and a TCP port",
  ),
  ...findProbeErrors(app),
  ...findEnvErrors(app),
  ...findCanaryErrors(app),
];

function findScaleErrors({ replicas, autoscaling }: NamedApp): ConfigError[] {
  if (autoscaling === undefined) return [];
  const { min, max } = autoscaling;
  return [
    ...errorIf(
      replicas !== undefined,
      "autoscaling",
      "cannot be combined with replicas, set exactly one of the two",
    ),
    ...errorIf(min > max, "autoscaling", `got min ${min} and max ${max}, want min up to max`),
  ];
}

/** Names and numbers of further ports that another port of the app has. */
function findPortErrors({ port, protocol = "http", ports, servicePort = port }: NamedApp): ConfigError[] {
  const isUdp = protocol === "udp";
  return listPorts({ ports }).flatMap(({ name, number, transport }, index, all): ConfigError[] => {
    const error = (message: string) => [{ path: `ports.${name}`, message }];
    if (name === protocol) return error(`is the name of port ${port}, by its protocol, want another`);
    const same = all
      .slice(0, index)
      .find((other) => other.number === number && other.transport === transport);
    if (same !== undefined) return error(`got ${number}, which is ports.${same.name} already, want another`);
    if (isUdp !== (transport === "UDP")) return [];
    if (number === port) return error(`got ${number}, which is port already, want another`);
    if (number === servicePort)
      return error(`got ${number}, which the Service offers as servicePort already, want another`);
    return [];
  });
}

function findProbeErrors(app: NamedApp): ConfigError[] {
  const declared = listPorts(app).filter(({ transport }) => transport === "TCP");
  return Object.entries(app.probes).flatMap(([name, probe]): ConfigError[] => {
    const { port = findTcpPort(app)?.number, path, tcp } = probe;
    if ("off" in probe && probe.off === true)
      return errorIf(
        Object.keys(probe).length > 1,
        `probes.${name}`,
        "has off: true and other keys, want one of the two",
      );
    if (port === undefined)
      return [
        {
          path: `probes.${name}`,
          message: "requires port; want an exec probe in container, such as livenessProbe",
        },
      ];
    return [
      ...errorIf(
        findTcpPort(app, port) === undefined,
        `probes.${name}.port`,
        `got ${port}, want a port that the app declares: ` +
          declared.map(({ name: portName, number }) => `${number} (${portName})`).join(", "),
      ),
      ...errorIf(
        !(path === undefined || tcp === undefined),
        `probes.${name}`,
        `got both path ${path} and tcp, set exactly one of the two`,
      ),
    ];
  });
}

const findEnvErrors = ({ env, secrets }: NamedApp): ConfigError[] =>
  Object.keys(secrets)
    .filter((variable) => Object.hasOwn(env, variable))
    .map((variable) => ({
      path: `secrets.${variable}`,
      message: "is set in env as well, set it in exactly one of the two",
    }));

function findCanaryErrors({ canary, protocol, service }: NamedApp): ConfigError[] {
  if (canary === undefined) return [];
  return [
    ...errorIf(
      protocol === "tcp" || protocol === "udp",
      "canary",
      `cannot be combined with protocol: ${protocol}, which has no requests to split`,
    ),
    ...errorIf(
      service?.type === "Headless",
      "canary",
      "cannot be combined with service.type Headless, whose callers select a pod themselves; want type: ClusterIP",
    ),
  ];
}
