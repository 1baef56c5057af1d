import * as assert from "node:assert/strict";

import { readClusterState, type ObjectReference } from "../../../components/waits/cluster-state";
import { describeCauses, findCauses } from "../../../components/waits/find-causes";
import { condition, object, serve, warning, type Manifest } from "./fake-cluster";

const waiting: ObjectReference = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  namespace: "apps",
  name: "waiting",
};

/** Describes why the first object is not ready, for another that waits. */
async function describeFirst(objects: readonly Manifest[]): Promise<string> {
  const { apiVersion = "", kind = "", metadata } = objects[0] ?? {};
  const reference: ObjectReference = { name: "", ...metadata, apiVersion, kind };
  return describeCauses(await findCauses(readClusterState(serve(objects)), reference), waiting);
}

/** A Deployment with two pods. */
const deployment = object("apps/v1", "Deployment", "web", {
  spec: { replicas: 2, selector: { matchLabels: { app: "web" } } },
  status: { ...condition("Available", "False", "MinimumReplicasUnavailable", "no minimum availability") },
});
const replicaSet = (status: object = {}) =>
  object("apps/v1", "ReplicaSet", "web-1", { owner: "Deployment-web", spec: { replicas: 2 }, status });
const pod = (name: string, status: object) =>
  object("v1", "Pod", name, {
    owner: "ReplicaSet-web-1",
    metadata: { labels: { app: "web" } },
    status: { phase: "Pending", ...status },
  });
const container = (state: object, rest: object = {}) => ({
  containerStatuses: [{ name: "web", state, ...rest }],
});
const podWaiting = (reason: string, message = "") =>
  pod("web-1-a", container({ waiting: { reason, message } }));
const ready = pod("web-1-b", { phase: "Running", ...condition("Ready", "True") });
const certificate = (status: object = condition("Ready", "False", "DoesNotExist", "Secret does not exist")) =>
  object("cert-manager.io/v1", "Certificate", "tls", {
    spec: { issuerRef: { kind: "ClusterIssuer", name: "letsencrypt" } },
    status,
  });
const issuer = (status: object) =>
  object("cert-manager.io/v1", "ClusterIssuer", "letsencrypt", {
    metadata: { namespace: undefined },
    status,
  });
const readyIssuer = issuer(condition("Ready", "True"));
const request = (name: string, creationTimestamp: string, status: object) =>
  object("cert-manager.io/v1", "CertificateRequest", name, {
    owner: "Certificate-tls",
    metadata: { creationTimestamp },
    status,
  });
const ingress = object("networking.k8s.io/v1", "Ingress", "web", { spec: { ingressClassName: "traefik" } });
const ingressClass = object("networking.k8s.io/v1", "IngressClass", "traefik", {
  metadata: {
    namespace: undefined,
    annotations: { "meta.helm.sh/release-name": "traefik", "meta.helm.sh/release-namespace": "apps" },
  },
});
const ofRelease = { metadata: { annotations: { "meta.helm.sh/release-name": "traefik" } } };
const job = (name: string, status: object, metadata: object = {}) =>
  object("batch/v1", "Job", name, { status, metadata });
const service = (spec: object, status: object = {}) => object("v1", "Service", "web", { spec, status });

const pending = [
  certificate(),
  readyIssuer,
  request("tls-1", "2026-11-30T12:00:00Z", condition("Ready", "False")),
];
const order = object("acme.cert-manager.io/v1", "Order", "tls-1-2", {
  owner: "CertificateRequest-tls-1",
  status: { state: "pending" },
});
const challenge = object("acme.cert-manager.io/v1", "Challenge", "tls-1-2-3", {
  owner: "Order-tls-1-2",
  status: { state: "pending", reason: "DNS record for example.com not yet propagated" },
});
const pods = [replicaSet(), ready];

