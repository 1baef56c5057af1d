import * as assert from "node:assert/strict";

import type { ReadApi } from "../../../components/conflicts/cluster-api";
import {
  findConflicts,
  findPendingRelease,
  createClusterReader,
  stackAnnotation,
} from "../../../components/conflicts/inspect-cluster";
import type { PlannedChanges } from "../../../components/conflicts/planned-objects";

/** A cluster that holds these lists; any other path is not found. */
function holding(lists: Readonly<Record<string, readonly object[]>>) {
  const asked: string[] = [];
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
    asked.push(path);
    const answer = answers[path];
    if (answer !== undefined) return Promise.resolve(shape.parse(answer));
    if (absent !== undefined) return Promise.resolve(absent);
    return Promise.reject(new Error(`404 at ${path}`));
  };
  return { cluster: createClusterReader(get), asked };
}

const stack = "acme/platform-networking/prod";
const nothing: PlannedChanges = {
  stack,
  objects: [],
  releases: [],
  referenced: [],
  nodePorts: [],
  isFirstRun: true,
};
const namespace = (name: string) => ({ resource: name, apiVersion: "v1", kind: "Namespace", name });
const standing = (name: string, rest: object = {}) => ({ metadata: { name, ...rest } });
const ofStack = (name: string) => standing("apps", { annotations: { [stackAnnotation]: name } });
const release = (name: string, status: string, version: string) =>
  standing(`sh.helm.release.v1.${name}.v${version}`, { namespace: name, labels: { name, status, version } });

const releases = "/api/v1/secrets?labelSelector=owner%3Dhelm";
const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

describe("inspect", () => {
  it("takes the null of an empty list for nothing", async () => {
    const get: ReadApi = (_path, shape) => Promise.resolve(shape.parse({ items: null }));
    assert.deepEqual(await createClusterReader(get).list("/apis/x"), new Map());
  });

  it("tells all that is in the way of a new stack at once", async () => {
    const { cluster } = holding({
      "/api/v1/namespaces": [standing("cert-manager"), standing("traefik"), standing("other")],
      "/api/v1/services": [
        {
          metadata: { name: "web", namespace: "default" },
          spec: { ports: [{ nodePort: 30080 }] },
        },
      ],
    });
    const found = await findConflicts(cluster, {
      ...nothing,
      objects: ["cert-manager", "traefik", "linkerd"].map(namespace),
      referenced: [{ path: "apps.prometheus.namespace", kind: "Namespace", name: "monitoring" }],
      nodePorts: [{ path: "loadBalancer.nodePorts.http", port: 30080, owner: "traefik/traefik" }],
    });
    assert.deepEqual(
      found.map((each) => each.slice(0, 50)),
      [
        "Namespace cert-manager exists already, made by ano",
        "Namespace traefik exists already, made by another.",
        "loadBalancer.nodePorts.http: got 30080, which is a",
        "apps.prometheus.namespace: got monitoring, but the",
      ],
    );
  });

  it("asks for each list once", async () => {
    const { cluster, asked } = holding({ "/api/v1/namespaces": [] });
    const wanted = {
      ...nothing,
      objects: Array.from({ length: 50 }, (_, at) => namespace(`n${at}`)),
      named: [{ path: "apps.a.namespace", kind: "Namespace" as const, name: "a" }],
    };
    await findConflicts(cluster, wanted);
    assert.deepEqual(asked, ["/api/v1", "/api/v1/namespaces"]);
  });

  for (const [title, object, isNew, told] of [
    ["another stack's", ofStack("acme/platform-networking/dev"), false, /belongs to the stack acme.*dev/],
    ["another's", standing("apps"), false, /made by another/],
    ["this stack's", ofStack(stack), false, undefined],
    [
      "one that Pulumi made before there was the annotation",
      standing("apps", { managedFields: [{ manager: "pulumi-kubernetes-1f2e" }] }),
      false,
      undefined,
    ],
    [
      "this stack's, of which the state knows nothing",
      ofStack(stack),
      true,
      /interrupted.*import\["apps"\]' apps/,
    ],
  ] as const)
    it(`${told ? "refuses" : "leaves alone"} an object that is ${title}`, async () => {
      const { cluster } = holding({ "/api/v1/namespaces": [object] });
      const found = await findConflicts(cluster, {
        ...nothing,
        objects: [namespace("apps")],
        isFirstRun: isNew,
      });
      assert.equal(found.length, told ? 1 : 0);
      if (told) assert.match(found[0] ?? "", told);
    });

  it("tells definitions that another release made, and not those that Helm kept of this one", async () => {
    const made = (name: string, of: string) =>
      standing(name, {
        annotations: { "meta.helm.sh/release-name": "cert-manager", "meta.helm.sh/release-namespace": of },
      });
    const wanted = { ...nothing, releases: [{ name: "cert-manager", namespace: "cert-manager" }] };
    const own = holding({ [definitions]: [made("issuers.cert-manager.io", "cert-manager")] });
    assert.deepEqual(await findConflicts(own.cluster, wanted), []);
    const other = holding({ [definitions]: [made("issuers.cert-manager.io", "certs")] });
    const found = await findConflicts(other.cluster, wanted);
    assert.match(found.join("\n"), /made by the Helm release certs\/cert-manager: issuers\.cert-manager\.io/);
  });

  it("lets a node port be of the release it is for", async () => {
    const annotations = {
      "meta.helm.sh/release-name": "traefik",
      "meta.helm.sh/release-namespace": "traefik",
    };
    const { cluster } = holding({
      "/api/v1/services": [
        {
          metadata: { name: "traefik-web", namespace: "traefik", annotations },
          spec: { ports: [{ nodePort: 30080 }] },
        },
      ],
    });
    const nodePorts = [{ path: "loadBalancer.nodePorts.http", port: 30080, owner: "traefik/traefik" }];
    assert.deepEqual(await findConflicts(cluster, { ...nothing, nodePorts }), []);
  });
});

