import * as assert from "node:assert/strict";

import { buildClusterwidePolicies } from "../../../components/cilium/clusterwide-policies";
import { platformNamespaces } from "../../../components/namespaces";
import { closedNamespaces, endpoint, pods, policies, selects, specs } from "./policy-evaluation";

describe("buildClusterwidePolicies", () => {
  it("denies all traffic of every pod with the last policy", () => {
    const last = policies.at(-1);
    assert.equal(last?.name, "platform-default-deny");
    const [spec] = last.specs;
    assert.ok(spec);
    assert.deepEqual([spec.ingress, spec.egress], [[{}], [{}]]);
    for (const name of Object.keys(pods)) assert.ok(selects(spec.endpointSelector, ...endpoint(name)), name);
  });

  it("does not select Cilium's health endpoints, which are in no namespace", () => {
    for (const { description, endpointSelector } of specs)
      assert.equal(selects(endpointSelector, undefined, { "reserved:health": "" }), false, description);
  });

  it("allows nothing for a pod in the apps' namespace, whatever its labels", () => {
    for (const { description, endpointSelector } of specs.slice(0, -1))
      for (const [, labels] of Object.values(pods))
        assert.equal(selects(endpointSelector, "production", labels), false, description);
  });

  it("closes the namespaces of the program and Hubble alone without clusterDefaultDeny", () => {
    const own = buildClusterwidePolicies({ closedNamespaces });
    const closing = own.flatMap((each) => each.specs);
    const closed = Object.keys(pods).filter((name) =>
      closing.some(({ endpointSelector }) => selects(endpointSelector, ...endpoint(name))),
    );
    const others = ["coredns", "metrics-server", "prometheus", "another team's", "an app"];
    assert.deepEqual(
      closed,
      Object.keys(pods).filter((name) => !others.includes(name)),
    );
    assert.deepEqual(
      own.map(({ name }) => name),
      [...closedNamespaces, "hubble"].map((each) => `platform-${each}`),
    );
  });

  it("has no policy of a namespace that the program does not use", () =>
    assert.deepEqual(
      buildClusterwidePolicies({ closedNamespaces: ["linkerd"] }).map(({ name }) => name),
      ["platform-linkerd", "platform-hubble"],
    ));

  it("allows something for pods of each namespace of the platform, in one object", () => {
    for (const namespace of [...Object.values(platformNamespaces), ...closedNamespaces]) {
      const policy = policies.find(({ name }) => name === `platform-${namespace}`);
      assert.ok(
        policy && policy.specs.length > 1,
        `${namespace}: components/cilium/platform-policies.ts has no policy for it`,
      );
    }
  });

  it("gives each policy a unique prefixed name and a description", () => {
    const names = policies.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const name of names) assert.match(name, /^platform-[a-z-]+$/);
    for (const { description } of specs) assert.match(description, /^\S.{20,}\.$/);
  });

  const certificates = (acmeServer: string | undefined) =>
    buildClusterwidePolicies({ acmeServer, closedNamespaces: ["cert-manager"] }).flatMap(
      (each) => each.specs,
    )[2]?.egress ?? [];
  for (const [acmeServer, ports] of [
    [undefined, ["443"]],
    ["https://ca.example.net/directory", ["443"]],
    ["https://ca.example.net:9000/acme/acme/directory", ["443", "9000"]],
  ] as const)
    it(`allows cert-manager to connect to the port of ${acmeServer ?? "Let's Encrypt"}`, () => {
      const [rule, challenges, ...rest] = certificates(acmeServer);
      assert.deepEqual(rule?.toPorts, [{ ports: ports.map((port) => ({ port, protocol: "TCP" })) }]);
      assert.deepEqual(challenges?.toCIDRSet, [{ cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] }]);
      assert.ok(!rest.some(({ toEndpoints }) => toEndpoints));
    });

  for (const host of ["ca.step.svc", "ca.step.svc.cluster.local"])
    it(`allows cert-manager to connect to the CA in the cluster at ${host}`, () =>
      assert.ok(certificates(`https://${host}/acme/directory`).some(({ toEndpoints }) => toEndpoints)));

  for (const [prometheus, port] of [
    ["http://10.0.5.3:9090", "9090"],
    ["https://prometheus.example.net", "443"],
    ["http://prometheus.example.net/", "80"],
  ] as const)
    it(`allows viz to connect to ${prometheus}`, () => {
      const viz = buildClusterwidePolicies({ prometheus, closedNamespaces: ["linkerd-viz"] });
      const rules = viz.flatMap((each) => each.specs).flatMap(({ egress = [] }) => egress);
      const found = rules.filter(({ toEntities }) => toEntities?.includes("world"));
      assert.deepEqual(found, [{ toEntities: ["world"], toPorts: [{ ports: [{ port, protocol: "TCP" }] }] }]);
    });
});