/** What the first object reports, given the others. */
const cases: Readonly<Record<string, readonly [objects: readonly Manifest[], expected: string]>> = {
  "an image that cannot be pulled": [
    [deployment, ...pods, podWaiting("ImagePullBackOff", 'Back-off pulling "web": not found')],
    'Pod apps/web-1-a: container web: ImagePullBackOff: Back-off pulling "web": not found',
  ],
  "a crash loop": [
    [
      pod(
        "web-1-a",
        container(
          { waiting: { reason: "CrashLoopBackOff", message: "back-off 5m0s restarting web-1-a" } },
          { restartCount: 4, lastState: { terminated: { exitCode: 1, reason: "Error" } } },
        ),
      ),
    ],
    "Pod apps/web-1-a: container web: CrashLoopBackOff, exited with code 1 (Error), 4 restarts",
  ],
  "a pod that fits on no node": [
    [pod("web-1-a", condition("PodScheduled", "False", "Unschedulable", "0/1 nodes: Insufficient memory."))],
    "Pod apps/web-1-a: Unschedulable: 0/1 nodes: Insufficient memory.",
  ],
  "an evicted pod": [
    [pod("web-1-a", { phase: "Failed", reason: "Evicted", message: "The node was low on memory." })],
    "Pod apps/web-1-a: Evicted: The node was low on memory.",
  ],
  "a volume whose Secret is missing, by the newest event": [
    [
      podWaiting("ContainerCreating"),
      warning("Pod-web-1-a", "FailedMount", "timed out", 1),
      warning("Pod-web-1-a", "FailedMount", 'secret "tls"\n  not found', 2),
      warning("Pod-other", "FailedMount", "of another pod", 3),
    ],
    'Pod apps/web-1-a: FailedMount: secret "tls" not found',
  ],
  "a readiness probe that fails": [
    [
      pod("web-1-a", { phase: "Running", ...container({ running: {} }), ...condition("Ready", "False") }),
      warning("Pod-web-1-a", "Unhealthy", "Readiness probe failed: statuscode: 503"),
    ],
    "Pod apps/web-1-a: Unhealthy: Readiness probe failed: statuscode: 503",
  ],
  "a pod without any reason": [[pod("web-1-a", {})], "Pod apps/web-1-a: is Pending"],
  "a quota that permits no pod": [
    [deployment, replicaSet(condition("ReplicaFailure", "True", "FailedCreate", "exceeded quota"))],
    "ReplicaSet apps/web-1: FailedCreate: exceeded quota",
  ],
  "pods that are ready, but too few": [
    [deployment, ...pods],
    "ReplicaSet apps/web-1: 0 of 2 replicas are ready",
  ],
  "a Deployment without pods": [
    [deployment],
    "Deployment apps/web: MinimumReplicasUnavailable: no minimum availability",
  ],
  "a DaemonSet on some nodes": [
    [
      object("apps/v1", "DaemonSet", "agent", {
        status: { desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberReady: 2 },
      }),
    ],
    "DaemonSet apps/agent: 2 of 3 replicas are ready",
  ],
  "a Job that failed": [
    [job("check", condition("Failed", "True", "BackoffLimitExceeded", "limit"))],
    "Job apps/check: BackoffLimitExceeded: limit",
  ],
  "a challenge that fails": [
    [...pending, order, challenge],
    "Challenge apps/tls-1-2-3: pending: DNS record for example.com not yet propagated",
  ],
  "the newest certificate request": [
    [
      ...pending,
      request("tls-2", "2026-11-30T13:00:00Z", condition("Denied", "True", "Policy", "not allowed")),
    ],
    "CertificateRequest apps/tls-2: Policy: not allowed",
  ],
  "an issuer that is not ready": [
    [certificate(), issuer(condition("Ready", "False", "ErrRegisterACMEAccount", "invalid email"))],
    "ClusterIssuer letsencrypt: ErrRegisterACMEAccount: invalid email",
  ],
  "an issuer that no controller has processed": [
    [certificate(), issuer({})],
    "ClusterIssuer letsencrypt: has no conditions: its controller has not processed it",
  ],
  "a missing issuer": [[certificate()], "ClusterIssuer letsencrypt: does not exist"],
  "a Certificate without a request": [
    [certificate(), readyIssuer],
    "Certificate apps/tls: DoesNotExist: Secret does not exist",
  ],
  "an Ingress without its class": [[ingress], "IngressClass traefik: does not exist"],
  "an Ingress whose controller is not ready": [
    [ingress, ingressClass, object("apps/v1", "Deployment", "traefik", ofRelease)],
    "Deployment apps/traefik: 0 of 1 replicas are ready",
  ],
  "an Ingress without an address": [
    [ingress, ingressClass],
    "Ingress apps/web: has no address in status.loadBalancer",
  ],
  "a load balancer that is refused": [
    [
      service({ type: "LoadBalancer", selector: { app: "web" } }),
      ready,
      warning("Service-web", "SyncLoadBalancerFailed", "Error syncing load balancer: limit reached"),
    ],
    "Service apps/web: SyncLoadBalancerFailed: Error syncing load balancer: limit reached",
  ],
  "a Service whose pods are not ready": [
    [service({ selector: { app: "web" } }), ready, podWaiting("ErrImagePull", "denied")],
    "Pod apps/web-1-a: container web: ErrImagePull: denied",
  ],
  "a release": [
    [
      object("helm.sh/v3", "Release", "traefik"),
      object("apps/v1", "Deployment", "other"),
      object("apps/v1", "StatefulSet", "store", ofRelease),
      job("hook", condition("Failed", "True", "DeadlineExceeded", "too long"), {
        labels: { "app.kubernetes.io/instance": "traefik" },
      }),
    ],
    "\n  - StatefulSet apps/store: 0 of 1 replicas are ready\n  - Job apps/hook: DeadlineExceeded: too long",
  ],
  "a route that is refused": [
    [
      object("gateway.networking.k8s.io/v1", "HTTPRoute", "web", {
        status: { parents: [condition("Accepted", "False", "NoMatchingParent", "no listener")] },
      }),
    ],
    "HTTPRoute apps/web: NoMatchingParent: no listener",
  ],
  "an object of any kind": [
    [
      object("example.com/v1", "Thing", "a", {
        spec: { selector: "text" },
        status: condition("Synced", "Unknown"),
      }),
    ],
    "Thing apps/a: Synced is Unknown",
  ],
};

