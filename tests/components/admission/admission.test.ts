import * as assert from "node:assert/strict";

import { Admission } from "../../../components/admission/admission";
import { find, run } from "../../harness";
import { providers } from "../providers";

const args = {
  hosts: ["api.example.com"],
  ingressNamespace: "traefik",
  extraRouteNamespaces: ["monitoring"],
  servedNamespaces: ["shop"],
  classNames: ["traefik"],
};

/** The conditions are evaluated by a real API server: tests/sandbox/admission.test.ts. */
describe("Admission", () => {
  const make = () => run(() => new Admission("admission", args, { providers: providers() }));

  it("binds each policy, which must exist before, to refuse", async () => {
    const { resources } = await make();
    for (const policy of ["platform-issuers", "platform-hosts", "platform-pods", "platform-node-proxy"]) {
      const key = `admission-${policy}`;
      const { inputs } = find(resources, ":ValidatingAdmissionPolicy", key);
      assert.deepEqual(inputs.metadata, { name: policy });
      assert.equal((inputs.spec as { failurePolicy: string }).failurePolicy, "Fail");
      const binding = find(resources, ":ValidatingAdmissionPolicyBinding", `${key}-binding`);
      const { policyName, validationActions } = binding.inputs.spec as Record<string, unknown>;
      assert.deepEqual([policyName, validationActions], [policy, ["Deny"]]);
      assert.ok(binding.dependencies.some((each) => each.endsWith(`ValidatingAdmissionPolicy ${key}`)));
    }
  });

  it("exempts from the policy of hosts the apps' namespaces by their label, and others of the platform by name", async () => {
    const { resources } = await make();
    const { inputs } = find(
      resources,
      ":ValidatingAdmissionPolicyBinding",
      "admission-platform-hosts-binding",
    );
    assert.deepEqual((inputs.spec as { matchResources: unknown }).matchResources, {
      namespaceSelector: {
        matchExpressions: [
          { key: "platform-networking/apps", operator: "DoesNotExist" },
          { key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["traefik", "monitoring"] },
        ],
      },
    });
  });

  it("exempts no namespace from the policy of issuers", async () => {
    const { resources } = await make();
    const key = "admission-platform-issuers-binding";
    const { spec } = find(resources, ":ValidatingAdmissionPolicyBinding", key).inputs;
    assert.equal((spec as { matchResources?: unknown }).matchResources, undefined);
  });
});
