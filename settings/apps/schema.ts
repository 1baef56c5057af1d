import { z } from "zod";

import { ownedContainerFields, ownedPodFields } from "../../components/app/pod-fields";
import { addErrors, errorIf, type ConfigError } from "../config-error";
import { egress } from "./egress";
import { label, port } from "../formats/names";
import { isSet } from "../formats/optional-section";
import { resources } from "../formats/resources";
import { route } from "./routes";
import { service } from "./service";
import { serviceProfile, traffic } from "./traffic";
import * as workload from "./workload";

/**
 * One app: pods of an `image`, a Service that exists already (`existing`), or a Service of type ExternalName for a host
 * outside of the cluster.
 */
export const allSettings = z.strictObject({
  /**
   * The container image, with tag or digest. Set exactly one of `image`, `existing` and a Service of type
   * `ExternalName`.
   */
  image: workload.image.optional(),
  /** Whether its Service and pods exist already and are managed elsewhere. */
  existing: z.boolean().default(false),
  /** The namespace of the existing Service. Default: that of the apps. */
  namespace: workload.namespace.optional(),
  /** The labels of the existing Service's pods. Default: `app` with the app's name. */
  podLabels: workload.podLabels.optional(),
  /** The ServiceAccount of the existing Service's pods, which is their mesh identity. Default: `default`. */
  serviceAccount: workload.account.optional(),
  /** The name of the existing Service. Default: the app's name. */
  serviceName: label.optional(),
  /** The app's Service. Default: type `ClusterIP`. */
  service: service.optional(),
  /**
   * The protocol on `port`: HTTP, gRPC, TCP, which the mesh forwards without parsing it, or UDP, which the mesh does not
   * carry. Default: http.
   */
  protocol: workload.protocol.optional(),
  /**
   * TLS on `port`: the ingress controller connects to it by HTTPS, and verifies its certificate. Default: none; between meshed
   * pods Linkerd encrypts anyway.
   */
  tls: workload.tls.optional(),
  /** The port of its container. Default: none; the app only calls, and has no Service and no probes. */
  port: port.optional(),
  /** The port of its Service. Default: `port`. */
  servicePort: port.optional(),
  /**
   * Further ports of the container, by name: `{metrics: 9090}`, or with their protocol: `{ssh: {port: 2222, protocol: tcp}}`.
   * The Service has them too. Callers detect the protocol of a port without one, for which the client must speak first.
   */
  ports: workload.ports,
  /** The number of pods. Default: 2. Cannot be combined with `autoscaling`. */
  replicas: workload.replicas.optional(),
  /** Horizontal pod autoscaling by CPU, instead of `replicas`. */
  autoscaling: workload.autoscaling.optional(),
  /** Whether the pods have Linkerd's proxy. */
  meshed: z.boolean().default(true),
  /** The path of the HTTP probes. Default: none, the probes only open the port. */
  healthPath: workload.path.optional(),
  /** Overrides of the probes. Unset keys have Kubernetes' defaults. `off: true`: no such probe. */
  probes: workload.probes,
  /**
   * How many seconds a terminating pod still serves, so that load balancers can remove it first. Default: none.
   * Kubernetes 1.30 or newer.
   */
  drainSeconds: workload.drainSeconds.optional(),
  /** The resources of each pod. */
  resources: resources.unwrap().optional(),
  /** Environment variables. Not for secrets: their values are in the Deployment. */
  env: workload.env,
  /** Environment variables from existing Secrets: `{TOKEN: {secret: api, key: token}}`. */
  secrets: workload.secrets,
  /**
   * Text files in the container, by their path: `{/etc/app/config.yaml: "..."}`. A change of their content replaces the
   * pods. Not for secrets: mount those of a Secret by `pod.volumes` and `container.volumeMounts`.
   */
  files: workload.files.optional(),
  /**
   * Further fields of the pods, in the spelling of Kubernetes' PodSpec: `imagePullSecrets`, `volumes`, `initContainers`,
   * further `containers`, `securityContext`, `nodeSelector`, `tolerations`, `affinity`, `hostAliases` and others. They are
   * merged into the generated ones, items of lists by name. The API server checks their names and types in the preview.
   *
   * @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec
   */
  pod: workload.podFields(ownedPodFields).optional(),
  /**
   * Further fields of the app's own container, in the spelling of Kubernetes' Container: `command`, `args`, `envFrom`,
   * `volumeMounts`, `securityContext`, `lifecycle`, probes of other kinds and others. They are merged as those of `pod`.
   *
   * @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container
   */
  container: workload.podFields(ownedContainerFields).optional(),
  /**
   * A second version of the app, which gets a share of the requests: by the mesh if the app is meshed, otherwise
   * by ingress-nginx or Gateway API.
   */
  canary: workload.canary.optional(),
  /** Timeouts, retries and circuit breaking of meshed callers. Linkerd's older alternative is `serviceProfile`. */
  traffic: traffic.optional(),
  /**
   * A ServiceProfile, Linkerd's older alternative to `traffic`. Cannot be combined with `traffic` and `canary`,
   * which Linkerd then ignores.
   */
  serviceProfile: serviceProfile.optional(),
  /** The apps that it calls. All other connections are dropped. */
  calls: z.array(z.string()).default([]),
  /** The hosts and ranges outside of the cluster to which it may connect. */
  egress: z.array(egress).default([]),
  /**
   * Access to the Kubernetes API: the pods may connect to it, and those of an `image` get a token. Default: neither.
   * `{}` on an existing app lets its pods connect, such as those of a database that an operator runs.
   */
  kubernetesApi: workload.kubernetesApi.optional(),
  /** The ports of admission or conversion webhooks, by number or name, to which the API server connects. */
  webhooks: z.array(workload.declaredPort).default([]),
  /** The public hosts of the app. */
  routes: z.array(route).default([]),
});

