import * as assert from "node:assert/strict";

import type { ReadApi } from "../../../components/conflicts/cluster-api";
import { createClusterReader, stackAnnotation } from "../../../components/conflicts/cluster-reader";
import { findConflicts } from "../../../components/conflicts/find-conflicts";
import type { PlannedChanges } from "../../../components/conflicts/planned-objects";
import { findPendingRelease } from "../../../components/conflicts/release-conflicts";

/** A cluster with these lists. Other paths return 404. */
function clusterWith(lists: Readonly<Record<string, readonly object[]>>) {
  const requests: string[] = [];
  const answers: Readonly<Record<string, object>> = {
    "/api/v1": {
      resources: [
        { name: "namespaces", kind: "Namespace" },
        { name: "namespaces/status", kind: "Namespace" },
        { name: "secrets", kind: "Secret" },
      ],
    },
    ...Object.fromEntries(Object.entries(lists).map(([path, items]) => [path, { items }])),
  };
  const get: ReadApi = (path, shape, { absent } = {}) => {
    requests.push(path);
    const answer = answers[path];
    if (answer !== undefined) return Promise.resolve(shape.parse(answer));
    if (absent !== undefined) return Promise.resolve(absent);
    return Promise.reject(new Error(`404 at ${path}`));
  };
  return { cluster: createClusterReader(get), requests };
}

const stack = "acme/platform-networking/prod";
const none: PlannedChanges = {
  stack,
  objects: [],
  releases: [],
  ownReleases: [],
  referenced: [],
  nodePorts: [],
  isFirstRun: true,
};
const namespace = (name: string) => ({ resource: name, apiVersion: "v1", kind: "Namespace", name });
const existing = (name: string, rest: object = {}) => ({ metadata: { name, ...rest } });
const ofStack = (name: string) => existing("apps", { annotations: { [stackAnnotation]: name } });
const release = (name: string, status: string, version: string) =>
  existing(`sh.helm.release.v1.${name}.v${version}`, { namespace: name, labels: { name, status, version } });

const service = (place: string, nodePort: number, annotations: object = {}) => {
  const [namespace = "", name = ""] = place.split("/");
  return { metadata: { name, namespace, annotations }, spec: { ports: [{ nodePort }] } };
};

const releases = "/api/v1/secrets?labelSelector=owner%3Dhelm";
const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