describe("inspect, of an existing stack", () => {
  const nodePorts = [
    { path: "loadBalancer.nodePorts.health", port: 31254, owner: "ingress-nginx/ingress-nginx" },
  ];
  const health = (owner: string) =>
    holding({
      "/api/v1/services": [
        {
          metadata: {
            name: "ingress-nginx-health",
            namespace: "ingress-nginx",
            annotations: { [stackAnnotation]: owner },
          },
          spec: { ports: [{ nodePort: 31254 }] },
        },
      ],
    }).cluster;

  it("takes a node port of its own Service beside the release for its own", async () => {
    assert.deepEqual(await findConflicts(health(stack), { ...nothing, isFirstRun: false, nodePorts }), []);
  });

  it("refuses a node port of another stack's Service", async () => {
    const found = await findConflicts(health("acme/platform-networking/dev"), {
      ...nothing,
      isFirstRun: false,
      nodePorts,
    });
    assert.match(
      found.join(),
      /^loadBalancer\.nodePorts\.health: got 31254, which is a node port of the Service /,
    );
  });
});

describe("pendingFindings", () => {
  for (const [status, command] of [
    ["pending-install", "helm uninstall traefik -n traefik"],
    ["pending-upgrade", "helm rollback traefik -n traefik"],
    ["pending-rollback", "helm rollback traefik -n traefik"],
  ] as const)
    it(`names the command for ${status}`, async () => {
      const { cluster } = holding({
        [releases]: [release("traefik", status, "10"), release("traefik", "deployed", "9")],
      });
      const found = await findPendingRelease(cluster, { name: "traefik", namespace: "traefik" });
      assert.deepEqual(found, [
        `Helm release traefik/traefik is ${status}: a run was interrupted. Run: ${command}`,
      ]);
    });

  it("says nothing of a release whose newest revision is deployed", async () => {
    const { cluster } = holding({
      [releases]: [release("traefik", "pending-upgrade", "9"), release("traefik", "deployed", "10")],
    });
    assert.deepEqual(await findPendingRelease(cluster, { name: "traefik", namespace: "traefik" }), []);
  });
});