describe("findCauses", () => {
  for (const [what, [objects, expected]] of Object.entries(cases))
    it(`reports ${what}`, async () => assert.equal(await describeFirst(objects), expected));

  const readyStatus = condition("Ready", "True");
  const replicas = { ...condition("Available", "True"), readyReplicas: 2, updatedReplicas: 2 };
  const readyObjects: readonly Manifest[] = [
    ready,
    pod("done", { phase: "Succeeded", ...condition("Ready", "False", "PodCompleted") }),
    certificate(readyStatus),
    { ...deployment, status: replicas },
    { ...ingress, status: { loadBalancer: { ingress: [{ ip: "198.51.100.4" }] } } },
    job("check", condition("Complete", "True")),
    service({ type: "LoadBalancer" }, { loadBalancer: { ingress: [{ ip: "198.51.100.4" }] } }),
  ];
  for (const each of readyObjects)
    it(`reports nothing of a ${each.kind} that is ready`, async () =>
      assert.equal(await describeFirst([each, podWaiting("ErrImagePull")]), ""));
});

describe("describeCauses", () => {
  const cause = (object: string, reason: string) => ({ object, reason });

  it("lists a reason of several objects once", () =>
    assert.equal(
      describeCauses(
        [cause("Pod a", "x"), cause("Pod b", "x"), cause("Pod b", "x"), cause("Pod c", "y")],
        waiting,
      ),
      "\n  - Pod a and 1 more: x\n  - Pod c: y",
    ));

  it("leaves out the name of the object that waits", () =>
    assert.equal(describeCauses([cause("Deployment apps/waiting", "x")], waiting), "x"));

  it("lists at most three reasons", () =>
    assert.match(
      describeCauses(
        ["a", "b", "c", "d", "e"].map((reason) => cause("Pod", reason)),
        waiting,
      ),
      /a\n.*b\n.*c\n {2}- 2 other reasons$/,
    ));
});
