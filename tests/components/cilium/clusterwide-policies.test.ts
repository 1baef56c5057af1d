import * as assert from "node:assert/strict";

import { buildClusterwidePolicies } from "../../../components/cilium/clusterwide-policies";
import { platformNamespaces } from "../../../components/namespaces";
import { endpoint, pods, policies, selects } from "./policy-evaluation";

describe("buildClusterwidePolicies", () => {
  it("denies all traffic of every pod with the last policy", () => {
    const last = policies.at(-1);
    assert.equal(last?.name, "platform-default-deny");
    assert.deepEqual([last.spec.ingress, last.spec.egress], [[{}], [{}]]);
    for (const name of Object.keys(pods))
      assert.ok(selects(last.spec.endpointSelector, ...endpoint(name)), name);
  });

  it("does not select Cilium's health endpoints, which are in no namespace", () => {
    for (const { name, spec } of policies)
      assert.equal(selects(spec.endpointSelector, undefined, { "reserved:health": "" }), false, name);
  });

  it("allows nothing for a pod in the apps' namespace, whatever its labels", () => {
    for (const { name, spec } of policies.slice(0, -1))
      for (const [, labels] of Object.values(pods))
        assert.equal(selects(spec.endpointSelector, "production", labels), false, name);
  });

  it("allows something for pods of each namespace of the platform", () => {
    for (const namespace of Object.values(platformNamespaces))
      assert.ok(
        policies
          .slice(0, -1)
          .some(({ spec }) => JSON.stringify(spec.endpointSelector).includes(`"${namespace}"`)),
        `${namespace}: components/cilium/platform-policies.ts has no policy for it`,
      );
  });

  it("gives each policy a unique prefixed name and a description", () => {
    const names = policies.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const name of names) assert.match(name, /^platform-[a-z-]+$/);
    for (const { spec } of policies) assert.match(spec.description, /^\S.{20,}\.$/);
  });

  for (const [acmeServer, ports] of [
    [undefined, ["443"]],
    ["https://ca.example.net/directory", ["443"]],
    ["https://ca.example.net:9000/acme/acme/directory", ["443", "9000"]],
  ] as const)
    it(`allows cert-manager to connect to the port of ${acmeServer ?? "Let's Encrypt"}`, () => {
      const found = buildClusterwidePolicies({ acmeServer }).find(
        ({ name }) => name === "platform-certificates",
      );
      const [rule] = found?.spec.egress ?? [];
      assert.deepEqual(rule?.toPorts, [{ ports: ports.map((port) => ({ port, protocol: "TCP" })) }]);
    });
});
