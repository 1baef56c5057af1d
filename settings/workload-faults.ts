import { toNamedPorts } from "../components/app/app-ports";
import { canaryName, findPodOwners } from "../components/network-policy/call-graph";
import { unsupportedCanary } from "../components/ingress/canary";
import type { Readable } from "./cross-faults";
import type { Fault } from "./faults";
import type { AppConfig } from "./schema";
import { serviceFaults } from "./service-faults";
import { wholeApps } from "./whole-apps";

/** Faults of what an app is and of what it runs. */
export const workloadFaults = (config: Readable): Fault[] => [
  ...wholeApps(config.apps).flatMap(([name, app]) =>
    [
      ...kindFaults(app),
      ...sharedPodFaults(name, app, config),
      ...(app.image === undefined ? [] : podFaults(name, app, config)),
    ].map(({ path, problem }) => ({ path: `apps.${name}.${path}`, problem })),
  ),
  ...serviceFaults(config),
];

type Word = keyof AppConfig;

/** What is said of pods that are made here. */
const ofPods: readonly Word[] = [
  "image",
  "replicas",
  "autoscaling",
  "healthPath",
  "probes",
  "drainSeconds",
  "resources",
  "env",
  "secrets",
  "canary",
];
/** What is said of an app that is there already. */
const ofExisting: readonly Word[] = ["namespace", "podLabels", "serviceAccount", "serviceName"];

const isExternal = ({ service }: AppConfig): boolean => service?.type === "ExternalName";

const isSaid = (value: unknown): boolean =>
  value !== undefined && (typeof value !== "object" || value === null || Object.keys(value).length > 0);

/** An app is pods of an image, a Service that is there, or a name for what is elsewhere, and each has its own words. */
function kindFaults(app: AppConfig): Fault[] {
  const given = (words: readonly Word[], problem: string): Fault[] =>
    words.filter((word) => isSaid(app[word])).map((path) => ({ path, problem }));
  if (app.existing)
    return given(
      [...ofPods, "service", "protocol"],
      "is given with existing: true, want none: its pods and its Service are another's",
    );
  const made = given(
    ofExisting,
    "is given without existing: true, want none: what is made here has the app's own name and labels, with the other apps",
  );
  if (isExternal(app))
    return [
      ...made,
      ...given(
        [...ofPods, "calls", "routes"],
        "is given with service.type ExternalName, want none: it has no pods, it is a name for what is elsewhere",
      ),
    ];
  if (app.image !== undefined) return made;
  const problem =
    "is missing, want an image with its tag or digest, such as ghcr.io/org/api:v1.0.0; or existing: true for a Service " +
    "that is there already, or service.type: ExternalName for a name elsewhere";
  return [...made, { path: "image", problem }];
}

/** Faults of an existing app whose labels select the pods of an app made here: it cannot say otherwise what they are. */
function sharedPodFaults(name: string, app: AppConfig, { apps, namespace }: Readable): Fault[] {
  if (namespace === undefined) return [];
  const made = wholeApps(apps)
    .filter(([, each]) => !isExternal(each))
    .map(([its, each]) => ({ ...each, name: its }));
  return findPodOwners({ ...app, name }, made, namespace).flatMap((owner): Fault[] => {
    const whose = `its podLabels select the pods of ${owner.name}`;
    const meshed = `got ${app.meshed}, want ${owner.meshed}: ${whose}, whose meshed is ${owner.meshed}`;
    const account = `got ${app.serviceAccount ?? ""}, want none: ${whose}, which have the ServiceAccount ${owner.name}`;
    return [
      ...(app.meshed === owner.meshed ? [] : [{ path: "meshed", problem: meshed }]),
      ...(app.serviceAccount === undefined ? [] : [{ path: "serviceAccount", problem: account }]),
    ];
  });
}

/** Faults of pods that are made here. */
const podFaults = (name: string, app: AppConfig, config: Readable): Fault[] => [
  ...scaleFaults(app),
  ...portFaults(app),
  ...probeFaults(app),
  ...envFaults(app),
  ...canaryFaults(name, app, config),
];

function scaleFaults({ replicas, autoscaling }: AppConfig): Fault[] {
  if (autoscaling === undefined) return [];
  const { min, max } = autoscaling;
  return [
    ...(replicas === undefined
      ? []
      : [{ path: "autoscaling", problem: `is given with replicas ${replicas}, want one of the two` }]),
    ...(min <= max
      ? []
      : [{ path: "autoscaling", problem: `got min ${min} and max ${max}, want min up to max` }]),
  ];
}

function portFaults({ port, protocol = "http", ports, servicePort = port }: AppConfig): Fault[] {
  return Object.entries(ports).flatMap(([name, number], index, all): Fault[] => {
    const fault = (problem: string) => [{ path: `ports.${name}`, problem }];
    if (name === protocol) return fault(`has the name that port ${port} has by its protocol, want another`);
    const [same] = all.slice(0, index).find(([, other]) => other === number) ?? [];
    if (same !== undefined) return fault(`got ${number}, which is ports.${same} already, want another`);
    if (number === port) return fault(`got ${number}, which is port already, want another`);
    if (number === servicePort)
      return fault(`got ${number}, which the Service offers as servicePort already, want another`);
    return [];
  });
}

function probeFaults(app: AppConfig): Fault[] {
  const declared = Object.entries(toNamedPorts(app));
  return Object.entries(app.probes).flatMap(([probe, { port = app.port, path, tcp }]): Fault[] => [
    ...(declared.some((each) => each.includes(port))
      ? []
      : [
          {
            path: `probes.${probe}.port`,
            problem:
              `got ${port}, want a port that the app declares: ` +
              declared.map(([name, number]) => `${number} (${name})`).join(", "),
          },
        ]),
    ...(path === undefined || tcp === undefined
      ? []
      : [{ path: `probes.${probe}`, problem: `got both path ${path} and tcp, want one of the two` }]),
  ]);
}

const envFaults = ({ env, secrets }: AppConfig): Fault[] =>
  Object.keys(secrets)
    .filter((variable) => Object.hasOwn(env, variable))
    .map((variable) => ({
      path: `secrets.${variable}`,
      problem: "is given in env as well, want it in one of the two",
    }));

function canaryFaults(name: string, app: AppConfig, { apps, ingress }: Readable): Fault[] {
  const { canary, protocol, service } = app;
  if (canary === undefined) return [];
  const its = canaryName(name);
  const refused = ingress && unsupportedCanary(app, ingress.controller);
  const problems = [
    Object.hasOwn(apps, its) && `is named ${its}, and so is another app; want another name for that one`,
    its.length > 63 &&
      `is named ${its}, which is too long for a Service; want an app name of at most 56 characters`,
    protocol === "tcp" &&
      "is given with protocol tcp, of which nobody can split requests; want http or grpc, or none",
    service?.type === "Headless" &&
      "is given with a headless Service, whose callers choose a pod by themselves; want type: ClusterIP, or none",
    refused,
  ];
  return problems.flatMap((problem) => (typeof problem === "string" ? [{ path: "canary", problem }] : []));
}