type AllSettings = z.output<typeof allSettings>;
type Keys = readonly (keyof AllSettings)[];

/** Settings of pods that this program creates. */
const podKeys: Keys = [
  "image",
  "replicas",
  "autoscaling",
  "healthPath",
  "probes",
  "drainSeconds",
  "resources",
  "env",
  "secrets",
  "files",
  "pod",
  "container",
  "canary",
];
/** Settings of an app that listens on a port. */
const servedKeys: Keys = [
  "service",
  "protocol",
  "tls",
  "servicePort",
  "ports",
  "healthPath",
  "canary",
  "traffic",
  "serviceProfile",
  "routes",
  "webhooks",
];
/** Settings of a Service that exists already. */
const existingKeys: Keys = ["namespace", "podLabels", "serviceAccount", "serviceName"];

const findSet = (app: AllSettings, keys: Keys, message: string): ConfigError[] =>
  keys.filter((key) => isSet(app[key])).map((path) => ({ path, message }));

/** The errors of an app without a port. */
const findUnservedErrors = (given: AllSettings): ConfigError[] =>
  given.port === undefined ? findSet(given, servedKeys, "requires port: without one the app only calls") : [];

/** One of three kinds: an existing Service, an ExternalName Service, or pods of an image. */
export const app = allSettings.transform((given, context) => {
  const { existing, image, service: itsService } = given;
  if (existing) {
    const errors = findSet(
      given,
      [...podKeys, "service", "protocol"],
      "cannot be combined with existing: true: this program creates neither its pods nor its Service",
    );
    addErrors(context, [
      ...errors,
      ...errorIf(
        (given.kubernetesApi?.rules.length ?? 0) > 0,
        "kubernetesApi.rules",
        "cannot be combined with existing: true: another program gives its ServiceAccount permissions; want kubernetesApi: {}",
      ),
      ...findUnservedErrors({ ...given, service: undefined, protocol: undefined }),
    ]);
    return { ...given, existing, image: undefined, service: undefined };
  }
  const ownErrors = findSet(
    given,
    existingKeys,
    "requires existing: true, since a Service that this program creates has the app's name and labels, in the namespace of the apps",
  );
  if (itsService?.type === "ExternalName") {
    const errors = findSet(
      given,
      [...podKeys, "tls", "calls", "egress", "routes", "kubernetesApi", "webhooks"],
      "cannot be combined with service.type ExternalName: it has no pods, it is a DNS name for a host elsewhere",
    );
    addErrors(context, [...ownErrors, ...errors]);
    const { port: itsPort } = given;
    if (itsPort !== undefined)
      return { ...given, port: itsPort, existing, image: undefined, service: itsService };
    addErrors(context, [{ path: "port", message: "is missing, want the port of the host elsewhere" }]);
    return z.NEVER;
  }
  if (image !== undefined) {
    addErrors(context, [...ownErrors, ...findUnservedErrors(given)]);
    return { ...given, existing, image, service: itsService };
  }
  const message =
    "is missing, want an image with its tag or digest, such as ghcr.io/org/api:v1.0.0; or existing: true for an existing " +
    "Service, or service.type: ExternalName for a host elsewhere";
  addErrors(context, [...ownErrors, { path: "image", message }]);
  return z.NEVER;
});
