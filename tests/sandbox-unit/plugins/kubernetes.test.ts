import { strict as assert } from "node:assert";

import { hasSameName, validateObject } from "../../../sandbox/plugins/kubernetes/naming";
import { kubernetes } from "../../../sandbox/plugins/kubernetes/provider";
import { parseApiType } from "../../../sandbox/plugins/kubernetes/token";
import { UNKNOWN, type Props } from "../../../sandbox/plugins/fake-provider";

const KUBECONFIG = `
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`;

describe("kubernetes stand-in: tokens", () => {
  for (const [token, apiVersion, kind] of [
    ["kubernetes:core/v1:Namespace", "v1", "Namespace"],
    ["kubernetes:apps/v1:Deployment", "apps/v1", "Deployment"],
    ["kubernetes:cilium.io/v2alpha1:CiliumPolicy", "cilium.io/v2alpha1", "CiliumPolicy"],
  ] as const)
    it(`reads ${token}`, () => assert.deepEqual(parseApiType(token), { apiVersion, kind }));

  it("refuses those of another provider", () =>
    assert.equal(kubernetes().findType("hcloud:index/loadBalancer:LoadBalancer"), undefined));
});

describe("kubernetes stand-in: provider arguments", () => {
  const faults = (args: Props) =>
    (kubernetes().checkConfig?.(args) ?? []).map(({ property, reason }) => `${property} ${reason}`);

  for (const args of [
    { kubeconfig: KUBECONFIG, clusterIdentifier: "dev", enableSecretMutable: "true" },
    { kubeconfig: UNKNOWN },
  ])
    it(`accepts ${Object.keys(args).join()}`, () => assert.deepEqual(faults(args), []));

  const bad: readonly (readonly [what: string, args: Props, reason: RegExp])[] = [
    ["what it does not know", { kubeconfig: KUBECONFIG, context: "x" }, /^context .*does not know/],
    ["no kubeconfig", {}, /missing/],
    ["a missing file", { kubeconfig: "/nowhere/kubeconfig" }, /does not exist: \/nowhere/],
    ["no YAML", { kubeconfig: "{ a: [\n" }, /not YAML/],
    ["YAML that is no kubeconfig", { kubeconfig: "a: b\n" }, /names no cluster/],
  ];
  for (const [what, args, reason] of bad)
    it(`refuses ${what}`, () => assert.match(faults(args).join(), reason));
});

describe("kubernetes stand-in: names", () => {
  const named = (namespace: string, name: string) => ({ metadata: { name, namespace } });
  for (const [what, olds, expected] of [
    ["keeps its name and its namespace", named("one", "a"), true],
    ["moves to another namespace", named("two", "a"), false],
    ["gets another name", named("one", "b"), false],
  ] as const)
    it(`deletes ${expected ? "first" : "last"} what ${what}`, () =>
      assert.equal(hasSameName(named("one", "a"), olds), expected));
});

describe("kubernetes stand-in: faults without the API server", () => {
  const type = { apiVersion: "v1", kind: "ConfigMap" };
  const metadata = { name: "a.b-1" };
  const annotated = (key: string, value: string) => ({
    metadata: { ...metadata, annotations: { [`pulumi.com/${key}`]: value } },
  });
  const at = (key: string) => `metadata.annotations["pulumi.com/${key}"]`;
  const cases: readonly (readonly [inputs: Props, ...properties: readonly string[]])[] = [
    [{}],
    [{ metadata: UNKNOWN }],
    [{ metadata: { name: UNKNOWN } }],
    [annotated("waitFor", "condition=Ready")],
    [annotated("timeoutSeconds", "300")],
    [{ kind: "Secret" }, "kind"],
    [{ apiVersion: "v2" }, "apiVersion"],
    [{ status: {} }, "status"],
    [annotated("waitFor", "Ready"), at("waitFor")],
    [annotated("waitFor", '["condition=Ready"'), at("waitFor")],
    [annotated("waitFor", "jsonpath={.status.phase}"), at("waitFor")],
    [annotated("waitFor", "jsonpath={.a[*]}=b"), at("waitFor")],
    [annotated("timeoutSeconds", "5m"), at("timeoutSeconds")],
    ...[undefined, "A", "a_b", "-a", "a.", "", "a".repeat(254)].map(
      (name) => [{ metadata: { name } }, "metadata.name"] as const,
    ),
  ];
  for (const [inputs, ...properties] of cases)
    it(`finds ${properties.join() || "none"} in ${JSON.stringify(inputs).slice(0, 80)}`, () => {
      const faults = validateObject({ ...type, metadata, ...inputs }, type);
      assert.deepEqual(
        faults.map(({ property }) => property),
        properties,
      );
    });

  it("lets roles have their colons", () => {
    const role = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole" };
    assert.deepEqual(validateObject({ ...role, metadata: { name: "system:x" } }, role), []);
  });
});