describe("findConflicts", () => {
  it("accepts items: null for an empty list", async () => {
    const get: ReadApi = (_path, shape) => Promise.resolve(shape.parse({ items: null }));
    assert.deepEqual(await createClusterReader(get).list("/apis/x"), new Map());
  });

  it("takes an object over from a release of the stack, which gives it up before, and from no other", async () => {
    const { cluster } = clusterWith({
      "/api/v1/secrets": [
        existing("default", {
          namespace: "traefik",
          annotations: {
            "meta.helm.sh/release-name": "traefik",
            "meta.helm.sh/release-namespace": "traefik",
          },
        }),
      ],
    });
    const object = {
      resource: "x",
      apiVersion: "v1",
      kind: "Secret",
      name: "default",
      namespace: "traefik",
    };
    const find = (changes: Partial<PlannedChanges>) =>
      findConflicts(cluster, { ...none, objects: [object], isFirstRun: false, ...changes });
    assert.deepEqual(await find({ ownReleases: [{ name: "traefik", namespace: "traefik" }] }), []);
    const conflict = "Secret traefik/default already exists and belongs to the Helm release traefik/traefik.";
    assert.deepEqual(await find({ ownReleases: [{ name: "traefik", namespace: "other" }] }), [conflict]);
  });

  it("finds all conflicts of a first run at once", async () => {
    const { cluster } = clusterWith({
      "/api/v1/namespaces": [existing("cert-manager"), existing("traefik"), existing("other")],
      "/api/v1/services": [service("default/web", 30080)],
    });
    const found = await findConflicts(cluster, {
      ...none,
      objects: ["cert-manager", "traefik", "linkerd"].map(namespace),
      referenced: [{ path: "apps.prometheus.namespace", kind: "Namespace", name: "monitoring" }],
      nodePorts: [{ path: "loadBalancer.nodePorts.http", port: 30080, owner: "traefik/traefik" }],
    });
    assert.deepEqual(
      found.map((each) => each.split(/[,;.] /)[0]),
      [
        "Namespace cert-manager already exists",
        "Namespace traefik already exists",
        "loadBalancer.nodePorts.http: got 30080",
        "apps.prometheus.namespace: got monitoring",
      ],
    );
  });

  it("reads each list once", async () => {
    const { cluster, requests } = clusterWith({ "/api/v1/namespaces": [] });
    const planned = {
      ...none,
      objects: Array.from({ length: 50 }, (_, at) => namespace(`n${at}`)),
      referenced: [{ path: "apps.a.namespace", kind: "Namespace" as const, name: "a" }],
    };
    await findConflicts(cluster, planned);
    assert.deepEqual(requests, ["/api/v1", "/api/v1/namespaces"]);
  });

  for (const [title, object, isFirstRun, message] of [
    ["another stack's", ofStack("acme/platform-networking/dev"), false, /belongs to the stack acme.*dev/],
    ["unannotated", existing("apps"), false, /not created by this stack/],
    ["this stack's", ofStack(stack), false, undefined],
    [
      "unannotated and applied by Pulumi",
      existing("apps", { managedFields: [{ manager: "pulumi-kubernetes-1f2e" }] }),
      false,
      undefined,
    ],
    ["this stack's, but not in its state", ofStack(stack), true, /interrupted.*import\["apps"\]' apps/],
  ] as const)
    it(`${message ? "reports" : "accepts"} an object that is ${title}`, async () => {
      const { cluster } = clusterWith({ "/api/v1/namespaces": [object] });
      const found = await findConflicts(cluster, { ...none, objects: [namespace("apps")], isFirstRun });
      assert.equal(found.length, message ? 1 : 0);
      if (message) assert.match(found[0] ?? "", message);
    });

  it("reports CRDs of another release, and not those that Helm kept of this one", async () => {
    const crd = (name: string, releaseNamespace: string) =>
      existing(name, {
        annotations: {
          "meta.helm.sh/release-name": "cert-manager",
          "meta.helm.sh/release-namespace": releaseNamespace,
        },
      });
    const planned = { ...none, releases: [{ name: "cert-manager", namespace: "cert-manager" }] };
    const own = clusterWith({ [definitions]: [crd("issuers.cert-manager.io", "cert-manager")] });
    assert.deepEqual(await findConflicts(own.cluster, planned), []);
    const other = clusterWith({ [definitions]: [crd("issuers.cert-manager.io", "certs")] });
    const found = await findConflicts(other.cluster, planned);
    assert.match(
      found.join("\n"),
      /created by the Helm release certs\/cert-manager: issuers\.cert-manager\.io/,
    );
  });

  it("accepts a node port of its own release", async () => {
    const annotations = {
      "meta.helm.sh/release-name": "traefik",
      "meta.helm.sh/release-namespace": "traefik",
    };
    const { cluster } = clusterWith({
      "/api/v1/services": [service("traefik/traefik-web", 30080, annotations)],
    });
    const nodePorts = [{ path: "loadBalancer.nodePorts.http", port: 30080, owner: "traefik/traefik" }];
    assert.deepEqual(await findConflicts(cluster, { ...none, nodePorts }), []);
  });
});

describe("findConflicts in a later run", () => {
  const nodePorts = [
    { path: "loadBalancer.nodePorts.health", port: 31254, owner: "ingress-nginx/ingress-nginx" },
  ];
  const health = (owner: string) =>
    clusterWith({
      "/api/v1/services": [service("ingress-nginx/health", 31254, { [stackAnnotation]: owner })],
    }).cluster;

  it("accepts a node port of this stack's Service", async () => {
    assert.deepEqual(await findConflicts(health(stack), { ...none, isFirstRun: false, nodePorts }), []);
  });

  it("reports a node port of another stack's Service", async () => {
    const planned = { ...none, isFirstRun: false, nodePorts };
    assert.match(
      (await findConflicts(health("acme/platform-networking/dev"), planned)).join(),
      /^loadBalancer\.nodePorts\.health: got 31254, which is a node port of the Service /,
    );
  });
});

describe("findPendingRelease", () => {
  for (const [status, command] of [
    ["pending-install", "helm uninstall traefik -n traefik"],
    ["pending-upgrade", "helm rollback traefik -n traefik"],
    ["pending-rollback", "helm rollback traefik -n traefik"],
  ] as const)
    it(`names the command for ${status}`, async () => {
      const { cluster } = clusterWith({
        [releases]: [release("traefik", status, "10"), release("traefik", "deployed", "9")],
      });
      const found = await findPendingRelease(cluster, { name: "traefik", namespace: "traefik" });
      assert.deepEqual(found, [
        `Helm release traefik/traefik is ${status}: a run was interrupted. Run: ${command}`,
      ]);
    });

  it("accepts a release whose latest revision is deployed", async () => {
    const { cluster } = clusterWith({
      [releases]: [release("traefik", "pending-upgrade", "9"), release("traefik", "deployed", "10")],
    });
    assert.deepEqual(await findPendingRelease(cluster, { name: "traefik", namespace: "traefik" }), []);
  });
});
