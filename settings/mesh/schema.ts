import { z } from "zod";

import { inboundPolicies } from "../../components/linkerd/linkerd-values";
import { hostName, label, port } from "../formats/names";

const endpoint = z.string().refine(isEndpoint, {
  error: "a host and a port, such as collector.observability:4317",
});

/** Inside the cluster a host may be short. */
function isEndpoint(text: string): boolean {
  const [, host = "", number] = /^([^:]{1,253}):(\d{1,5})$/.exec(text) ?? [];
  return host.split(".").every((part) => dnsLabel.test(part)) && port.safeParse(Number(number)).success;
}

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

const prometheus = z.string().refine(isPlainUrl, {
  error: "an http or https URL without a user, such as http://prometheus.monitoring.svc.cluster.local:9090",
});

function isPlainUrl(text: string): boolean {
  if (/\s/.test(text) || !URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return (protocol === "http:" || protocol === "https:") && username + password + search + hash === "";
}

/** The mesh identity of the collector. If it is absent, both keys are reported as missing. */
const meshIdentity = z.preprocess(
  (given) => (given === undefined ? {} : given),
  z.strictObject({
    /** The name of the ServiceAccount. */
    serviceAccountName: label,
    /** The namespace of the ServiceAccount. */
    namespace: label,
  }),
);

export const mesh = z.strictObject({
  /** The suffix of every workload's identity. */
  trustDomain: hostName.default("cluster.local"),
  /** Whether the control plane has three replicas, each on its own node. Default: with three nodes or more. */
  ha: z.boolean().optional(),
  /**
   * The default policy of a meshed pod for ports without a Server.
   *
   * @change Takes effect when a pod restarts.
   */
  defaultInboundPolicy: z.enum(inboundPolicies).default("all-unauthenticated"),
  /**
   * Whether Linkerd's CNI plugin, a DaemonSet, sets up the network of meshed pods in place of an init container with
   * `NET_ADMIN`. Then the namespaces of the apps and of the ingress controller enforce the Pod Security level `restricted`,
   * for pods of others in them too.
   *
   * @change Takes effect when a pod restarts. Until Linkerd's control plane is updated, minutes later, no new pod starts.
   */
  cni: z.boolean().default(false),
  /** Whether there are metrics, tap and the dashboard. */
  viz: z.boolean().default(true),
  /** The URL of a Prometheus that scrapes the proxies. Default: viz's own. */
  prometheus: prometheus.optional(),
  /** The collector of spans, and the ServiceAccount of its pods, which must be meshed. Default: no tracing. */
  tracing: z
    .strictObject({
      /** Host and port of the collector, which accepts spans by OTLP over gRPC. */
      endpoint,
      /** The ServiceAccount of the collector's pods. */
      meshIdentity,
    })
    .optional(),
  /** Whether the anchor in the Secret `linkerd-previous-anchor` is trusted in addition to the current one. */
  trustPreviousAnchor: z.boolean().default(false),
});
