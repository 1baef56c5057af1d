import * as assert from "node:assert/strict";

import { buildClusterwidePolicies } from "../../../components/cilium/clusterwide-policies";
import { endpoint, pods, policies, selects } from "./reach";

describe("clusterwidePolicies", () => {
  it("closes every pod both ways with the last policy, and with that alone nothing passes", () => {
    const last = policies.at(-1);
    assert.equal(last?.name, "platform-default-deny");
    assert.deepEqual([last.spec.ingress, last.spec.egress], [[{}], [{}]]);
    for (const name of Object.keys(pods))
      assert.ok(selects(last.spec.endpointSelector, ...endpoint(name)), name);
  });

  it("leaves Cilium's own health endpoints alone, which are in no namespace", () => {
    for (const { name, spec } of policies)
      assert.equal(selects(spec.endpointSelector, undefined, { "reserved:health": "" }), false, name);
  });

  it("opens nothing for a pod in the apps' namespace, whatever its labels", () => {
    for (const { name, spec } of policies.slice(0, -1))
      for (const [, labels] of Object.values(pods))
        assert.equal(selects(spec.endpointSelector, "production", labels), false, name);
  });

  it("gives each policy a name of its own that says whose it is, and a reason", () => {
    const names = policies.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const name of names) assert.match(name, /^platform-[a-z-]+$/);
    for (const { spec } of policies) assert.match(spec.description, /^\S.{20,}\.$/);
  });

  it("writes no rule that opens everything by mistake: each names its peers", () => {
    for (const { name, spec } of policies.slice(0, -1)) {
      assert.ok((spec.ingress ?? spec.egress ?? []).length > 0, name);
      for (const rule of spec.ingress ?? []) assert.ok(rule.fromEndpoints ?? rule.fromEntities, name);
      for (const rule of spec.egress ?? []) assert.ok(rule.toEndpoints ?? rule.toEntities, name);
    }
  });

  for (const [acmeServer, ports] of [
    [undefined, ["443"]],
    ["https://ca.example.net/directory", ["443"]],
    ["https://ca.example.net:9000/acme/acme/directory", ["443", "9000"]],
  ] as const)
    it(`lets cert-manager reach the port of ${acmeServer ?? "Let's Encrypt"}`, () => {
      const found = buildClusterwidePolicies({ acmeServer }).find(
        ({ name }) => name === "platform-certificates",
      );
      const [rule] = found?.spec.egress ?? [];
      assert.deepEqual(rule?.toPorts, [{ ports: ports.map((port) => ({ port, protocol: "TCP" })) }]);
    });

  it("opens what any pod needs in every namespace where there are no apps", () => {
    const [lifelines] = buildClusterwidePolicies({});
    assert.equal(selects(lifelines?.spec.endpointSelector ?? {}, "production"), true);
  });
});
