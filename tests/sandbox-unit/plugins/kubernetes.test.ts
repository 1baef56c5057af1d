import { strict as assert } from "node:assert";

import { validateObject, withName } from "../../../sandbox/plugins/kubernetes/naming";
import { kubernetes } from "../../../sandbox/plugins/kubernetes/provider";
import { parseApiType } from "../../../sandbox/plugins/kubernetes/token";
import { record } from "../../../sandbox/plugins/kubernetes/values";
import { UNKNOWN, type Props } from "../../../sandbox/plugins/fake-provider";

const KUBECONFIG = `
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`;

describe("kubernetes stand-in: tokens", () => {
  const known: readonly (readonly [string, string, string])[] = [
    ["kubernetes:core/v1:Namespace", "v1", "Namespace"],
    ["kubernetes:apps/v1:Deployment", "apps/v1", "Deployment"],
    ["kubernetes:networking.k8s.io/v1:Ingress", "networking.k8s.io/v1", "Ingress"],
    ["kubernetes:cert-manager.io/v1:ClusterIssuer", "cert-manager.io/v1", "ClusterIssuer"],
    [
      "kubernetes:cilium.io/v2alpha1:CiliumLoadBalancerIPPool",
      "cilium.io/v2alpha1",
      "CiliumLoadBalancerIPPool",
    ],
    ["kubernetes:example.org/v1:AllowList", "example.org/v1", "AllowList"],
  ];
  for (const [token, apiVersion, kind] of known)
    it(`reads ${token}`, () => assert.deepEqual(parseApiType(token), { apiVersion, kind }));

  const refused = [
    "kubernetes:core/v1:ConfigMapPatch",
    "kubernetes:core/v1:ConfigMapList",
    "kubernetes:apps/v1:DeploymentList",
    "kubernetes:cert-manager.io/v1:ClusterIssuerPatch",
    "kubernetes:helm.sh/v3:Chart",
    "kubernetes:helm.sh/v4:Chart",
    "kubernetes:yaml/v2:ConfigGroup",
    "kubernetes:kustomize/v2:Directory",
    "kubernetes:meta/v1:Status",
    "hcloud:index/loadBalancer:LoadBalancer",
  ];
  for (const token of refused)
    it(`refuses ${token}`, () => assert.equal(kubernetes().findType(token), undefined));
});

describe("kubernetes stand-in: provider arguments", () => {
  const faults = (args: Record<string, unknown>) =>
    (kubernetes().checkConfig?.(args) ?? []).map(({ property, reason }) => `${property} ${reason}`);

  it("accepts what it carries out", () =>
    assert.deepEqual(
      faults({
        kubeconfig: KUBECONFIG,
        clusterIdentifier: "dev",
        context: "x",
        enableServerSideApply: "true",
      }),
      [],
    ));
  it("accepts a kubeconfig not known yet", () => assert.deepEqual(faults({ kubeconfig: UNKNOWN }), []));
  it("refuses what it does not know, unless it is off", () => {
    assert.deepEqual(faults({ kubeconfig: KUBECONFIG, deleteUnreachable: "false" }), []);
    assert.match(
      faults({ kubeconfig: KUBECONFIG, renderYamlToDirectory: "out" })[0] ?? "",
      /renderYamlToDirectory/,
    );
  });
  const bad: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
    ["no kubeconfig", {}, /missing/],
    ["a missing file", { kubeconfig: "/nowhere/kubeconfig" }, /does not exist: \/nowhere/],
    ["no YAML", { kubeconfig: "{ a: [\n" }, /not YAML/],
    ["YAML that is no kubeconfig", { kubeconfig: "a: b\n" }, /names no cluster/],
    ["client-side apply", { kubeconfig: KUBECONFIG, enableServerSideApply: "false" }, /no other way/],
  ];
  for (const [what, args, reason] of bad)
    it(`refuses ${what}`, () => assert.match(faults(args).join(), reason));
});

describe("kubernetes stand-in: names", () => {
  const inputs = { apiVersion: "v1", kind: "ConfigMap" };

  it("names after the resource, and keeps the name", () => {
    const first = withName(inputs, "settings", undefined);
    assert.match(String(record(first.metadata).name), /^settings-[0-9a-f]{8}$/);
    assert.deepEqual(withName({ ...inputs, metadata: { labels: { a: "b" } } }, "settings", first), {
      ...first,
      metadata: { labels: { a: "b" }, ...record(first.metadata) },
    });
  });
  it("leaves a given name alone", () => {
    const named = { ...inputs, metadata: { name: "fixed" } };
    assert.equal(withName(named, "settings", undefined), named);
  });
  it("names anew what had a name of its own", () => {
    const renamed = withName(inputs, "settings", { ...inputs, metadata: { name: "fixed" } });
    assert.match(String(record(renamed.metadata).name), /^settings-/);
  });
  it("deletes first only what keeps its name and its namespace", () => {
    const kind = kubernetes().findType("kubernetes:core/v1:ConfigMap");
    assert.ok(kind?.deleteBeforeReplace);
    const first = (inputs: Props, olds: Props) => kind.deleteBeforeReplace?.(inputs, olds);
    const at = (namespace: string, name = "fixed") => ({ ...inputs, metadata: { name, namespace } });
    assert.equal(first(at("one"), at("one")), true);
    assert.equal(first(at("one"), at("two")), false);
    assert.equal(first(at("one"), at("one", "other")), false);
    const named = withName(inputs, "settings", undefined);
    assert.equal(first(named, named), false);
  });
});

describe("kubernetes stand-in: faults without the API server", () => {
  const type = { apiVersion: "v1", kind: "ConfigMap" };
  const faults = (inputs: Record<string, unknown>) =>
    validateObject({ ...type, ...inputs }, type).map(({ property }) => property);
  const annotated = (annotations: Record<string, string>) => faults({ metadata: { name: "a", annotations } });

  it("finds none in a good object", () => assert.deepEqual(faults({ metadata: { name: "a.b-1" } }), []));
  it("knows of values not known yet", () => {
    assert.deepEqual(faults({ metadata: UNKNOWN }), []);
    assert.deepEqual(faults({ metadata: { name: UNKNOWN } }), []);
  });
  it("finds another kind", () => assert.deepEqual(faults({ kind: "Secret" }), ["kind"]));
  it("finds a status", () => assert.deepEqual(faults({ status: {} }), ["status"]));
  for (const name of ["A", "a_b", "-a", "a.", "", "a".repeat(254)])
    it(`finds the name "${name.slice(0, 9)}"`, () =>
      assert.deepEqual(faults({ metadata: { name } }), ["metadata.name"]));
  it("lets roles have their colons", () => {
    const role = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole" };
    assert.deepEqual(validateObject({ ...role, metadata: { name: "system:x" } }, role), []);
  });
  it("finds a bad waitFor", () => {
    assert.equal(annotated({ "pulumi.com/waitFor": "condition=Ready" }).length, 0);
    assert.equal(annotated({ "pulumi.com/waitFor": "Ready" }).length, 1);
    assert.equal(annotated({ "pulumi.com/waitFor": '["condition=Ready"' }).length, 1);
    assert.equal(annotated({ "pulumi.com/waitFor": "jsonpath={.a[?(@.b)]}" }).length, 1);
  });
  it("finds a bad timeout", () => assert.equal(annotated({ "pulumi.com/timeoutSeconds": "5m" }).length, 1));
});
